"""The delivery of one export to easybill: its states, and what each allows.

    planned -> sending -> uploaded -> sending -> drafted -> sending -> linked -> delivered

`sending` is written before each call. Which call it was follows from the row: without an attachment
the upload of the CSV; without a document the draft; without `content_sha256` the update of a draft
that stands; else the link. A refused call leads to `failed`, a lost answer to `unknown`, cents that
differ to `conflict`. `unknown` (and a `sending` whose run died) is left only by looking into
easybill. A draft that stands is planned anew, updated and linked in the same states. Needs no
Prefect.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound, NotSent, OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.models import Document
from blocks.ledger.ledger import UNCHANGED, Export, Ledger
from blocks.ledger.states import ExportState
from tasks.easybill.csv_file import CsvFile, read_intact
from tasks.easybill.draft import draft_document
from tasks.easybill.draft_status import (
    edited_meanwhile,
    external_id_of,
    is_untouched,
    name_documents,
    other_cents,
    says_our_cents,
    says_what_is_due,
    says_what_was_planned,
    spoilt_file,
    undisputed,
    upload_name_of,
)
from tasks.easybill.lookup import EasybillLookup
from tasks.easybill.objects import read_draft, remove_file
from tasks.easybill.parcel import Parcel
from tasks.run.failures import Disputed

Answer = TypeVar("Answer")

IN_DOUBT = frozenset({ExportState.SENDING, ExportState.UNKNOWN})
BEING_WITHDRAWN = "is being withdrawn"
SETTLED = frozenset({ExportState.DELIVERED, ExportState.CONFLICT, ExportState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers exports, one call after another."""

    ledger: Ledger
    client: EasybillClient
    lookup: EasybillLookup
    flow_run_id: str | None

    def deliver(self, parcel: Parcel) -> Export:
        """Bring the parcel to `delivered`, from wherever an earlier attempt left it.

        Raises easybill's errors as they are, and Disputed where easybill holds something else.
        """
        export = self._take_up(parcel)
        while export.state not in SETTLED:
            export = self._step(export, parcel)
        return undisputed(export)

    def settle(self, export: Export) -> Export:
        """Finish what an earlier run left open, as far as it needs nothing from the OMS.

        What has no draft yet, or a draft that is to be updated, is then planned anew with what the
        OMS says today.
        """
        if export.state in IN_DOUBT:
            export = self._look(export)
        if export.state == ExportState.CONFLICT:
            export = self._reconsider(export)
        while self._can_be_finished(export):
            export = self._step(export, None)
        return undisputed(export)

    def _can_be_finished(self, export: Export) -> bool:
        """Whether a draft that needs no further content still stands, and is not done."""
        if not says_what_is_due(export) or export.state in SETTLED:
            return False
        found = self.lookup.documents(external_id_of(export))
        return any(document.id == export.document_id for document in found)

    def withdraw(self, export: Export) -> Export:
        """Delete the export's draft, with its files, and free its lines; it may be billed again.

        Raises Disputed for a draft that was edited or finalised: that one is the accountant's.
        """
        document = read_draft(self.client, export)
        if document is not None and not is_untouched(export, document):
            raise Disputed(
                export.customer_number,
                export.month,
                f"draft {document.id} was edited or finalised, so it is not withdrawn",
                "Cancel or delete it in easybill",
            )
        if document is not None:
            export, _ = self._call(
                export, lambda: self.client.delete_draft(document.id), note=BEING_WITHDRAWN
            )
        return self.forget(export)

    def drop_attachment(self, export: Export) -> None:
        """Remove the file of an export that will not be sent for now."""
        if export.attachment_id is not None:
            remove_file(self.client, export.attachment_id)
            self.ledger.advance(export, ExportState.PLANNED, attachment_id=None)

    def forget(self, export: Export) -> Export:
        """Remove the files of an export that has no draft any more, and free its lines."""
        for attachment_id in (export.attachment_id, export.replaced_attachment_id):
            if attachment_id is not None:
                remove_file(self.client, attachment_id)
        return self.ledger.withdraw(export)

    def _step(self, export: Export, parcel: Parcel | None) -> Export:
        if export.state in IN_DOUBT:
            return self._look(export)
        if export.state == ExportState.LINKED:
            return self._close(export)
        if export.attachment_id is None:
            return self._upload(export)
        if says_what_is_due(export) or parcel is None:
            return self._link(export)
        if export.document_id is None:
            return self._create_draft(export, parcel)
        return self._update_draft(export, parcel)

    def _take_up(self, parcel: Parcel) -> Export:
        key = parcel.export_key
        export = self.ledger.find_export(*key)
        if export is not None and export.state in IN_DOUBT:
            export = self._look(export)
        if export is not None and export.document_id is not None:
            return self._take_up_draft(export, parcel)
        self._remove_outdated_attachment(export, parcel.csv)
        planned = self.ledger.plan(
            *key, content_sha256=parcel.digest, flow_run_id=self.flow_run_id, **parcel.planned()
        )
        # A ledger that was lost knows nothing of a draft that easybill has.
        return self._adopt(planned, self.lookup.documents(external_id_of(planned)))

    def _take_up_draft(self, export: Export, parcel: Parcel) -> Export:
        """Go on with a draft that stands; plan it anew where it is to say something else."""
        if export.state == ExportState.CONFLICT or export.content_sha256 == parcel.digest:
            return export
        document = read_draft(self.client, export)
        if document is None or not is_untouched(export, document):
            return self._leave_alone(export)
        if export.replaced_attachment_id is not None:
            self._remove_outdated_attachment(export, parcel.csv)
        return self.ledger.replan(
            export, content_sha256=None, flow_run_id=self.flow_run_id, **parcel.planned()
        )

    def _remove_outdated_attachment(self, export: Export | None, csv: CsvFile) -> None:
        """An earlier attempt's file is used again if it is the same, else removed."""
        if export is None or export.attachment_id is None or export.csv_sha256 == csv.sha256:
            return
        remove_file(self.client, export.attachment_id)

    def _upload(self, export: Export) -> Export:
        content = read_intact(export.csv_path or "", export.csv_sha256 or "")
        if content is None:
            raise spoilt_file(export)
        sending, attachment = self._call(
            export, lambda: self.client.upload_attachment(upload_name_of(export), content)
        )
        return self.ledger.advance(sending, ExportState.UPLOADED, attachment_id=attachment.id)

    def _create_draft(self, export: Export, parcel: Parcel) -> Export:
        body = draft_document(parcel.invoice, parcel.easybill_customer_id)
        sending, document = self._call(export, lambda: self.client.create_draft(body))
        return self._keep_document(sending, document, document.edited_at)

    def _update_draft(self, export: Export, parcel: Parcel) -> Export:
        document = read_draft(self.client, export)
        if document is None or not is_untouched(export, document):
            return self._dispute(export, edited_meanwhile(export))
        body = draft_document(parcel.invoice, parcel.easybill_customer_id)
        sending, updated = self._call(export, lambda: self.client.update_draft(document.id, body))
        return self._keep_document(sending, updated, updated.edited_at, parcel)

    def _link(self, export: Export) -> Export:
        attachment_id, document_id = export.attachment_id, export.document_id
        if attachment_id is None or document_id is None:
            raise ValueError(f"export {export.id} has nothing to link")
        try:
            sending, attachment = self._call(
                export, lambda: self.client.link_attachment(attachment_id, document_id)
            )
        except NotFound:
            return self._without_attachment(export)
        if attachment.document_id != document_id:
            return self._dispute(sending, f"file {attachment_id} hangs on another document")
        return self.ledger.advance(sending, ExportState.LINKED)

    def _close(self, export: Export) -> Export:
        """Remove the file that the linked one replaces."""
        if export.replaced_attachment_id is not None:
            with suppress(NotFound):
                self.client.delete_attachment(export.replaced_attachment_id)
        return self.ledger.advance(
            export, ExportState.DELIVERED, replaced_attachment_id=None, error=None
        )

    def _without_attachment(self, export: Export) -> Export:
        """The attachment was deleted in easybill: send the file again for the same draft."""
        current = self.ledger.find_export(export.month, export.customer_number, export.sequence)
        return self.ledger.advance(current or export, ExportState.DRAFTED, attachment_id=None)

    def _call(
        self, export: Export, write: Callable[[], Answer], note: str | None = None
    ) -> tuple[Export, Answer]:
        """Write down what is about to be sent, send it, and keep what is known of a failure."""
        before = ExportState(export.state)
        sending = self.ledger.advance(
            export,
            ExportState.SENDING,
            attempts=export.attempts + 1,
            error=note or UNCHANGED,
            flow_run_id=self.flow_run_id,
        )
        try:
            return sending, write()
        except (NotSent, Unavailable) as error:
            self.ledger.advance(sending, before, error=str(error))
            raise
        except OutcomeUnknown as error:
            self.lookup.outdate()
            reason = f"{note}: {error}" if note else str(error)
            self.ledger.advance(sending, ExportState.UNKNOWN, error=reason)
            raise
        except Rejected as error:
            self.ledger.advance(sending, ExportState.FAILED, error=str(error))
            raise

    def _look(self, export: Export) -> Export:
        """Find out what a call did whose answer is lost."""
        if (export.error or "").startswith(BEING_WITHDRAWN):
            return self._look_at_withdrawal(export)
        if export.attachment_id is None:
            return self._look_for_attachment(export)
        if export.document_id is not None and export.content_sha256 is None:
            return self._look_at_update(export)
        found = self.lookup.documents(external_id_of(export))
        if export.document_id is None:
            if found:
                return self._adopt(export, found)
            return self.ledger.advance(export, ExportState.UPLOADED)
        # Linking again changes nothing if it was linked before.
        return self.ledger.advance(export, ExportState.DRAFTED if found else ExportState.DELIVERED)

    def _look_at_withdrawal(self, export: Export) -> Export:
        if self.lookup.documents(external_id_of(export)):
            return self.ledger.advance(export, _state_before(export), error=None)
        return self.forget(export)

    def _look_for_attachment(self, export: Export) -> Export:
        found = self.lookup.attachments(upload_name_of(export))
        waiting = [attachment.id for attachment in found if attachment.document_id is None]
        return self.ledger.advance(
            export, _state_before(export), attachment_id=next(iter(waiting), None)
        )

    def _look_at_update(self, export: Export) -> Export:
        """Whether the update of a draft got through: then it says what was planned."""
        document = read_draft(self.client, export)
        if document is not None and is_untouched(export, document):
            return self.ledger.advance(export, ExportState.UPLOADED)
        if document is not None and says_what_was_planned(export, document):
            return self.ledger.advance(
                export, ExportState.UPLOADED, document_edited_at=document.edited_at
            )
        return self._dispute(export, edited_meanwhile(export))

    def _leave_alone(self, export: Export) -> Export:
        """Do not update a draft that was edited after the month was planned."""
        if export.content_sha256 is None:
            return self._dispute(export, edited_meanwhile(export))
        raise Disputed(
            export.customer_number,
            export.month,
            f"draft {export.document_id} was edited in easybill while this run was under way",
            "Run the month again: what is missing is then billed by a further draft",
        )

    def _adopt(self, export: Export, found: list[Document]) -> Export:
        """Take a document that bears our external id for ours, if it says our cents."""
        if not found:
            return export
        if len(found) > 1:
            return self._dispute(
                export, f"documents {name_documents(found)} bear the same external id"
            )
        # Somebody may have edited it since we wrote it; what we create bears one time twice.
        is_known = export.document_id == found[0].id
        edited_at = export.document_edited_at if is_known else found[0].created_at
        kept = self._keep_document(export, found[0], edited_at)
        attached = found[0].attachment_ids
        if kept.state == ExportState.CONFLICT or not attached or kept.content_sha256 is None:
            return kept
        if kept.attachment_id not in (None, *attached):
            return kept
        return self.ledger.advance(
            kept, ExportState.LINKED, attachment_id=kept.attachment_id or attached[0]
        )

    def _keep_document(
        self,
        export: Export,
        document: Document,
        edited_at: str | None,
        updated_to: Parcel | None = None,
    ) -> Export:
        """Keep the draft's id, and compare easybill's own cents with ours."""
        agreed = says_our_cents(export, document)
        return self.ledger.advance(
            export,
            ExportState.DRAFTED if agreed else ExportState.CONFLICT,
            document_id=document.id,
            document_edited_at=edited_at,
            content_sha256=updated_to.digest if updated_to and agreed else UNCHANGED,
            lines=updated_to.planned()["lines"] if updated_to and agreed else None,
            error=None if agreed else other_cents(export, document),
        )

    def _reconsider(self, export: Export) -> Export:
        """A conflict ends when the document in question is gone, or says the right cents."""
        found = self.lookup.documents(external_id_of(export))
        if not found:
            return self.forget(export)
        return self._adopt(export, found)

    def _dispute(self, export: Export, reason: str) -> Export:
        return self.ledger.advance(export, ExportState.CONFLICT, error=reason)


def _state_before(export: Export) -> ExportState:
    """The state in which nothing of what is due has been sent again."""
    return ExportState.DRAFTED if says_what_is_due(export) else ExportState.PLANNED
