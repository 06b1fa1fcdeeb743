"""Worlds in which the release before left the rows of the given cases."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from pydantic import SecretStr

from blocks.easybill.client import EasybillClient
from blocks.easybill.limiter import RequestLimiter
from blocks.easybill.models import Document
from blocks.ledger.ledger import BilledLine
from blocks.oms.block import OmsDatabase
from tasks.billing.digest import line_digest
from tasks.billing.invoice import Invoice
from tasks.easybill.billed_content import digest_of_first_release
from tasks.easybill.csv_file import CsvFile, upload_name
from tasks.easybill.draft import draft_document
from tasks.load.load_services import load_services
from tests.built import build_csv
from tests.flows.old_ledger import OldRow
from tests.flows.old_rows import Case
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

EARLIER, BY_SOMEBODY = "2026-11-02 08:00:00", "2026-11-03 09:00:00"
LABEL = "Stornogebühr: "


@dataclass(frozen=True, slots=True)
class Scene:
    """A customer in front of a case: the hands that let easybill and the disk be as it says."""

    world: World
    client: EasybillClient
    customer_id: int
    planned: Invoice
    before: Invoice

    def row(self, case: Case) -> OldRow:
        """Let easybill have what the case says, and answer a row that knows what it says."""
        documents = self._documents(case)
        document = documents[0] if documents else None
        was_delivered = (case.state, case.draft) == ("delivered", "before")
        billed = self.before if was_delivered else self.planned
        csv = self._csv(billed)
        known: dict[str, object] = {}
        if "f" in case.knows or case.file != "none":
            file_id = self._upload(csv, document if case.file == "linked" else None)
            known |= {"attachment_id": file_id} if "f" in case.knows else {}
            if case.file in {"gone", "none"}:
                self.client.delete_attachment(file_id)
        if "r" in case.knows:
            earlier = self._csv(self.before, "earlier")
            known["replaced_attachment_id"] = self._upload(earlier, document)
        if "d" in case.knows and document is not None:
            edited_at = EARLIER if case.draft == "updated" else document.edited_at
            known |= {"document_id": document.id, "document_edited_at": edited_at}
        if "s" in case.knows:
            known["content_sha256"] = digest_of_first_release(billed)
        if case.draft == "gone" and document is not None:
            self.world.easybill.delete(document.id)
        if case.draft in {"retitled", "repriced"} and document is not None:
            self.world.easybill.stamp(document.id, BY_SOMEBODY)
        return self._row(case, billed, csv, known)

    def _documents(self, case: Case) -> list[Document]:
        says = self.before if case.draft in {"before", "repriced"} else self.planned
        times = {"none": 0, "twice": 2}.get(case.draft, 1)
        body = draft_document(says, self.customer_id)
        return [self.client.create_draft(body) for _ in range(times)]

    def _csv(self, invoice: Invoice, folder: str = MONTH) -> CsvFile:
        return build_csv(invoice, self.world.export_dir / folder)

    def _upload(self, csv: CsvFile, document: Document | None) -> int:
        name = upload_name(MONTH, csv.customer_number, csv.sha256)
        file_id = self.client.upload_attachment(name, Path(csv.path).read_bytes()).id
        if document is not None:
            self.client.link_attachment(file_id, document.id)
        return file_id

    def _row(
        self, case: Case, billed: Invoice, csv: CsvFile, known: Mapping[str, object]
    ) -> OldRow:
        columns = {
            "account": "main",
            "month": MONTH,
            "customer_number": csv.customer_number,
            "sequence": 1,
            "state": case.state,
            "csv_sha256": csv.sha256,
            "csv_path": csv.path,
            "line_count": csv.line_count,
            "net_cents": csv.net_cents,
            "gross_cents": csv.gross_cents,
            "attempts": 1,
            "error": case.error,
            **known,
        }
        if not case.knows:
            nothing = {"csv_sha256": None, "csv_path": None, "line_count": 0}
            columns |= {**nothing, "net_cents": 0, "gross_cents": 0}
        lines = {BilledLine(*line.key): line_digest(line) for line in billed.lines}
        return OldRow(columns, lines if case.knows and case.state != "withdrawn" else {})


@contextmanager
def a_client(world: World) -> Iterator[EasybillClient]:
    key = SecretStr(world.easybill.api_key)
    limiter = RequestLimiter.in_memory(1_000_000)
    with EasybillClient(key, world.easybill.base_url, limiter=limiter) as client:
        yield client


def fill(world: World, cases: Sequence[Case]) -> list[OldRow]:
    """One customer per case, with a service in the OMS; the rows of their exports."""
    numbers = [f"K{place:02}" for place in range(len(cases))]
    for number in numbers:
        world.add_customer(number, in_easybill=False)
        world.add_service(f"S-{number}", number)
    known = world.easybill.add_customers({"number": n, "company_name": "GmbH"} for n in numbers)
    loaded = load_services(OmsDatabase(url=SecretStr(world.oms_url)), OCTOBER, LABEL)
    rows = []
    with a_client(world) as client:
        for number, case, customer in zip(numbers, cases, known, strict=True):
            (line,) = loaded.lines[number]
            cheaper = replace(line, unit_price_net=Decimal("50.00"))
            planned, before = (
                Invoice.of(OCTOBER, loaded.customers[number], [each]) for each in (line, cheaper)
            )
            rows.append(Scene(world, client, customer["id"], planned, before).row(case))
    return rows
