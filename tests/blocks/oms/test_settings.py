from pathlib import Path

import pytest
from pydantic import ValidationError

from blocks.oms.settings import OmsSettings


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("OMS_DATABASE_URL", "OMS_TIMEZONE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_DATABASE_URL", "postgresql://u:s3cret@host/oms")
    monkeypatch.setenv("OMS_TIMEZONE", "UTC")
    settings = OmsSettings()
    block = settings.to_block()
    assert block.url.get_secret_value() == "postgresql://u:s3cret@host/oms"
    assert block.timezone == "UTC"
    assert block.services_relation == "invoicing_services"
    assert "s3cret" not in repr(settings)


def test_settings_come_from_a_file_with_other_settings_beside(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OMS_DATABASE_URL=sqlite:///oms.db\nEASYBILL_ACCOUNT=main\n")
    block = OmsSettings().to_block()
    assert block.url.get_secret_value() == "sqlite:///oms.db"
    assert block.timezone == "Europe/Berlin"


def test_a_missing_url_is_named() -> None:
    with pytest.raises(ValidationError, match="OMS_DATABASE_URL"):
        OmsSettings()


def test_an_empty_url_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_DATABASE_URL", "")
    with pytest.raises(ValidationError, match="OMS_DATABASE_URL"):
        OmsSettings()


def test_an_unknown_time_zone_is_named_without_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_DATABASE_URL", "postgresql://u:s3cret@host/oms")
    monkeypatch.setenv("OMS_TIMEZONE", "Mars/Base")
    with pytest.raises(ValidationError, match="OMS_TIMEZONE") as caught:
        OmsSettings()
    assert "s3cret" not in str(caught.value)
