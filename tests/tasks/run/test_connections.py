"""What `connect` puts together of blocks that do not know each other."""

import json
from pathlib import Path
from socketserver import StreamRequestHandler

from pydantic import SecretStr
from sqlalchemy import create_engine, text

from blocks.bounds.block import SenseBounds
from blocks.easybill.account import EasybillAccount
from blocks.ledger.block import InvoiceLedger
from blocks.oms.block import OmsDatabase
from tasks.run.connections import connect
from tests.blocks.easybill.wire import KEY, a_page, raw_server, read_request


def answer_no_logins(talk: StreamRequestHandler) -> None:
    read_request(talk)
    body = json.dumps(a_page()).encode()
    talk.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def test_runs_on_one_ledger_share_the_limit_of_their_account(
    sqlite_url: str, tmp_path: Path
) -> None:
    oms = OmsDatabase(url=SecretStr(f"sqlite:///{tmp_path / 'oms.db'}"))
    ledger = InvoiceLedger(database_url=SecretStr(sqlite_url))
    with raw_server(answer_no_logins) as url:
        for name in ("main", "main", "test"):
            account = EasybillAccount(
                api_key=SecretStr(KEY), base_url=url, account=name, requests_per_minute=2
            )
            with connect(oms, account, ledger, SenseBounds()).client as client:
                assert client.list_logins() == []
    window = ledger.open("main").request_window(2, 61.0)
    assert window.take() > 0
    query = "SELECT account, count(*) FROM easybill_requests GROUP BY account ORDER BY account"
    with create_engine(sqlite_url).connect() as db:
        assert [tuple(row) for row in db.execute(text(query))] == [("main", 2), ("test", 1)]
