"""What is raised for a document that is not as the caller left it."""

from blocks.easybill.errors import NotSent
from blocks.easybill.models import Document


class Touched(NotSent):
    """The document is not as the caller left it, so it was neither changed nor deleted."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.document = document

    def __str__(self) -> str:
        what = "is still a draft" if self.document.is_draft else "is finalised"
        return (
            f"document {self.document.id} was edited meanwhile ({what}), so it was left as it is; "
            "look at it in easybill"
        )
