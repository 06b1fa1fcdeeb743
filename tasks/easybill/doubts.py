"""What became of a call whose answer is lost, and of a conflict: a look into easybill tells."""

from collections.abc import Sequence
from dataclasses import dataclass

from blocks.easybill.client import EasybillClient
from blocks.easybill.models import Document
from blocks.ledger.ledger import UNCHANGED, Export, Ledger
from blocks.ledger.protocol import transition_of
from blocks.ledger.states import Event, Pending
from tasks.billing.issue import IssueCode
from tasks.easybill.draft_status import (
    external_id_of,
    is_untouched,
    issue_about,
    other_cents,
    says_our_cents,
    says_what_was_planned,
    upload_name_of,
)
from tasks.easybill.lookup import EasybillLookup
from tasks.easybill.objects import read_draft, remove_file
from tasks.plan.kept_issue import reason_of
from tasks.run.gate import Gate


@dataclass(frozen=True, slots=True)
class Doubts:
    """Looks into easybill, and writes what was found into the ledger."""

    ledger: Ledger
    client: EasybillClient
    lookup: EasybillLookup
    gate: Gate | None = None

    def look_up(self, export: Export) -> Export:
        """Find out what the call did whose answer is lost."""
        if export.pending == Pending.UPLOAD:
            return self._look_for_file(export)
        found = self.lookup.documents(external_id_of(export))
        if not (found and export.pending == Pending.DRAFT) and self._had_to_wait(export):
            self.lookup.outdate()
            found = self.lookup.documents(external_id_of(export))
        match export.pending:
            case Pending.UPDATE:
                return self._look_at_update(export)
            case Pending.DRAFT if found:
                return self.adopt(export, found)
            case Pending.DRAFT:
                return self.ledger.advance(export, Event.NO_DRAFT_FOUND)
            case Pending.DELETE if not found:
                return self.forget(export, Event.DRAFT_GONE)
        # Linking again changes nothing if it was linked before.
        event = Event.DRAFT_STILL_THERE if found else Event.DRAFT_GONE
        return self.ledger.advance(export, event, reason=None)

    def _had_to_wait(self, export: Export) -> bool:
        """Whether a lost answer of this run was too young for a look to prove anything."""
        return self.gate is not None and self.gate.wait_out_doubt(export.customer_number)

    def reconsider(self, export: Export) -> Export:
        """End a conflict whose document is gone, or says the right cents by now."""
        found = self.lookup.documents(external_id_of(export))
        return self.adopt(export, found) if found else self.forget(export, Event.DRAFT_GONE)

    def adopt(self, export: Export, found: Sequence[Document]) -> Export:
        """Take the document that has our external id for ours, if it says our cents."""
        if len(found) > 1:
            ids = [str(document.id) for document in found]
            issue = issue_about(export, IssueCode.DOCUMENTS_DUPLICATED, ids=ids)
            return self.ledger.advance(export, Event.SEVERAL_FOUND, reason=reason_of(issue))
        (document,) = found
        # Somebody may have edited it since we wrote it; what we create has one time twice.
        is_known = export.document_id == document.id
        edited_at = export.document_edited_at if is_known else document.created_at
        agreed, file_id = says_our_cents(export, document), _our_file(export, document)
        if not agreed:
            event = Event.OTHER_CENTS_FOUND
        else:
            event = Event.DRAFT_FOUND if file_id is None else Event.DRAFT_AND_FILE_FOUND
        return self.ledger.advance(
            export,
            event,
            document_id=document.id,
            document_edited_at=edited_at,
            attachment_id=file_id if agreed and file_id else export.attachment_id,
            reason=None if agreed else reason_of(other_cents(export, document)),
        )

    def forget(self, export: Export, event: Event) -> Export:
        """Remove the files of an export that has no draft any more, and free its lines."""
        # Before its files are removed.
        transition_of(export, event)
        for attachment_id in (export.attachment_id, export.replaced_attachment_id):
            if attachment_id is not None:
                remove_file(self.client, attachment_id)
        # A withdrawal that is done did not fail; a draft that is gone by itself keeps its reason.
        reason = UNCHANGED if export.pending is None else None
        return self.ledger.advance(export, event, reason=reason)

    def _look_for_file(self, export: Export) -> Export:
        found = self.lookup.attachments(upload_name_of(export))
        waiting = [attachment.id for attachment in found if attachment.document_id is None]
        attachment_id = next(iter(waiting), None)
        return self.ledger.advance(export, Event.FILE_LOOKED_UP, attachment_id=attachment_id)

    def _look_at_update(self, export: Export) -> Export:
        """Whether the draft is as it was, or says what the update was to bring."""
        document = read_draft(self.client, export)
        if document is not None and (
            is_untouched(export, document) or says_what_was_planned(export, document)
        ):
            return self.ledger.advance(
                export, Event.DRAFT_STILL_OURS, document_edited_at=document.edited_at
            )
        reason = reason_of(issue_about(export, IssueCode.DRAFT_EDITED))
        return self.ledger.advance(export, Event.DRAFT_EDITED, reason=reason)


def _our_file(export: Export, document: Document) -> int | None:
    """The file that was sent for what the document says, where it is linked to it."""
    attached = document.attachment_ids
    if export.update_planned or not attached:
        return None
    if export.attachment_id is None:
        return attached[0]
    return export.attachment_id if export.attachment_id in attached else None
