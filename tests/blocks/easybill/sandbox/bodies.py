"""Bodies that the sandbox's tests send."""

from typing import Any

from tests.easybill_sandbox import RunningSandbox, exact

Json = dict[str, Any]


def position(**fields: object) -> Json:
    return {
        "type": "POSITION",
        "itemType": "SERVICE",
        "number": "S-1",
        "description": "Beratung\nvor Ort",
        "quantity": 1,
        "unit": "h",
        "single_price_net": 10000,
        "vat_percent": 19,
        **fields,
    }


def draft(customer_id: int | None, **fields: object) -> Json:
    return {
        "type": "INVOICE",
        "external_id": "oms:2026-10:K1",
        "customer_id": customer_id,
        "currency": "EUR",
        "calc_vat_from": 0,
        "vat_option": None,
        "order_number": "",
        "buyer_reference": "",
        "service_date": {"type": "SERVICE", "date_from": "2026-10-01", "date_to": "2026-10-31"},
        "items": [position()],
        **fields,
    }


def customer(number: str = "K1", **fields: object) -> Json:
    return {"number": number, "company_name": f"Firma {number}", "last_name": None, **fields}


def add_customer(sandbox: RunningSandbox, number: str = "K1", **fields: object) -> int:
    (created,) = sandbox.add_customers([customer(number, **fields)])
    return int(created["id"])


def create_draft(sandbox: RunningSandbox, customer_id: int | None = None, **fields: object) -> Json:
    created: Json = exact(sandbox.http.post("/documents", json=draft(customer_id, **fields)))
    return created


def upload(sandbox: RunningSandbox, name: str = "a.csv", content: bytes = b"a;b\n") -> Json:
    created: Json = exact(sandbox.http.post("/attachments", files={"file": (name, content)}))
    return created
