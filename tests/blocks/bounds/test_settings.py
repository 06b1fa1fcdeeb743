"""The bounds' settings and their block."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from blocks.bounds.block import SenseBounds
from blocks.bounds.bounds import Bounds
from blocks.bounds.settings import SenseSettings


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Bounds.model_fields:
        monkeypatch.delenv(f"SENSE_{field.upper()}", raising=False)


def test_without_settings_each_bound_has_its_default() -> None:
    assert SenseSettings().model_dump() == Bounds().model_dump()


@pytest.mark.parametrize("field", [name for name in Bounds.model_fields if name != "e_invoice"])
def test_each_bound_is_set_by_its_variable(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SENSE_{field.upper()}", "7")

    assert SenseSettings().to_block().model_dump()[field] == 7


def test_the_checks_for_e_invoices_can_be_switched_off(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SENSE_E_INVOICE=false\n")

    assert SenseSettings().to_block().e_invoice is False


@pytest.mark.parametrize("value", ["-1", "1.5", "10.000,00", "many"])
def test_a_bound_that_is_no_whole_number_is_named(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENSE_INVOICE_NET_EUR", value)

    with pytest.raises(ValidationError, match="SENSE_INVOICE_NET_EUR"):
        SenseSettings()


def test_the_block_is_called_as_operators_look_for_it() -> None:
    assert SenseBounds.get_block_type_name() == "SenseBounds"
    assert SenseBounds.get_block_type_slug() == "sensebounds"
