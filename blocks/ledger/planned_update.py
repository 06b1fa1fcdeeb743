"""A planned update of a draft: what it is to bill, and what to go back to if it is not sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import msgspec

from blocks.ledger.records import BilledLine, Export, Planned
from blocks.ledger.states import Event

# The columns of `exports` that say what the draft holds, and with which file.
_BEFORE = (
    "csv_sha256",
    "csv_path",
    "layout_sha256",
    "line_count",
    "net_cents",
    "gross_cents",
    "planned_sha256",
    "content_sha256",
    "document_sha256",
    "texts_sha256",
)
# Service id, kind, digest and net; an older release kept no net.
_Lines = tuple[tuple[str | int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class PlannedUpdate:
    """Kept with the export until the update is done or given up.

    `before`: the export's columns of before; None where an older release planned the update, which
    then cannot be given up.
    """

    before: dict[str, str | int | None] | None
    lines_before: _Lines
    lines: _Lines

    @classmethod
    def of(
        cls, export: Export, held: Mapping[BilledLine, str | None], planned: Planned
    ) -> "PlannedUpdate":
        """What to keep when the update of this export is planned, perhaps not for the first time.

        `held`: the lines that the export holds now.
        """
        first = update_of(export)
        if first is None:
            known = not export.update_planned
            before = {name: getattr(export, name) for name in _BEFORE} if known else None
            file_id = export.replaced_attachment_id or export.attachment_id
            before = before and before | {"attachment_id": file_id}
            return cls(before, _listed(held), _listed(planned.lines))
        return cls(first.before, first.lines_before, _listed(planned.lines))

    def as_json(self) -> str:
        """The value as the ledger keeps it."""
        return msgspec.json.encode(self).decode()


def update_of(export: Export) -> PlannedUpdate | None:
    """The export's planned update; None where there is none, or an older release planned it."""
    if export.planned_update is None:
        return None
    return msgspec.json.decode(export.planned_update, type=PlannedUpdate)


def may_be_given_up(export: Export) -> bool:
    """Whether the export's update is planned, and it is known what to go back to."""
    update = update_of(export)
    return update is not None and update.before is not None


def sha256_before(export: Export) -> str | None:
    """The digest of what the document held before the planned update; None where not known."""
    update = update_of(export)
    digest = None if update is None or update.before is None else update.before["document_sha256"]
    return None if digest is None else str(digest)


def ended_update(
    export: Export, event: Event
) -> tuple[dict[str, object], dict[BilledLine, str | None] | None]:
    """What the event changes where it ends an update: columns, and the lines held from then on."""
    update = update_of(export)
    if update is None:
        return {}, None
    if event in (Event.DRAFT_UPDATED, Event.UPDATE_FOUND):
        return {"planned_update": None}, _lines(update.lines)
    if event is Event.UPDATE_GIVEN_UP and update.before is not None:
        gone: dict[str, object] = {"planned_update": None, "replaced_attachment_id": None}
        # An update that an older release planned does not name the layout of before.
        return gone | {"layout_sha256": None} | update.before, _lines(update.lines_before)
    return {}, None


def _listed(lines: Mapping[BilledLine, str | None]) -> _Lines:
    return tuple(
        (line.service_id, line.kind, digest, line.net_cents)
        for line, digest in sorted(lines.items())
    )


def _lines(listed: _Lines) -> dict[BilledLine, str | None]:
    return dict(map(_line, listed))


def _line(listed: tuple[str | int | None, ...]) -> tuple[BilledLine, str | None]:
    service_id, kind, digest, net_cents = (*listed, None)[:4]
    line = BilledLine(str(service_id), str(kind), cast("int | None", net_cents))
    return line, None if digest is None else str(digest)
