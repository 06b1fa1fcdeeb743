"""What a preview takes in: it answers as the ledger would, and the ledger stays as it is."""

import random
from dataclasses import asdict
from typing import Any

import pytest

from blocks.ledger.errors import AlreadyBilled, LedgerError
from blocks.ledger.ledger import Ledger
from blocks.ledger.preview import PreviewLedger
from blocks.ledger.records import BilledLine, Export, TakenIn
from tests.blocks.ledger.conftest import digest_of, open_account, service_lines, why

MONTHS = ("2026-09", "2026-10")
LINES = sorted(service_lines("S1", "S2", "S3", "S4", "S5", "S6"))
ITS_OWN = ("id", "account", "created_at", "updated_at")


def at_random(rng: random.Random) -> tuple[str, str, int, TakenIn]:
    """A key, and a document with some of the lines."""
    taken = TakenIn(
        document_id=rng.randint(1, 99),
        document_edited_at=None,
        lines={line: digest_of(line.service_id) for line in rng.sample(LINES, rng.choice([1, 2]))},
        line_count=1,
        net_cents=rng.randint(0, 999),
        gross_cents=0,
        reason=rng.choice([None, None, why("unclear")]),
    )
    return rng.choice(MONTHS), rng.choice(["K1", "K2"]), rng.choice([1, 2]), taken


def answered(ledger: Ledger, key_and_document: tuple[str, str, int, TakenIn]) -> object:
    try:
        return told(ledger.take_in(*key_and_document, flow_run_id="run-1"))
    except LedgerError as error:
        return type(error), str(error)


def told(export: Export) -> dict[str, Any]:
    return {name: value for name, value in asdict(export).items() if name not in ITS_OWN}


def held(claims: dict[BilledLine, Any]) -> dict[BilledLine, Any]:
    return {line: (told(claim.export), claim.line_sha256) for line, claim in claims.items()}


def all_of(ledger: Ledger) -> list[object]:
    exports = [export for month in MONTHS for export in ledger.exports(month)]
    return [
        *((told(export), ledger.lines_of(export)) for export in exports),
        *(held(ledger.claims_of(month)) for month in MONTHS),
        held(ledger.billed_lines(LINES)),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_a_preview_answers_as_the_ledger_would_and_writes_nothing(
    ledger_url: str, ledger: Ledger, seed: int
) -> None:
    rng, same = random.Random(seed), open_account(ledger_url)
    for document in [at_random(rng) for _ in range(seed % 4)]:
        assert answered(ledger, document) == answered(same, document)
    before, preview = all_of(same), same.seen_as(PreviewLedger)
    refused = 0
    for document in [at_random(rng) for _ in range(12)]:
        answer = answered(ledger, document)
        assert answered(preview, document) == answer
        assert all_of(preview) == all_of(ledger)
        refused += isinstance(answer, tuple) and answer[0] is AlreadyBilled
    assert refused
    assert all_of(same) == before
