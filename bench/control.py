"""The control: the same month computed by SQL alone, held against the drafts in easybill."""

from datetime import date

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

KEY = "bench-key"
# Independent of the product's code: one statement over the OMS, in PostgreSQL's exact numerics,
# whose round() takes a half away from zero.
SUMS = """
WITH line AS (
    SELECT customer_number, vat_percent AS rate, round(quantity * unit_price_net, 2) AS net
    FROM invoicing_services
    WHERE status = 'rendered' AND rendered_at >= :first AND rendered_at < :next
    UNION ALL
    SELECT customer_number, cancellation_fee_vat_percent, round(cancellation_fee_net, 2)
    FROM invoicing_services
    WHERE cancellation_fee_net > 0 AND rendered_at >= :first AND rendered_at < :next
), rate_sum AS (
    SELECT customer_number, sum(net) AS net, round(sum(net) * rate / 100, 2) AS vat
    FROM line GROUP BY customer_number, rate
)
SELECT customer_number, (sum(net) * 100)::bigint, (sum(net + vat) * 100)::bigint
FROM rate_sum GROUP BY customer_number
"""


def sums_of_the_oms(oms_url: str, first: date, following: date) -> dict[str, tuple[int, int]]:
    """Net and gross cents per customer number, for OMS times in [first, following)."""
    engine = create_engine(oms_url, poolclass=NullPool)
    with engine.connect() as connection:
        rows = connection.execute(text(SUMS), {"first": first, "next": following})
        return {number: (int(net), int(gross)) for number, net, gross in rows}


def sums_of_the_drafts(base_url: str, month: str) -> dict[str, tuple[int, int]]:
    """Net and gross cents per customer number, as easybill computes its drafts.

    Fails where a customer has two drafts, or a draft has not exactly one attachment.
    """
    sums: dict[str, tuple[int, int]] = {}
    page, pages = 1, 1
    while page <= pages:
        answer = httpx.get(
            f"{base_url}/documents",
            params={"limit": 1000, "page": page, "is_draft": "1"},
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=60,
        ).json()
        for draft in answer["items"]:
            _, of_month, number = draft["external_id"].split(":")
            if of_month != month:
                continue
            if number in sums or len(draft["attachment_ids"]) != 1:
                raise SystemExit(f"customer {number}: not one draft with one attachment")
            sums[number] = (draft["amount_net"], draft["amount"])
        page, pages = page + 1, answer["pages"]
    return sums
