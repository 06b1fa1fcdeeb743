"""The reference of all settings, and what holds for every one of them."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from blocks.register import SETTINGS, Settings
from tests.pages.settings import reference
from tests.shared import ROOT

NAMES = {
    str(field.validation_alias): f"{block_name}.{name}"
    for block_name, settings in SETTINGS.items()
    for name, field in settings.model_fields.items()
}
REQUIRED = {"OMS_DATABASE_URL": "sqlite:///oms.db", "EASYBILL_API_KEY": "key"}
EVERY_KIND = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


@pytest.fixture(autouse=True)
def _an_environment_with_no_more_than_is_required(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    "row",
    [
        "| `OMS_DATABASE_URL` | text | must be set |",
        "| `EASYBILL_CSV_PRICE_BASIS` | `gross` or `net` | `gross` |",
        "| `EASYBILL_DOCUMENT_URL` | text | none |",
        "| `LEDGER_DATABASE_URL` | text | `sqlite:///ledger.db` |",
        "| `SENSE_USUAL_MONTHS` | whole number, 1 to 12 | `3` |",
        "| `SENSE_E_INVOICE` | `true` or `false` | `true` |",
    ],
)
def test_a_setting_is_in_the_reference_with_its_type_and_default(row: str) -> None:
    assert row in reference()


def test_the_secret_settings_are_called_secret() -> None:
    rows = [line.split(" | ") for line in reference().splitlines() if line.startswith("| `")]
    secret = {row[0].strip("|` ") for row in rows if row[4] == "yes"}
    assert secret == {"OMS_DATABASE_URL", "EASYBILL_API_KEY", "LEDGER_DATABASE_URL"}


@pytest.mark.parametrize("file", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))])
def test_every_setting_that_the_documentation_names_is_one(file: Path) -> None:
    named = re.findall(
        r"\b(?:(?:OMS|EASYBILL|LEDGER|SENSE)_[A-Z_]+[A-Z]|EXPORT_DIR)\b", file.read_text()
    )
    assert set(named) <= NAMES.keys()


@EVERY_KIND
def test_every_field_says_what_it_is_for(settings: type[Settings]) -> None:
    assert all(field.description for field in settings.model_fields.values())


@EVERY_KIND
def test_a_block_has_the_fields_of_its_settings(settings: type[Settings]) -> None:
    block = type(settings().to_block())
    assert block.model_fields.keys() == settings.model_fields.keys()
    form = block.model_json_schema()["properties"]
    for name, field in settings.model_fields.items():
        assert form[name]["description"] == field.description


@EVERY_KIND
def test_a_variable_with_the_name_of_a_field_is_no_setting(
    settings: type[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Many machines have a DATABASE_URL or a TIMEZONE that is meant for something else.
    before = settings().to_block().model_dump()
    for name in {name for name in settings.model_fields if name.upper() not in NAMES}:
        monkeypatch.setenv(name.upper(), "1")
    assert settings().to_block().model_dump() == before


def test_a_block_holds_what_its_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_SERVICES_RELATION", "billing.services")
    monkeypatch.setenv("OMS_CUSTOMERS_RELATION", "billing.customers")
    oms = SETTINGS["oms"]().to_block().model_dump()
    assert oms["url"] == SecretStr("sqlite:///oms.db")
    assert (oms["services_relation"], oms["customers_relation"]) == (
        "billing.services",
        "billing.customers",
    )
