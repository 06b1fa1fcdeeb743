"""Worlds to crash in: one is made per kind of story, and every case gets a copy of its own."""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from tasks.report.files import HTML_NAME, TABLE_NAME
from tasks.report.on_file import JSON_NAME
from tests.crash.driver import EXPORTS, Place
from tests.databases import _execute
from tests.easybill_sandbox import RunningSandbox, running_sandbox
from tests.world import World

OMS, EASYBILL, LEDGER = "oms.db", "easybill.db", "ledger.db"
FIRST, MIDDLE, LAST = "K1", "K2", "K3"
# What no two runs have alike.
PASSING = {"id", "created_at", "edited_at", "attachment_ids"}
DRAWN = {HTML_NAME, TABLE_NAME}


@dataclass(frozen=True, slots=True)
class Original:
    """A world at rest; its ledger lies in the folder or in a PostgreSQL database."""

    folder: Path
    server: URL | None
    database: str

    @property
    def oms_url(self) -> str:
        return f"sqlite:///{self.folder / OMS}"

    @property
    def ledger_url(self) -> str:
        if self.server is None:
            return f"sqlite:///{self.folder / LEDGER}"
        return self.server.set(database=self.database).render_as_string(hide_password=False)

    @contextmanager
    def opened(
        self, requests_per_minute: int | None = None
    ) -> Iterator[tuple[Place, RunningSandbox]]:
        """Let easybill run here."""
        with running_sandbox(
            state=self.folder / EASYBILL, requests_per_minute=requests_per_minute
        ) as easybill:
            yield (
                Place(
                    folder=self.folder,
                    oms_url=self.oms_url,
                    ledger_url=self.ledger_url,
                    base_url=easybill.base_url,
                    api_key=easybill.api_key,
                ),
                easybill,
            )

    @contextmanager
    def copy(self, folder: Path, database: str) -> Iterator["Original"]:
        """The same world once more, with its ledger in that database, until the block ends."""
        shutil.copytree(self.folder, folder)
        yield replace(self, folder=folder, database=database)
        shutil.rmtree(folder)

    def world(self, easybill: RunningSandbox) -> World:
        """The hands of the people who work here."""
        return World(
            oms_url=self.oms_url,
            ledger_url="",
            export_dir=self.folder / EXPORTS,
            easybill=easybill,
        )


@contextmanager
def a_database(server: URL | None, template: str = "template1") -> Iterator[str]:
    """A PostgreSQL database that is like the template, until the block ends; "" without server."""
    if server is None:
        yield ""
        return
    name = f"invoicing_crash_{secrets.token_hex(6)}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield name
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def fill(world: World) -> None:
    """Three customers with services of October."""
    for quantity, number in enumerate((FIRST, MIDDLE, LAST), start=1):
        world.add_customer(number)
        world.add_service(f"{number}-1", number, price="33.335", quantity=str(quantity))
        world.add_service(f"{number}-2", number, price="80", vat="7")
        world.add_service(f"{number}-3", number, status="cancelled", fee="12.5", fee_vat="19")


def change(world: World) -> None:
    """For each customer, one service more and one at another price."""
    for number in (FIRST, MIDDLE, LAST):
        world.add_service(f"{number}-4", number, price="7.77", quantity="7")
        world.change_service(f"{number}-2", unit_price_net=81)


def stock(folder: Path, easybill: RunningSandbox) -> dict[str, Any]:
    """All that easybill and the folder of exports hold, without ids and times."""
    drafts = {draft["id"]: draft for draft in easybill.drafts()}
    return {
        "drafts": sorted((_lasting(draft) for draft in drafts.values()), key=str),
        "attachments": sorted(
            (
                each["file_name"],
                drafts.get(each["document_id"], {}).get("external_id", "no draft"),
                sha256(each["content"]).hexdigest(),
            )
            for each in easybill.attachments()
        ),
        "files": {
            str(file.relative_to(folder)): _content(file)
            for file in sorted((folder / EXPORTS).rglob("*"))
            if file.is_file()
        },
    }


def _content(file: Path) -> object:
    """The file without times; of what is drawn from report.json, that it is there."""
    if file.name == JSON_NAME:
        return {
            name: said
            for name, said in json.loads(file.read_bytes()).items()
            if name != "changed_at"
        }
    return None if file.name in DRAWN else file.read_text(encoding="utf-8")


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(each) for key, each in value.items() if key not in PASSING}
    return [_lasting(each) for each in value] if isinstance(value, list) else value
