"""What became of a call whose answer is lost, and of a conflict: a look into easybill tells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blocks.easybill.client import EasybillClient
from blocks.easybill.models import Document
from blocks.ledger.ledger import UNCHANGED, Export, Ledger
from blocks.ledger.planned_update import may_be_given_up, sha256_before, update_of
from blocks.ledger.protocol import transition_of
from blocks.ledger.states import Event, ExportState, Pending
from tasks.billing.issue import Issue, IssueCode
from tasks.easybill.draft_status import (
    external_id_of,
    is_untouched,
    issue_about,
    other_cents,
    says_our_cents,
    says_what_an_older_release_planned,
    upload_name_of,
    was_edited_with,
)
from tasks.easybill.held_content import content_of, names_of, priced
from tasks.easybill.lookup import EasybillLookup
from tasks.easybill.objects import read_draft, remove_file
from tasks.plan.kept_issue import reason_of
from tasks.run.gate import Gate

# What no look into easybill can settle.
FOR_A_PERSON = frozenset({IssueCode.FINALISED_OVERWRITTEN})


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
        found = self.lookup.sent_documents(external_id_of(export))
        if not (found and export.pending == Pending.DRAFT) and self._had_doubt(export):
            self.lookup.outdate()
            found = self.lookup.sent_documents(external_id_of(export))
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

    def _had_doubt(self, export: Export) -> bool:
        """Whether a write of this run, over by now, may have taken effect after the look."""
        return self.gate is not None and self.gate.wait_out_doubt(export.customer_number)

    def reconsider(self, export: Export) -> Export:
        """End a conflict whose document is gone, or is as it was to be by now."""
        found = self.lookup.sent_documents(external_id_of(export))
        if not found:
            return self.forget(export, Event.DRAFT_GONE)
        if export.csv_sha256 is None or export.reason_code in FOR_A_PERSON:
            return export
        if update_of(export) is not None:
            return self._look_at_update(export)
        return self.adopt(export, found)

    def adopt(self, export: Export, found: Sequence[Document]) -> Export:
        """Take the document that has our external id for ours, if it holds what we sent."""
        if len(found) > 1:
            ids = [str(document.id) for document in found]
            issue = issue_about(export, IssueCode.DOCUMENTS_DUPLICATED, ids=ids)
            return self.ledger.advance(export, Event.SEVERAL_FOUND, reason=reason_of(issue))
        (document,) = found
        # Somebody may have edited it since we wrote it; what we create has one time twice.
        is_known = export.document_id == document.id
        edited_at = export.document_edited_at if is_known else document.created_at
        file_id = _our_file(export, document)
        event, disagreement = _disagreement(export, document, is_known=is_known)
        if disagreement is None and file_id is not None:
            event = Event.DRAFT_AND_FILE_FOUND
        return self.ledger.advance(
            export,
            event,
            # What holds something else is not ours, whatever its external id says.
            document_id=UNCHANGED if event is Event.OTHER_CONTENT_FOUND else document.id,
            document_edited_at=edited_at,
            attachment_id=export.attachment_id if disagreement or file_id is None else file_id,
            reason=None if disagreement is None else reason_of(disagreement),
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
        # Each of several runs that died may have left one.
        for further_id in waiting[1:]:
            remove_file(self.client, further_id)
        attachment_id = next(iter(waiting), None)
        return self.ledger.advance(export, Event.FILE_LOOKED_UP, attachment_id=attachment_id)

    def _look_at_update(self, export: Export) -> Export:
        """Whether the update is in the draft, or is not, or a person has to say."""
        document = read_draft(self.client, export)
        if document is not None:
            content, untouched = content_of(document), is_untouched(export, document)
            is_done = export.state == ExportState.CONFLICT or not untouched
            if is_done and content.texts_sha256 == export.texts_sha256:
                return self._update_found(export, document)
            if untouched or says_what_an_older_release_planned(export, document):
                edited_at = document.edited_at
                return self.ledger.advance(
                    export, Event.DRAFT_STILL_OURS, document_edited_at=edited_at
                )
            if content.document_sha256 != sha256_before(export):
                return self._still_disputed(export)
        return self.give_up_update(export)

    def _update_found(self, export: Export, document: Document) -> Export:
        if not says_our_cents(export, document):
            return self._still_disputed(export, other_cents(export, document))
        # Later edits are the accountant's, also where they do not show in the positions.
        is_ours = document.is_draft and was_edited_with(export, document)
        edited_at = document.edited_at if is_ours else export.document_edited_at
        return self.ledger.advance(
            export, Event.UPDATE_FOUND, document_edited_at=edited_at, reason=None
        )

    def give_up_update(self, export: Export) -> Export:
        """Leave the draft as the accountant has it; what the update was to add is free again.

        Where an older release planned it, nobody knows what the draft held: a conflict.
        """
        if not may_be_given_up(export):
            return self._still_disputed(export)
        has_new_file = export.replaced_attachment_id is not None
        if has_new_file and export.attachment_id is not None and not self._is_linked(export):
            remove_file(self.client, export.attachment_id)
        return self.ledger.advance(export, Event.UPDATE_GIVEN_UP, reason=None)

    def _is_linked(self, export: Export) -> bool:
        """Whether the update's file is on the draft: an older ledger does not know of that."""
        found = self.lookup.sent_documents(external_id_of(export))
        return any(export.attachment_id in document.attachment_ids for document in found)

    def _still_disputed(self, export: Export, issue: Issue | None = None) -> Export:
        if export.state == ExportState.CONFLICT:
            return export
        why = issue or issue_about(export, IssueCode.DRAFT_EDITED)
        return self.ledger.advance(export, Event.DRAFT_EDITED, reason=reason_of(why))


def _disagreement(
    export: Export, document: Document, *, is_known: bool
) -> tuple[Event, Issue | None]:
    """Whether the document is what we sent, or how not; one that is known counts by its id."""
    expected = export.document_sha256
    if not is_known and expected not in (None, content_of(document).document_sha256):
        issue = issue_about(
            export, IssueCode.DOCUMENT_UNCLEAR, positions=names_of(priced(document))
        )
        issue = replace(issue, document_id=document.id)
        return Event.OTHER_CONTENT_FOUND, issue
    if not says_our_cents(export, document):
        return Event.OTHER_CENTS_FOUND, other_cents(export, document)
    return Event.DRAFT_FOUND, None


def _our_file(export: Export, document: Document) -> int | None:
    """The file that was sent for what the document says, where it is linked to it."""
    attached = document.attachment_ids
    if export.update_planned or not attached:
        return None
    if export.attachment_id is None:
        return attached[0]
    return export.attachment_id if export.attachment_id in attached else None
