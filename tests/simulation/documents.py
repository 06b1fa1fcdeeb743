"""What easybill keeps in a story: documents, files, and what the accountant did to them."""

from dataclasses import dataclass, field

from blocks.easybill.models import Attachment
from tests.simulation.steps import AccountantAct


@dataclass(slots=True)
class SimDocument:
    """A document; `ours` is what we last wrote, `touched` what the accountant did to it since."""

    id: int
    body: dict[str, object]
    ours: dict[str, object]
    created_at: str
    edited_at: str
    is_draft: bool = True
    cancel_id: int | None = None
    cents_off: int = 0
    touched: list["Touch"] = field(default_factory=list)

    @property
    def external_id(self) -> str:
        return str(self.body.get("external_id"))


@dataclass(frozen=True, slots=True)
class Touch:
    """What the accountant did to a document, and whether its answer shows it at all."""

    at: float
    act: AccountantAct
    shows: bool


@dataclass(slots=True)
class SimAttachment:
    """An uploaded file."""

    id: int
    file_name: str
    content: bytes
    created_at_s: float = 0.0
    document_id: int | None = None

    def view(self) -> Attachment:
        return Attachment(id=self.id, file_name=self.file_name, document_id=self.document_id)
