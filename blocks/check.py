"""One check for everything: `python -m blocks.check [--probe [--keep] | --probe-finalised ID]`.

Looks at what runs use (saved blocks first) and changes nothing; exit 1 where something is WRONG.
`--account north` looks at the blocks of that account.
`--probe` measures on a test account of easybill what nobody knows of it.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from prefect.blocks.core import Block
from pydantic import ValidationError

from blocks.account_name import add_account, block_name, option
from blocks.bounds.block import SenseBounds
from blocks.check_prefect import prefect_findings
from blocks.easybill.account import EasybillAccount
from blocks.easybill.client import DEFAULT_BASE_URL
from blocks.easybill.clock import seconds_off
from blocks.easybill.errors import EasybillError, KeyRefused
from blocks.easybill.probe import ProbeRefused, probe, probe_finalised
from blocks.easybill.settings import AccountSetting, EasybillSettings
from blocks.finding import Finding, Light, look, ok, wrong
from blocks.ledger.block import InvoiceLedger
from blocks.ledger.errors import LedgerError
from blocks.oms.block import OmsDatabase
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from blocks.register import SETTINGS, differences
from blocks.saved import SettingsError, block_of, saved_block

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK_SECONDS = 60
KINDS: dict[str, type[Block]] = {
    "oms": OmsDatabase,
    "easybill": EasybillAccount,
    "ledger": InvoiceLedger,
    "bounds": SenseBounds,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the findings; 0: nothing is wrong, 1: something is."""
    options = _parser().parse_args(arguments)
    if options.probe or options.probe_finalised:
        return _probe(options)
    found = []
    for finding in findings(options.account):
        found.append(finding)
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
    count = sum(finding.light is Light.WRONG for finding in found)
    sys.stdout.write(f"{count} of {len(found)} wrong\n" if count else "Nothing is wrong.\n")
    return 1 if count else 0


def findings(account: str | None = None) -> Iterator[Finding]:
    """Look at everything; where Prefect does not answer, nobody knows what runs would use."""
    try:
        yield from prefect_findings(account)
    except SettingsError as error:
        yield wrong("Prefect server", error.said, error.next_step)
        return
    for name in KINDS:
        yield from _of_block(name, account)


def _of_block(name: str, account: str | None) -> Iterator[Finding]:
    kind = KINDS[name]
    place = f"{kind.get_block_type_slug()}/{block_name(name, account)}"
    try:
        block = block_of(kind, name, lambda: SETTINGS[name]().to_block(), account)
        yield _origin(name, account, place, block)
    except SettingsError as error:
        yield wrong(place, error.said, error.next_step)
        return
    match block:
        case OmsDatabase():
            yield from oms_findings(block)
        case EasybillAccount():
            yield from easybill_findings(block)
            if account not in (None, block.account):
                said = f"its rows in the ledger are those of {block.account}"
                yield look(place, said, f"Correct it, unless {block.account} is the same company")
        case InvoiceLedger():
            yield from ledger_findings(block)
            yield export_folder(Path(block.export_dir, account or ""))


def _origin(name: str, account: str | None, place: str, block: Block) -> Finding:
    """Whether the block is saved, and then how what the environment sets differs from it."""
    if saved_block(KINDS[name], name, account) is None:
        return ok(place, "made from the environment, as none is saved")
    if account is not None and AccountSetting().account != account:
        return ok(place, "saved")
    try:
        settings = SETTINGS[name]()
    except ValidationError:
        return ok(place, "saved")
    found = differences(block, settings.to_block())
    # A default says nothing: a worker's environment may have no settings at all.
    is_set = settings.model_fields_set
    listed = "; ".join(f"{field}: {said}" for field, said in found.items() if field in is_set)
    if not listed:
        return ok(place, "saved")
    replace = f"python -m blocks.register{option(account)} --replace"
    return look(place, f"the saved one counts; {listed}", replace)


def oms_findings(oms: OmsDatabase) -> Iterator[Finding]:
    """Reachable, with both relations and their columns; the rows of last month; the user."""
    ends_at = datetime.now(BERLIN).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    starts_at = (ends_at - timedelta(days=1)).replace(day=1)
    try:
        snapshot = oms.read_services(starts_at, ends_at)
        is_writable = oms.may_write()
    except OmsUnavailable as error:
        yield wrong("OMS", str(error), "Correct the URL of the block oms, or start the database")
        return
    except OmsContractBroken as error:
        yield wrong("OMS relations", str(error), "docs/oms.md has each column and its type")
        return
    counts = f"{snapshot.services.height:,} services, {snapshot.customers.height:,} customers"
    month = f"{starts_at:%Y-%m}"
    if snapshot.bad_rows:
        first = str(snapshot.bad_rows[0]).rstrip(".")
        said = f"{month}: {len(snapshot.bad_rows):,} unsound, such as {first}"
        yield wrong("OMS rows", said, "Fix them in the OMS: their customers would not be invoiced")
    elif not snapshot.services.height:
        yield look("OMS rows", f"{month}: no services", "See whether the OMS offers that month")
    else:
        yield ok("OMS rows", f"{month}: {counts}, all sound")
    if is_writable:
        yield look("OMS user", "may write", "Give it the right to SELECT from both relations only")
    else:
        yield ok("OMS user", "may only read")


def easybill_findings(account: EasybillAccount) -> Iterator[Finding]:
    """Key, logins, limit, clock, and whether the address is easybill's own."""
    try:
        with account.get_client() as client:
            logins = client.list_logins()
    except KeyRefused as error:
        yield wrong("easybill key", str(error), f"Put a valid key into {account.key_from}")
        return
    except EasybillError as error:
        yield wrong("easybill", str(error), "Correct EASYBILL_BASE_URL, or try again later")
        return
    names = ", ".join(login.display_name or f"login {login.id}" for login in logins)
    if logins:
        yield ok("easybill key", f"works; logins: {names}; account {account.account} in the ledger")
    else:
        yield wrong("easybill key", "belongs to no login", "Use a key of a person's login")
    if account.base_url == DEFAULT_BASE_URL:
        limit = f"{account.requests_per_minute} requests per minute"
        if account.requests_per_minute in (10, 60):
            yield ok("easybill limit", limit)
        else:
            yield look("easybill limit", limit, "Plans have 10 (PLUS) or 60 (BUSINESS)")
    else:
        yield look("easybill address", account.base_url, f"Only for rehearsals: {DEFAULT_BASE_URL}")
    off = seconds_off(account.base_url)
    if off is not None and abs(off) > CLOCK_SECONDS:
        yield wrong("clock", f"is {off:+.0f} s off easybill's", "Let the host keep time with NTP")
    elif off is not None:
        yield ok("clock", "agrees with easybill's")


def ledger_findings(ledger: InvoiceLedger) -> Iterator[Finding]:
    """Reachable, and of this release's version; a look migrates nothing."""
    try:
        version, newest = ledger.version()
    except LedgerError as error:
        yield wrong("ledger", str(error), "Correct the block ledger, start its database, or update")
        return
    if version is None:
        yield ok("ledger", "empty; the first run makes its tables")
    elif version != newest:
        said = f"is of version {version}, this release knows {newest}"
        yield look("ledger", said, "Make a copy, update all workers; the next run migrates it")
    else:
        yield ok("ledger", f"answers, version {version}")


def export_folder(folder: Path) -> Finding:
    """Whether files can be written there, or the folder be made."""
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    try:
        with TemporaryFile(dir=place) as file:
            file.write(b"\0" * 4096)
    except OSError as error:
        said = f"nothing can be written to {place}: {error.strerror}"
        return wrong("export folder", said, "Let the worker's user write there, or make room")
    return ok("export folder", str(folder.resolve()))


def _probe(options: argparse.Namespace) -> int:
    try:
        block = block_of(
            EasybillAccount, "easybill", lambda: EasybillSettings().to_block(), options.account
        )
        steps = (
            probe(block, keep=options.keep)
            if options.probe
            else probe_finalised(block, options.probe_finalised)
        )
        for line in steps:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    except (SettingsError, EasybillError, ProbeRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m blocks.check", description=__doc__)
    probing = parser.add_mutually_exclusive_group()
    probing.add_argument("--probe", action="store_true", help="measure easybill on a test account")
    probing.add_argument("--probe-finalised", type=int, metavar="ID", help="a finalised probe")
    parser.add_argument("--keep", action="store_true", help="leave one probe draft to be finalised")
    add_account(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
