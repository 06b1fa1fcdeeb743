"""The patterns of rows that the release before wrote, and what it did with each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the release before, what easybill has, and what that release did with them.

    `knows`: what the row has of f(ile), d(raft), s(ha256 of the invoice), r(eplaced file).
    `pending`: the call that the row is in doubt about. `file` and `draft`: what easybill has. The
    draft says what is `planned`, or what was `before` that; or an update whose answer was lost has
    `updated` it, somebody has `retitled` or `repriced` it; or it is `gone`, or there `twice`.
    `then` is its state after a run of the month, `calls` that run's requests about the customer.
    """

    state: str
    knows: str
    pending: str
    file: str
    draft: str
    then: str
    calls: str

    @property
    def error(self) -> str | None:
        """What that release wrote beside the state: a withdrawal was known by how this begins."""
        being_withdrawn = "is being withdrawn" if self.pending == "delete" else None
        if self.state != "unknown":
            return being_withdrawn
        lost = "POST was sent, and no answer came: it is unknown whether a draft is being withdrawn"
        return f"{being_withdrawn}: {lost}" if being_withdrawn else lost


TABLE = """
# What was planned or failed, and has no draft.
planned   | s    | -      | none   | none     | delivered | upload draft link
planned   | fs   | -      | loose  | none     | delivered | draft link
uploaded  | fs   | -      | loose  | none     | delivered | draft link
failed    | -    | -      | none   | none     | delivered | upload draft link
failed    | fs   | -      | loose  | none     | delivered | draft link
withdrawn | s    | -      | none   | none     | delivered | upload draft link
skipped   | -    | -      | none   | none     | delivered | upload draft link
# An upload in doubt.
sending   | s    | upload | none   | none     | delivered | upload draft link
sending   | s    | upload | loose  | none     | delivered | draft link
unknown   | s    | upload | none   | none     | delivered | upload draft link
unknown   | s    | upload | loose  | none     | delivered | draft link
sending   | dr   | upload | none   | before   | delivered | read upload read update link remove
unknown   | dr   | upload | loose  | before   | delivered | read read update link remove
sending   | ds   | upload | none   | planned  | delivered | upload link
unknown   | ds   | upload | loose  | planned  | delivered | link
# A draft in doubt.
sending   | fs   | draft  | loose  | none     | delivered | draft link
unknown   | fs   | draft  | loose  | none     | delivered | draft link
sending   | fs   | draft  | loose  | planned  | delivered | link
unknown   | fs   | draft  | loose  | planned  | delivered | link
unknown   | fs   | draft  | linked | planned  | delivered | nothing
unknown   | fs   | draft  | loose  | before   | conflict  | nothing
unknown   | fs   | draft  | loose  | twice    | conflict  | nothing
# From before the digest was kept.
unknown   | f    | draft  | loose  | planned  | delivered | read read update link
unknown   | f    | draft  | loose  | retitled | conflict  | nothing
# An update that is planned, or in doubt.
planned   | dr   | -      | none   | before   | delivered | read upload read update link remove
planned   | fd   | -      | linked | before   | delivered | read read update link
planned   | dr   | -      | none   | repriced | conflict  | nothing
planned   | dr   | -      | none   | gone     | planned   | nothing
uploaded  | fdr  | -      | loose  | before   | delivered | read read update link remove
failed    | fdr  | -      | loose  | before   | delivered | read read update link remove
sending   | fdr  | update | loose  | before   | delivered | read read read update link remove
unknown   | fdr  | update | loose  | before   | delivered | read read read update link remove
sending   | fdr  | update | loose  | updated  | delivered | read read read update link remove
unknown   | fdr  | update | loose  | updated  | delivered | read read read update link remove
unknown   | fdr  | update | loose  | repriced | conflict  | read
unknown   | fdr  | update | loose  | gone     | delivered | read remove remove upload draft link
# A link that is due, or in doubt.
drafted   | fds  | -      | loose  | planned  | delivered | link
drafted   | ds   | -      | none   | planned  | delivered | upload link
drafted   | fds  | -      | gone   | planned  | delivered | link upload link
uploaded  | fdsr | -      | loose  | planned  | delivered | link remove
failed    | fds  | -      | loose  | planned  | delivered | link
sending   | fds  | link   | loose  | planned  | delivered | link
unknown   | fdsr | link   | linked | planned  | delivered | link remove
unknown   | fds  | link   | none   | gone     | delivered | nothing
unknown   | fds  | link   | loose  | planned  | delivered | link
# A withdrawal in doubt.
sending   | fds  | delete | linked | planned  | delivered | link
unknown   | fds  | delete | linked | planned  | delivered | link
sending   | ds   | delete | none   | planned  | delivered | upload link
sending   | fds  | delete | none   | gone     | delivered | remove upload draft link
unknown   | fdsr | delete | loose  | gone     | delivered | remove remove upload draft link
unknown   | dr   | delete | none   | before   | delivered | read upload read update link remove
sending   | fdr  | delete | loose  | before   | delivered | read read update link remove
# What is done, or nearly.
linked    | fds  | -      | linked | planned  | delivered | nothing
linked    | fdsr | -      | linked | planned  | delivered | remove
delivered | fds  | -      | linked | planned  | delivered | nothing
delivered | fds  | -      | linked | planned  | delivered | nothing
delivered | fds  | -      | linked | retitled | delivered | nothing
delivered | fds  | -      | none   | gone     | delivered | nothing
delivered | fds  | -      | linked | before   | delivered | read upload read update link remove
delivered | fd   | -      | linked | planned  | delivered | read read update link
delivered | fd   | -      | linked | retitled | conflict  | read
# What a person has to decide.
conflict  | fds  | -      | loose  | before   | conflict  | nothing
conflict  | fds  | -      | loose  | planned  | delivered | link
conflict  | fds  | -      | loose  | gone     | delivered | remove upload draft link
conflict  | fs   | -      | loose  | twice    | conflict  | nothing
conflict  | fs   | -      | loose  | planned  | delivered | link
conflict  | fdr  | -      | loose  | repriced | conflict  | nothing
conflict  | fdr  | -      | loose  | updated  | conflict  | read
conflict  | fdr  | -      | loose  | gone     | delivered | remove remove upload draft link
conflict  | f    | -      | loose  | planned  | delivered | read read update link
"""
EMPTY = {"-": "", "nothing": ""}
CASES = tuple(
    Case(*(EMPTY.get(cell.strip(), cell.strip()) for cell in line.split("|")))
    for line in TABLE.strip().splitlines()
    if not line.startswith("#")
)
