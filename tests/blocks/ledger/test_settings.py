"""The ledger's settings and its block."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from blocks.ledger.block import InvoiceLedger
from blocks.ledger.settings import LedgerSettings


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEDGER_DATABASE_URL", raising=False)
    monkeypatch.delenv("EXPORT_DIR", raising=False)


def test_without_settings_the_ledger_is_a_file_beside_the_exports() -> None:
    block = LedgerSettings().to_block()

    assert block.database_url.get_secret_value() == "sqlite:///ledger.db"
    assert block.export_dir == "exports"


def test_settings_come_from_the_environment_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "LEDGER_DATABASE_URL=sqlite:///from_file.db\nEXPORT_DIR=from_file\nOMS_TIMEZONE=UTC\n"
    )
    monkeypatch.setenv("LEDGER_DATABASE_URL", "sqlite:///from_environment.db")
    block = LedgerSettings().to_block()

    assert block.database_url.get_secret_value() == "sqlite:///from_environment.db"
    assert block.export_dir == "from_file"


@pytest.mark.parametrize(
    "url", ["", "hush", "mysql+pymysql://root:hush@db/ledger", "postgresql://u:hush@host:port/db"]
)
def test_a_bad_url_is_named_without_its_value(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_DATABASE_URL", url)

    with pytest.raises(ValidationError, match="LEDGER_DATABASE_URL") as refused:
        LedgerSettings()
    assert "PostgreSQL" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_an_empty_export_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORT_DIR", "")

    with pytest.raises(ValidationError, match="EXPORT_DIR"):
        LedgerSettings()


@pytest.mark.parametrize(("month", "is_good"), [("2026-11", True), ("", True), ("11/26", False)])
def test_the_first_month_is_written_as_a_month(
    month: str, is_good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICING_FROM", month)
    with nullcontext() if is_good else pytest.raises(ValidationError, match="INVOICING_FROM"):
        assert LedgerSettings().to_block().invoicing_from == month


def test_the_block_is_called_as_operators_look_for_it() -> None:
    assert InvoiceLedger.get_block_type_name() == "InvoiceLedger"
    assert InvoiceLedger.get_block_type_slug() == "invoiceledger"


def test_the_block_shows_no_password() -> None:
    block = InvoiceLedger(database_url=SecretStr("postgresql://clerk:hush@db/ledger"))

    assert "hush" not in repr(block)
    assert "hush" not in block.model_dump_json()
