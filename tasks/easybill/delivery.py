"""The delivery of one export to easybill, call by call, as blocks/ledger/protocol.py permits it.

Each call is announced in the ledger before it is sent, and what came of it is written there: what
was answered, or after a lost answer what a look into easybill found. Needs no Prefect.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn, TypeVar

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound, NotSent, OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.models import Document
from blocks.easybill.touched import Touched
from blocks.ledger.ledger import Export, Ledger, Reason
from blocks.ledger.planned_update import may_be_given_up
from blocks.ledger.protocol import draft_of, transition_of
from blocks.ledger.states import IN_DOUBT, Draft, Event, ExportState
from tasks.billing.draft_status import DraftStatus
from tasks.billing.issue import Fact, IssueCode
from tasks.easybill.billed_content import bills
from tasks.easybill.csv_file import CsvFile, read_intact
from tasks.easybill.doubts import Doubts
from tasks.easybill.draft import draft_document
from tasks.easybill.draft_status import (
    external_id_of,
    is_untouched,
    issue_about,
    other_cents,
    says_our_cents,
    status_of,
    undisputed,
    upload_name_of,
)
from tasks.easybill.lookup import EasybillLookup
from tasks.easybill.objects import link_file, read_draft, remove_file
from tasks.easybill.parcel import Parcel
from tasks.plan.kept_issue import reason_of
from tasks.run.failures import CustomerFailure, issue_of
from tasks.run.gate import Gate

Answer = TypeVar("Answer")

# Four are usual: upload, draft or update, link, close. A file that vanishes takes two more.
MOST_STEPS = 9
# Where a call goes back to that was announced with what came before it, and not sent.
ANNOUNCED_IN = {
    Event.SEND_UPLOAD: ExportState.PLANNED,
    Event.SEND_DRAFT: ExportState.UPLOADED,
    Event.SEND_LINK: ExportState.DRAFTED,
}
SETTLED = frozenset({ExportState.DELIVERED, ExportState.CONFLICT})


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers exports, one call after another."""

    ledger: Ledger
    client: EasybillClient
    lookup: EasybillLookup
    flow_run_id: str | None
    gate: Gate | None = None

    @property
    def _doubts(self) -> Doubts:
        return Doubts(self.ledger, self.client, self.lookup, self.gate)

    def deliver(self, parcel: Parcel) -> Export:
        """Bring the parcel to `delivered`, from wherever an earlier attempt left it.

        Raises easybill's errors as they are, and CustomerFailure where easybill has something else.
        """
        export = self._take_up(parcel)
        for _ in range(MOST_STEPS):
            if export.state in SETTLED:
                return undisputed(export)
            export = self._step(export, parcel)
        raise CustomerFailure(issue_about(export, IssueCode.FILE_VANISHES))

    def settle(self, export: Export) -> Export:
        """Finish what an earlier run left open, as far as it needs nothing from the OMS.

        What has no draft yet, or a draft that is to be updated, is then planned again with what the
        OMS says today.
        """
        if export.state in IN_DOUBT:
            export = self._doubts.look_up(export)
        if export.state == ExportState.CONFLICT:
            export = self._doubts.reconsider(export)
        elif draft_of(export) is Draft.TO_UPDATE and self._is_left_to_people(export):
            export = self._doubts.give_up_update(export)
        for _ in range(MOST_STEPS):
            if not self._can_be_finished(export):
                return export
            export = self._step(export, None)
        raise CustomerFailure(issue_about(export, IssueCode.FILE_VANISHES))

    def withdraw(self, export: Export) -> Export:
        """Delete the export's draft, with its files, and free its lines; it may be billed again.

        Raises CustomerFailure for a draft that was edited or finalised: it is the accountant's.
        """
        document_id, untouched = document_id_of(export), partial(is_untouched, export)
        try:
            sending, _ = self._send(
                export,
                Event.SEND_DELETE,
                lambda: self.client.delete_untouched(document_id, untouched),
            )
        except NotFound:
            return self.forget(self._read_again(export), Event.NOTHING_TO_DELETE)
        except Touched as touched:
            raise CustomerFailure(issue_about(export, IssueCode.NOT_WITHDRAWN)) from touched
        return self.forget(sending, Event.DRAFT_DELETED)

    def forget(self, export: Export, event: Event) -> Export:
        """Remove the files of an export that has no draft any more, and free its lines."""
        return self._doubts.forget(export, event)

    def drop_attachment(self, export: Export) -> None:
        """Remove the file of an export that will not be sent for now."""
        if export.attachment_id is not None:
            remove_file(self.client, export.attachment_id)
            self.ledger.advance(export, Event.REMOVE_FILE, attachment_id=None)

    def _take_up(self, parcel: Parcel) -> Export:
        """Go on where an earlier attempt ended, or plan the parcel (again)."""
        export = self.ledger.find_export(*parcel.export_key)
        if export is not None and export.state in IN_DOUBT:
            export = self._doubts.look_up(export)
        if export is not None and export.state == ExportState.CONFLICT:
            return export
        if export is not None and export.document_id is not None:
            return self._take_up_draft(export, parcel)
        # Before its file is removed.
        transition_of(export, Event.PLAN)
        self._remove_outdated_attachment(export, parcel.csv)
        # What was there before is taken in already: this is a write that shows very late.
        found = self.lookup.documents(parcel.invoice.external_id)
        planned = self.ledger.plan(
            *parcel.export_key,
            parcel.planned(),
            then=Event.SEND_UPLOAD if export is None and not found else None,
            flow_run_id=self.flow_run_id,
        )
        if found:
            issue = issue_about(planned, IssueCode.DOCUMENT_APPEARED)
            raise CustomerFailure(replace(issue, document_id=found[0].id))
        return planned

    def _take_up_draft(self, export: Export, parcel: Parcel) -> Export:
        """Go on with a draft that is there; plan its update where it is to say something else."""
        if bills(export, parcel.invoice):
            return export
        document = read_draft(self.client, export)
        if document is None or not is_untouched(export, document):
            self._leave_alone(export)
        if export.replaced_attachment_id is not None:
            self._remove_outdated_attachment(export, parcel.csv)
        return self.ledger.replan(export, parcel.planned(), flow_run_id=self.flow_run_id)

    def _leave_alone(self, export: Export) -> NoReturn:
        """Do not update a draft that was edited after the month was planned."""
        if export.update_planned:
            export = undisputed(self._doubts.give_up_update(export))
        raise CustomerFailure(issue_about(export, IssueCode.DRAFT_EDITED_MEANWHILE))

    def _remove_outdated_attachment(self, export: Export | None, csv: CsvFile) -> None:
        """An earlier attempt's file is used again if it is the same, else removed."""
        if export is None or export.attachment_id is None or export.csv_sha256 == csv.sha256:
            return
        remove_file(self.client, export.attachment_id)

    def _is_left_to_people(self, export: Export) -> bool:
        """Whether the draft was edited, finalised or deleted, so that it is not updated."""
        status = status_of(export, self.lookup.documents(external_id_of(export)))
        # Of an update that an older release planned nobody knows what to go back to.
        is_gone = status is DraftStatus.GONE and may_be_given_up(export)
        return is_gone or status is DraftStatus.TOUCHED

    def _can_be_finished(self, export: Export) -> bool:
        """Whether a draft that needs no further content is still there, and not done.

        Without its file, which may be on another machine, the file is to be built first.
        """
        if draft_of(export) is not Draft.THERE or export.state in SETTLED:
            return False
        if export.attachment_id is None and self._file_of(export) is None:
            return False
        found = self.lookup.documents(external_id_of(export))
        return any(document.id == export.document_id for document in found)

    def _step(self, export: Export, parcel: Parcel | None) -> Export:
        if export.state == ExportState.LINKED:
            return self._close(export)
        if export.attachment_id is None:
            return self._upload(export)
        if parcel is None or draft_of(export) is Draft.THERE:
            return self._link(export)
        if export.document_id is None:
            return self._create_draft(export, parcel)
        return self._update_draft(export, parcel)

    def _file_of(self, export: Export) -> bytes | None:
        """The export's CSV from the disk; None where it is missing or was changed."""
        return read_intact(export.csv_path or "", export.csv_sha256 or "")

    def _upload(self, export: Export) -> Export:
        content = self._file_of(export)
        if content is None:
            issue = issue_about(export, IssueCode.FILE_SPOILED, path=export.csv_path)
            if export.state == ExportState.SENDING:
                back_to = ANNOUNCED_IN[Event.SEND_UPLOAD]
                self.ledger.advance(export, Event.NOT_DONE, back_to=back_to)
            raise CustomerFailure(issue)
        sending, attachment = self._send(
            export,
            Event.SEND_UPLOAD,
            lambda: self.client.upload_attachment(upload_name_of(export), content),
        )
        then = Event.SEND_DRAFT if draft_of(export) is Draft.NONE else None
        return self._answered(sending, Event.FILE_UPLOADED, then, attachment_id=attachment.id)

    def _create_draft(self, export: Export, parcel: Parcel) -> Export:
        body = draft_document(parcel.invoice, parcel.easybill_customer_id)
        sending, created = self._send(
            export, Event.SEND_DRAFT, lambda: self.client.create_draft(body)
        )
        return self._keep(sending, Event.DRAFT_CREATED, created)

    def _update_draft(self, export: Export, parcel: Parcel) -> Export:
        body = draft_document(parcel.invoice, parcel.easybill_customer_id)
        document_id, untouched = document_id_of(export), partial(is_untouched, export)
        try:
            sending, updated = self._send(
                export,
                Event.SEND_UPDATE,
                lambda: self.client.update_untouched(document_id, body, untouched),
            )
        except (NotFound, Touched):
            self._leave_alone(self._read_again(export))
        if updated.is_draft:
            return self._keep(sending, Event.DRAFT_UPDATED, updated)
        # Between our look and our write, somebody finalised it; easybill keeps the version before.
        edited_at = export.document_edited_at
        code = IssueCode.FINALISED_OVERWRITTEN
        return self._dispute(sending, Event.FINALISED_OVERWRITTEN, code, edited_at=edited_at)

    def _keep(self, sending: Export, event: Event, document: Document) -> Export:
        """Keep the draft that easybill answered, if its cents are ours."""
        agreed = says_our_cents(sending, document)
        return self._answered(
            sending,
            event if agreed else Event.OTHER_CENTS,
            Event.SEND_LINK if agreed and sending.attachment_id is not None else None,
            document_id=document.id,
            document_edited_at=document.edited_at,
            reason=None if agreed else reason_of(other_cents(sending, document)),
        )

    def _read_again(self, export: Export) -> Export:
        """The export as the ledger has it after a call was not done."""
        found = self.ledger.find_export(export.month, export.customer_number, export.sequence)
        return found or export

    def _link(self, export: Export) -> Export:
        attachment_id, document_id = export.attachment_id, document_id_of(export)
        if attachment_id is None:
            raise ValueError(f"export {export.id} has nothing to link")
        sending, attachment = self._send(
            export, Event.SEND_LINK, lambda: link_file(self.client, attachment_id, document_id)
        )
        if attachment is None:
            return self.ledger.advance(sending, Event.FILE_GONE, attachment_id=None)
        if attachment.document_id != document_id:
            code = IssueCode.FILE_ELSEWHERE
            return self._dispute(sending, Event.LINKED_ELSEWHERE, code, attachment_id=attachment_id)
        if export.replaced_attachment_id is not None:
            return self.ledger.advance(sending, Event.FILE_LINKED)
        return self.ledger.advance(sending, Event.FILE_LINKED, then=Event.CLOSE, reason=None)

    def _close(self, export: Export) -> Export:
        """Remove the file that the linked one replaces, if there is one."""
        if export.replaced_attachment_id is not None:
            with suppress(NotFound):
                self.client.delete_attachment(export.replaced_attachment_id)
        return self.ledger.advance(export, Event.CLOSE, replaced_attachment_id=None, reason=None)

    def _send(
        self, export: Export, announced: Event, write: Callable[[], Answer]
    ) -> tuple[Export, Answer]:
        """Announce a call, send it, and keep what is known of a failure."""
        back_to, sending = export.state, export
        if export.state == ExportState.SENDING:
            back_to = ANNOUNCED_IN[announced]
        else:
            sending = self.ledger.advance(export, announced, **self._attempt(export))
        try:
            return sending, write()
        except (NotSent, Unavailable) as error:
            self.ledger.advance(
                sending, Event.NOT_DONE, back_to=back_to, reason=_reason(export, error)
            )
            raise
        except OutcomeUnknown as error:
            self.lookup.outdate()
            self.ledger.advance(sending, Event.ANSWER_LOST, reason=_reason(export, error))
            raise
        except Rejected as error:
            self.ledger.advance(sending, Event.CALL_REFUSED, reason=_reason(export, error))
            raise

    def _answered(self, sending: Export, event: Event, then: Event | None, **known: Any) -> Export:
        """Keep what was answered, and announce the next call together with it."""
        attempt = {} if then is None else self._attempt(sending)
        return self.ledger.advance(sending, event, then=then, **attempt, **known)

    def _attempt(self, export: Export) -> dict[str, Any]:
        return {"attempts": export.attempts + 1, "flow_run_id": self.flow_run_id}

    def _dispute(self, export: Export, event: Event, code: IssueCode, **facts: Fact) -> Export:
        reason = reason_of(issue_about(export, code, **facts))
        return self.ledger.advance(export, event, reason=reason)


def document_id_of(export: Export) -> int:
    """The id of the export's document; the protocol permits no call about one without."""
    if export.document_id is None:
        raise ValueError(f"export {export.id} has no document")
    return export.document_id


def _reason(export: Export, error: Exception) -> Reason:
    return reason_of(issue_of(error, export.customer_number, export.month))
