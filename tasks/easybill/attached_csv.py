"""The CSV of ours that is attached to a document: it names the services that were sent with it."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound
from blocks.easybill.layout import Layout, LayoutError, Lines
from blocks.easybill.models import Attachment, Document
from blocks.ledger.ledger import BilledLine, Export
from tasks.billing.money import EXACT, nearest_net_unit_price
from tasks.easybill.billed_by import CsvLine
from tasks.easybill.csv_file import is_upload_of
from tasks.easybill.csv_rows import PriceBasis, money_of, title_of
from tasks.easybill.held_content import item, normalised
from tasks.easybill.layouts import known_layouts
from tasks.easybill.lookup import EasybillLookup
from tasks.run.connections import Connections


class AttachedCsv:
    """The newest file of ours on a document; read from easybill when it is first needed."""

    def __init__(
        self,
        client: EasybillClient,
        price_basis: PriceBasis,
        layouts: Iterable[Layout],
        attachment: Attachment | None,
    ) -> None:
        self.attachment = attachment
        self.sha256: str | None = None
        self.layout: Layout | None = None
        self._client = client
        self._price_basis = price_basis
        self._layouts = layouts

    def lines(self) -> list[CsvLine] | None:
        """Its rows, in the first of the layouts that reads it. Raises EasybillError.

        None where there is no file, none that can be read, or one that does not name services.
        """
        if self.attachment is None:
            return None
        try:
            content = self._client.read_attachment(self.attachment.id)
        except NotFound:
            return None
        found = self._read(content)
        if found is None:
            return None
        self.sha256 = sha256(content).hexdigest()
        self.layout, lines = found
        return list(self._named(lines)) if self.layout.names_lines else None

    def _read(self, content: bytes) -> tuple[Layout, Lines] | None:
        for layout in self._layouts:
            try:
                return layout, layout.read(content)
            except LayoutError:
                continue
        return None

    def _named(self, lines: Lines) -> Iterator[CsvLine]:
        money = money_of(lines, self._price_basis, net_of=nearest_net_unit_price)
        codes = lines.get("service_code") or [""] * len(lines["quantity"])
        for place, (quantity, net, vat_percent) in enumerate(money):
            yield CsvLine(
                BilledLine(lines["service_id"][place], lines["kind"][place]),
                item(codes[place], quantity, net.scaleb(2, EXACT), vat_percent),
                normalised(title_of(lines, place)),
            )


def find_attached_csv(
    client: EasybillClient,
    connections: Connections,
    lookup: EasybillLookup,
    document: Document,
    customer_key: tuple[str, str],
    export: Export | None = None,
) -> AttachedCsv:
    """The file on the document that has a name of ours; `customer_key` is month and customer.

    Read in the layout of the export, where there is one, or else in one that is known.
    """
    ours = [
        attachment
        for attachment in lookup.all_attachments()
        if attachment.document_id == document.id
        and is_upload_of(attachment.file_name, *customer_key)
    ]
    newest = max(ours, key=lambda attachment: attachment.id, default=None)
    basis = connections.account.csv_price_basis
    return AttachedCsv(client, basis, known_layouts(connections, export), newest)
