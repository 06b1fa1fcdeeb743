"""Which layout a file is in: the one that its export names; a new file, the account's."""

from collections.abc import Iterator

from blocks.easybill.layout import BUILT_IN, CUSTOM_CSV, Layout, LayoutRefused, layout_of
from blocks.ledger.ledger import Export
from tasks.run.connections import Connections


def layout_kept(connections: Connections, layout_sha256: str) -> Layout:
    """The layout of this hash: the account's, that of older releases, or as the ledger keeps it."""
    for layout in (connections.account.layout, CUSTOM_CSV):
        if layout_sha256 == layout.sha256:
            return layout
    return layout_of(connections.ledger.layout_text(layout_sha256))


def layout_of_export(connections: Connections, export: Export) -> Layout:
    """The layout that the export's file was written in."""
    return layout_kept(connections, layout_named_by(connections, export))


def layout_named_by(connections: Connections, export: Export) -> str:
    """The hash of the layout that the export's file was written in.

    A file of before layouts were kept is in custom-csv; one that nobody knows is written anew.
    """
    if export.layout_sha256 is not None:
        return export.layout_sha256
    current = connections.account.layout
    return (current if export.csv_sha256 is None else CUSTOM_CSV).sha256


def known_layouts(connections: Connections, export: Export | None = None) -> Iterator[Layout]:
    """Each layout that a file may be in, the likeliest first: the export's, the account's, others.

    Those whose files name their columns come before those that could be taken for another.
    """
    likeliest = [] if export is None else [layout_of_export(connections, export)]
    likeliest.append(connections.account.layout)
    others = list(map(layout_of, BUILT_IN))
    for text in connections.ledger.layout_texts():
        try:
            others.append(layout_of(text))
        except LayoutRefused:
            continue
    others.sort(key=lambda layout: not layout.form.header)
    yield from {layout.sha256: layout for layout in (*likeliest, *others)}.values()
