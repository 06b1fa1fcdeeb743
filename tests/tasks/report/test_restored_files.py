"""A file that is built again is the one that was sent, or it is not built."""

from dataclasses import replace

from tasks.billing.issue import IssueCode
from tasks.run.connections import Connections
from tests.tasks.reported_month import fill, run
from tests.world import MONTH, World


def with_net_prices(connections: Connections) -> Connections:
    """The same, its files to be written with net prices from now on."""
    account = connections.account.model_copy(update={"csv_price_basis": "net"})
    return replace(connections, account=account)


def test_a_missing_file_that_would_not_be_the_one_that_was_sent_is_named_and_not_built(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    file = world.export_dir / MONTH / "K2.csv"
    content = file.read_bytes()
    file.unlink()
    for _ in range(2):
        report = run(with_net_prices(connections))
        ((number, (issue,)),) = report.not_invoiced.items()
        assert (number, issue.code) == ("K2", IssueCode.FILE_NOT_AS_SENT)
        assert issue.document_id == world.easybill.draft(f"oms:{MONTH}:K2")["id"]
        assert report.differences == ()
        assert not file.exists()
    # What the next step says works: either way the month is complete again.
    file.write_bytes(content)
    assert run(with_net_prices(connections)).is_complete
    file.unlink()
    assert run(connections).is_complete
    assert file.read_bytes() == content


def test_a_changed_file_is_not_replaced_by_another_than_the_one_that_was_sent(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    file = world.export_dir / MONTH / "K2.csv"
    content = file.read_bytes()
    changed = content.replace(b";119.00;", b";119.01;")
    file.write_bytes(changed)
    for _ in range(2):
        assert not run(with_net_prices(connections)).is_complete
        assert file.read_bytes() == changed
    run(connections)
    assert file.read_bytes() == content


def test_a_file_with_another_text_and_the_same_cents_becomes_the_one_that_was_sent(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    file = world.export_dir / MONTH / "K2.csv"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"Beratung", b"Betratung"))
    assert run(connections).is_complete
    assert file.read_bytes() == content
