"""The main job on a machine that has nothing: a demo OMS, an easybill sandbox, one month.

Everything it makes lies in `.demo/` and is found again by the next demo.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from demo.sandbox import sandbox
from tasks.billing.month import BillingMonth

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".demo"
PORT = 8900


def main() -> int:
    """Fill the OMS, start the sandbox, register the blocks, invoice the month before."""
    STATE.mkdir(exist_ok=True)
    month = BillingMonth.before(datetime.now(UTC))
    oms_url = f"sqlite:///{STATE / 'oms.db'}"
    _fill_oms(oms_url, month)
    with sandbox(STATE, PORT) as address:
        os.environ |= {
            "OMS_DATABASE_URL": oms_url,
            "EASYBILL_API_KEY": "demo-key",
            "EASYBILL_BASE_URL": f"{address}/rest/v1",
            "EASYBILL_REQUESTS_PER_MINUTE": "100000",
            "LEDGER_DATABASE_URL": f"sqlite:///{STATE / 'ledger.db'}",
            "EXPORT_DIR": str(STATE / "exports"),
            "PREFECT_HOME": str(STATE / "prefect"),
            # The demo's months are drawn, not earned: one may be twice the other.
            "SENSE_MONTH_CHANGE_PERCENT": "1000",
        }
        if (code := _invoice(month)) == 0:
            _tell(address, month)
    return code


def _fill_oms(url: str, month: BillingMonth) -> None:
    from demo.customers import DEMO_CUSTOMERS
    from demo.oms import fill_demo

    months = [month.preceding().preceding(), month.preceding(), month, month.following()]
    fill_demo(url, [entry.first_day for entry in months])
    customers = [
        {
            "number": customer["customer_number"],
            "company_name": customer["company_name"],
            "first_name": customer["first_name"],
            "last_name": customer["last_name"],
        }
        for customer in DEMO_CUSTOMERS
    ]
    (STATE / "customers.json").write_text(json.dumps(customers), encoding="utf-8")


def _invoice(month: BillingMonth) -> int:
    # Prefect reads its environment when it is first imported.
    from blocks.register import register
    from flows.command_line import run_from_command_line
    from flows.monthly_invoicing import monthly_invoicing

    register()
    return run_from_command_line(monthly_invoicing, ["--month", str(month)])


def _tell(address: str, month: BillingMonth) -> None:
    answer = httpx.get(
        f"{address}/rest/v1/documents",
        params={"is_draft": "1", "limit": 1000},
        headers={"Authorization": "Bearer demo-key"},
    )
    exports = STATE.relative_to(ROOT) / "exports"
    sys.stdout.write(
        f"\nThe month {month} is invoiced.\n"
        f"  CSVs:   {exports / str(month)}/<customer_number>.csv\n"
        f"  Drafts: {answer.json()['total']} in the easybill sandbox;"
        " `make sandbox` shows them at http://127.0.0.1:8900/\n"
        "Run `make demo` again: nothing is created twice.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
