"""The delivery of one export to easybill, call by call, as blocks/ledger/protocol.py permits it.

Each call is announced in the ledger before it is sent, and what came of it is written there: what
was answered, or after a lost answer what a look into easybill found. Needs no Prefect.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound, NotSent, OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.models import Document
from blocks.ledger.ledger import BilledLine, Export, Ledger, Reason
from blocks.ledger.protocol import draft_of, transition_of
from blocks.ledger.states import IN_DOUBT, Draft, Event, ExportState
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
SETTLED = frozenset({ExportState.DELIVERED, ExportState.CONFLICT, ExportState.WITHDRAWN})


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
        for _ in range(MOST_STEPS):
            if not self._can_be_finished(export):
                return undisputed(export)
            export = self._step(export, None)
        raise CustomerFailure(issue_about(export, IssueCode.FILE_VANISHES))

    def withdraw(self, export: Export) -> Export:
        """Delete the export's draft, with its files, and free its lines; it may be billed again.

        Raises CustomerFailure for a draft that was edited or finalised: it is the accountant's.
        """
        document = read_draft(self.client, export)
        if document is None:
            return self.forget(export, Event.NOTHING_TO_DELETE)
        if not is_untouched(export, document):
            raise CustomerFailure(issue_about(export, IssueCode.NOT_WITHDRAWN))
        sending, _ = self._send(
            export, Event.SEND_DELETE, lambda: self.client.delete_draft(document.id)
        )
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
        planned = self.ledger.plan(
            *parcel.export_key, parcel.planned(), flow_run_id=self.flow_run_id
        )
        # A ledger that was lost knows nothing of a draft that easybill has.
        found = self.lookup.documents(external_id_of(planned))
        return self._doubts.adopt(planned, found) if found else planned

    def _take_up_draft(self, export: Export, parcel: Parcel) -> Export:
        """Go on with a draft that is there; plan its update where it is to say something else."""
        if bills(export, parcel.invoice):
            return export
        document = read_draft(self.client, export)
        if document is None or not is_untouched(export, document):
            return self._leave_alone(export)
        if export.replaced_attachment_id is not None:
            self._remove_outdated_attachment(export, parcel.csv)
        return self.ledger.replan(export, parcel.planned(), flow_run_id=self.flow_run_id)

    def _leave_alone(self, export: Export) -> Export:
        """Do not update a draft that was edited after the month was planned."""
        if export.update_planned:
            return self._dispute(export, Event.DRAFT_EDITED, IssueCode.DRAFT_EDITED)
        raise CustomerFailure(issue_about(export, IssueCode.DRAFT_EDITED_MEANWHILE))

    def _remove_outdated_attachment(self, export: Export | None, csv: CsvFile) -> None:
        """An earlier attempt's file is used again if it is the same, else removed."""
        if export is None or export.attachment_id is None or export.csv_sha256 == csv.sha256:
            return
        remove_file(self.client, export.attachment_id)

    def _can_be_finished(self, export: Export) -> bool:
        """Whether a draft that needs no further content is still there, and not done."""
        if draft_of(export) is not Draft.THERE or export.state in SETTLED:
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

    def _upload(self, export: Export) -> Export:
        content = read_intact(export.csv_path or "", export.csv_sha256 or "")
        if content is None:
            raise CustomerFailure(issue_about(export, IssueCode.FILE_SPOILED, path=export.csv_path))
        sending, attachment = self._send(
            export,
            Event.SEND_UPLOAD,
            lambda: self.client.upload_attachment(upload_name_of(export), content),
        )
        return self.ledger.advance(sending, Event.FILE_UPLOADED, attachment_id=attachment.id)

    def _create_draft(self, export: Export, parcel: Parcel) -> Export:
        body = draft_document(parcel.invoice, parcel.easybill_customer_id)
        sending, created = self._send(
            export, Event.SEND_DRAFT, lambda: self.client.create_draft(body)
        )
        return self._keep(sending, Event.DRAFT_CREATED, created)

    def _update_draft(self, export: Export, parcel: Parcel) -> Export:
        document = read_draft(self.client, export)
        if document is None or not is_untouched(export, document):
            return self._dispute(export, Event.DRAFT_EDITED, IssueCode.DRAFT_EDITED)
        body = draft_document(parcel.invoice, parcel.easybill_customer_id)
        sending, updated = self._send(
            export, Event.SEND_UPDATE, lambda: self.client.update_draft(document.id, body)
        )
        return self._keep(sending, Event.DRAFT_UPDATED, updated, parcel.planned().lines)

    def _keep(
        self,
        sending: Export,
        event: Event,
        document: Document,
        lines: Mapping[BilledLine, str] | None = None,
    ) -> Export:
        """Keep the draft that easybill answered, if its cents are ours."""
        agreed = says_our_cents(sending, document)
        return self.ledger.advance(
            sending,
            event if agreed else Event.OTHER_CENTS,
            document_id=document.id,
            document_edited_at=document.edited_at,
            lines=lines if agreed else None,
            reason=None if agreed else reason_of(other_cents(sending, document)),
        )

    def _link(self, export: Export) -> Export:
        attachment_id, document_id = export.attachment_id, export.document_id
        if attachment_id is None or document_id is None:
            raise ValueError(f"export {export.id} has nothing to link")
        sending, attachment = self._send(
            export, Event.SEND_LINK, lambda: link_file(self.client, attachment_id, document_id)
        )
        if attachment is None:
            return self.ledger.advance(sending, Event.FILE_GONE, attachment_id=None)
        if attachment.document_id != document_id:
            code = IssueCode.FILE_ELSEWHERE
            return self._dispute(sending, Event.LINKED_ELSEWHERE, code, attachment_id=attachment_id)
        return self.ledger.advance(sending, Event.FILE_LINKED)

    def _close(self, export: Export) -> Export:
        """Remove the file that the linked one replaces."""
        if export.replaced_attachment_id is not None:
            with suppress(NotFound):
                self.client.delete_attachment(export.replaced_attachment_id)
        return self.ledger.advance(export, Event.CLOSE, replaced_attachment_id=None, reason=None)

    def _send(
        self, export: Export, announced: Event, write: Callable[[], Answer]
    ) -> tuple[Export, Answer]:
        """Announce a call, send it, and keep what is known of a failure."""
        sending = self.ledger.advance(
            export, announced, attempts=export.attempts + 1, flow_run_id=self.flow_run_id
        )
        try:
            return sending, write()
        except (NotSent, Unavailable) as error:
            self.ledger.advance(
                sending, Event.NOT_DONE, back_to=export.state, reason=_reason(export, error)
            )
            raise
        except OutcomeUnknown as error:
            self.lookup.outdate()
            self.ledger.advance(sending, Event.ANSWER_LOST, reason=_reason(export, error))
            raise
        except Rejected as error:
            self.ledger.advance(sending, Event.CALL_REFUSED, reason=_reason(export, error))
            raise

    def _dispute(self, export: Export, event: Event, code: IssueCode, **facts: Fact) -> Export:
        reason = reason_of(issue_about(export, code, **facts))
        return self.ledger.advance(export, event, reason=reason)


def _reason(export: Export, error: Exception) -> Reason:
    return reason_of(issue_of(error, export.customer_number, export.month))
