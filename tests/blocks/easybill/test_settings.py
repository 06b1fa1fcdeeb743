from pathlib import Path

import pytest
from pydantic import ValidationError

from blocks.easybill.settings import EasybillSettings, explain
from tests.blocks.easybill.wire import KEY


@pytest.fixture(autouse=True)
def _an_empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in EasybillSettings.model_fields.values():
        monkeypatch.delenv(str(variable.validation_alias), raising=False)


def test_the_block_is_made_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "EASYBILL_API_KEY": KEY,
        "EASYBILL_BASE_URL": "http://127.0.0.1:8900/rest/v1/",
        "EASYBILL_REQUESTS_PER_MINUTE": "60",
        "EASYBILL_ACCOUNT": "test",
        "EASYBILL_CREATE_CUSTOMERS": "true",
        "EASYBILL_CSV_PRICE_BASIS": "net",
        "EASYBILL_CANCELLATION_FEE_LABEL": "Storno: ",
        "EASYBILL_DOCUMENT_URL": "https://app.example.com/documents/{document_id}",
    }
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    account = EasybillSettings().to_block()
    assert account.api_key.get_secret_value() == KEY
    assert account.base_url == "http://127.0.0.1:8900/rest/v1"
    assert (account.requests_per_minute, account.account) == (60, "test")
    assert (account.create_customers, account.csv_price_basis) == (True, "net")
    assert account.cancellation_fee_label == "Storno: "
    assert account.link_to(17) == "https://app.example.com/documents/17"


def test_the_block_is_made_from_a_dotenv_file_with_other_settings_in_it() -> None:
    Path(".env").write_text(f"EASYBILL_API_KEY={KEY}\nOMS_DATABASE_URL=x\nEASYBILL_ACCOUNT=\n")
    account = EasybillSettings().to_block()
    assert account.api_key.get_secret_value() == KEY
    assert (account.account, account.requests_per_minute) == ("main", 10)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ValidationError) as raised:
        EasybillSettings()
    assert explain(raised.value) == (
        "EASYBILL_API_KEY is missing: set it in the environment or in .env."
    )


def test_every_wrong_variable_is_named_and_no_value_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EASYBILL_API_KEY", f"{KEY} {KEY}")
    monkeypatch.setenv("EASYBILL_BASE_URL", "somewhere")
    monkeypatch.setenv("EASYBILL_REQUESTS_PER_MINUTE", "many")
    with pytest.raises(ValidationError) as raised:
        EasybillSettings()
    explained = explain(raised.value)
    for variable in ("EASYBILL_API_KEY", "EASYBILL_BASE_URL", "EASYBILL_REQUESTS_PER_MINUTE"):
        assert f"{variable} cannot be used: " in explained
    assert KEY not in f"{explained} {raised.value}"
    assert "somewhere" not in explained
