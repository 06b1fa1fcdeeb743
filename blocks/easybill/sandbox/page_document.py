"""One document as an accountant sees it."""

from collections.abc import Mapping
from decimal import Decimal

from blocks.easybill.sandbox import german, totals
from blocks.easybill.sandbox.exact_json import Json, as_list, as_object
from blocks.easybill.sandbox.page_frame import file_links, frame, state_tag, text

_HEAD = (
    '<tr><th class="n">Pos.</th><th>Number</th><th>Description</th><th class="n">Quantity</th>'
    '<th>Unit</th><th class="n">Unit price net</th><th class="n">VAT</th>'
    '<th class="n">Total net</th></tr>'
)


def document_page(document: Json, customer: Json | None, files: list[tuple[int, str, int]]) -> str:
    """The document as HTML; files are ids, names and sizes in bytes."""
    is_draft = bool(document["is_draft"])
    kind = text(str(document["type"]).capitalize())
    number = text(document["number"]) or "without a number yet"
    content = (
        f'<p><a href="/">← All drafts</a></p><div class="card sheet">'
        f"<h1>{kind} {number} {state_tag(is_draft=is_draft)}</h1>"
        f'<div class="two"><address>{_address(document)}</address>'
        f"{_facts(document, customer)}</div>{_text(document['text_prefix'])}"
        f'<div class="scroll"><table>{_HEAD}{_positions(document)}</table></div>'
        f"{_totals(document)}{_text(document['text'])}<h2>Attachments</h2>{_files(files)}</div>"
    )
    return frame(f"{document['external_id'] or document['id']} · easybill sandbox", content)


def _address(document: Json) -> str:
    address = document["address"]
    if not isinstance(address, dict) or not address:
        return '<span class="soft">no customer</span>'
    person = f"{address['first_name']} {address['last_name']}".strip()
    place = f"{address['zip_code']} {address['city']}".strip()
    lines = (address["company_name"], person, address["street"], place, address["country"])
    return "<br>".join(text(line) for line in lines if line)


def _facts(document: Json, customer: Json | None) -> str:
    period = as_object(document["service_date"])
    first, last = period["date_from"] or period["date"], period["date_to"]
    tax = document["vat_option"]
    facts = {
        "Customer number": customer["number"] if customer else None,
        "VAT id": customer["vat_identifier"] if customer else None,
        "Period of supply": period["text"] or german.period(first, last),
        "Document date": german.day(document["document_date"]),
        "Due date": german.day(document["due_date"]),
        "Order number": document["order_number"],
        "Buyer reference": document["buyer_reference"],
        "VAT option": None if totals.is_taxed(tax) else tax,
        "External id": document["external_id"],
        "easybill id": document["id"],
        "Last edited": f"{german.day(document['edited_at'])} {str(document['edited_at'])[11:16]}",
    }
    rows = (f"<dt>{name}</dt><dd>{text(value)}</dd>" for name, value in facts.items() if value)
    return f"<dl>{''.join(rows)}</dl>"


def _text(value: object) -> str:
    return f'<p class="text">{text(value)}</p>' if value else ""


def _positions(document: Json) -> str:
    return "".join(_position(item, document["currency"]) for item in as_list(document["items"]))


def _position(item: Mapping[str, object], currency: object) -> str:
    quantity = item["quantity_str"] or german.number(totals.decimal(item["quantity"]))
    price = german.money(totals.decimal(item["single_price_net"]), currency)
    percent = german.number(totals.decimal(item["vat_percent"]))
    total = german.money(totals.decimal(item["total_price_net"]), currency)
    return (
        f'<tr><td class="n">{text(item["position"])}</td><td>{text(item["number"])}</td>'
        f'<td class="text">{text(item["description"])}</td><td class="n">{text(quantity)}</td>'
        f'<td>{text(item["unit"])}</td><td class="n">{text(price)}</td>'
        f'<td class="n">{text(percent)} %</td><td class="n">{text(total)}</td></tr>'
    )


def _totals(document: Json) -> str:
    from_gross, taxed = document["calc_vat_from"] == 1, totals.is_taxed(document["vat_option"])
    rates = totals.per_rate(as_list(document["items"]), from_gross=from_gross, taxed=taxed)
    currency = document["currency"]
    net = totals.decimal(document["amount_net"])
    rows = [_total("Net", net, currency)]
    for rate in rates:
        percent, base = german.number(rate.vat_percent), german.money(rate.net_cents, currency)
        rows.append(_total(f"VAT {percent} % on {base}", Decimal(rate.vat_cents), currency))
    rows.append(_total("Gross", totals.decimal(document["amount"]), currency, " class=sum"))
    return f'<table class="totals">{"".join(rows)}</table>'


def _total(name: str, cents: Decimal, currency: object, marked: str = "") -> str:
    amount = text(german.money(cents, currency))
    return f'<tr{marked}><td>{text(name)}</td><td class="n">{amount}</td></tr>'


def _files(files: list[tuple[int, str, int]]) -> str:
    if not files:
        return '<p class="soft">none</p>'
    rows = (
        f"<tr><td>{file_links([(file_id, name)])}</td>"
        f'<td class="n">{text(german.number(Decimal(size)))} bytes</td></tr>'
        for file_id, name, size in files
    )
    return f"<table>{''.join(rows)}</table>"
