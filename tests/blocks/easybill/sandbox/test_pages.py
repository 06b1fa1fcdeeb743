"""What the accountant sees."""

import re
from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest

from blocks.easybill.sandbox import german
from tests.blocks.easybill.sandbox.bodies import add_customer, create_draft, position, upload
from tests.easybill_sandbox import RunningSandbox, exact, running_sandbox

_TAG = "<script>alert('1')</script>"


def shown(sandbox: RunningSandbox, path: str = "") -> str:
    answer = httpx.get(sandbox.page_url + path)
    assert answer.status_code == 200
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


def rows(page: str) -> list[list[str]]:
    found = re.findall(r"<tr>(<td.*?)</tr>", page, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in found]
    return [[re.sub(r"<[^>]*>", "", cell) for cell in row] for row in cells]


@pytest.fixture(scope="module")
def full() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        for number in range(1, 121):
            add_customer(sandbox, f"K{number}", company_name=f"Müller {number} & Söhne")
            month = "2026-10" if number % 2 else "2026-09"
            period = {"type": "SERVICE", "date_from": f"{month}-01", "date_to": f"{month}-30"}
            external_id = f"oms:{month}:K{number}"
            create_draft(sandbox, number, service_date=period, external_id=external_id)
        yield sandbox


def test_the_list_shows_each_draft_on_a_line(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox, add_customer(sandbox), items=[position(quantity=12345)])
    attachment = upload(sandbox, "2026-10-K1.csv")
    link = {"document_id": document["id"]}
    exact(sandbox.http.put(f"/attachments/{attachment['id']}", json=link))
    final = create_draft(sandbox, external_id=None)
    sandbox.finalise(final["id"])
    assert rows(shown(sandbox)) == [
        [
            *("", "", str(final["id"]), "01.10.2026 – 31.10.2026", "1"),
            *("100,00 €", "19,00 €", "119,00 €", "", "fertig"),
        ],
        [
            *("K1", "Firma K1", "oms:2026-10:K1", "01.10.2026 – 31.10.2026", "1"),
            *("1.234.500,00 €", "234.555,00 €", "1.469.055,00 €", "CSV", "Entwurf"),
        ],
    ]


def test_the_list_is_filtered_by_month_and_customer(full: RunningSandbox) -> None:
    assert "<b>60</b>" in shown(full, "?month=2026-10")
    assert [row[0] for row in rows(shown(full, "?customer=K12"))] == ["K120", "K12"]
    assert [row[0] for row in rows(shown(full, "?customer=müller 99 %26"))] == ["K99"]
    assert [row[0] for row in rows(shown(full, "?customer=K12&month=2026-09"))] == ["K120", "K12"]
    assert "Hier sind keine Entwürfe" in shown(full, "?month=2026-08")


def test_the_list_comes_in_pages(full: RunningSandbox) -> None:
    pages = [rows(shown(full, f"?page={page}")) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({row[0] for page in pages for row in page}) == 120
    assert rows(shown(full, "?page=99")) == pages[2]
    assert rows(shown(full, "?page=x")) == pages[0]
    assert 'href="/?month=2026-10&amp;page=2"' in shown(full, "?month=2026-10")


def test_the_sums_are_those_of_all_pages(full: RunningSandbox) -> None:
    assert "<b>12.000,00 €</b>" in shown(full, "?page=2")
    assert "<b>14.280,00 €</b>" in shown(full)


def test_a_document_is_shown_as_an_accountant_reads_it(sandbox: RunningSandbox) -> None:
    address = {"street": "Weg 1", "zip_code": "50667", "city": "Köln", "country": "DE"}
    customer_id = add_customer(sandbox, vat_identifier="DE123", **address)
    items = [
        position(quantity=1.5, single_price_net=6833.25, vat_percent=7),
        position(position=2, description=None, unit=None),
    ]
    document = create_draft(sandbox, customer_id, items=items, order_number="PO-1")
    attachment = upload(sandbox, "x.csv", "ä;€\n".encode())
    link = {"document_id": document["id"]}
    exact(sandbox.http.put(f"/attachments/{attachment['id']}", json=link))
    page = shown(sandbox, f"documents/{document['id']}")
    assert "Firma K1<br>Weg 1<br>50667 Köln<br>DE" in page
    assert "<dd>01.10.2026 – 31.10.2026</dd>" in page
    assert "<dd>PO-1</dd>" in page
    assert rows(page)[:2] == [
        ["1", "S-1", "Beratung\nvor Ort", "1,5", "h", "68,3325 €", "7 %", "102,50 €"],
        ["2", "S-1", "", "1", "", "100,00 €", "19 %", "100,00 €"],
    ]
    assert rows(page)[2:5] == [
        ["Netto", "202,50 €"],
        ["USt. 7 % auf 102,50 €", "7,18 €"],
        ["USt. 19 % auf 100,00 €", "19,00 €"],
    ]
    assert '>Brutto</td><td class="n">228,68 €' in page
    assert f'<a href="/attachments/{attachment["id"]}">x.csv</a>' in page
    assert httpx.get(f"{sandbox.page_url}attachments/{attachment['id']}").text == "ä;€\n"


def test_a_document_without_vat_says_why(sandbox: RunningSandbox) -> None:
    page = shown(sandbox, f"documents/{create_draft(sandbox, vat_option='IG')['id']}")
    assert "<dt>USt.-Option</dt><dd>IG</dd>" in page
    assert ["USt. 0 % auf 100,00 €", "0,00 €"] in rows(page)


def test_everything_is_escaped(sandbox: RunningSandbox) -> None:
    customer_id = add_customer(sandbox, f"K{_TAG}", company_name=_TAG, street=_TAG)
    item = position(number=_TAG, description=_TAG, unit=_TAG, quantity_str="<b>1")
    document = create_draft(
        *(sandbox, customer_id),
        items=[item],
        external_id=_TAG,
        title=_TAG,
        currency=_TAG,
        text=_TAG,
        order_number=_TAG,
    )
    attachment = upload(sandbox, "<b>.html", _TAG.encode())
    link = {"document_id": document["id"]}
    exact(sandbox.http.put(f"/attachments/{attachment['id']}", json=link))
    for path in ("", f"documents/{document['id']}", '?customer="><b>&month="><b>&page=2'):
        page = shown(sandbox, path)
        assert "<script" not in page
        assert "<b>." not in page
        assert '"><b>' not in page.replace('"soft">', "")
    file = httpx.get(f"{sandbox.page_url}attachments/{attachment['id']}")
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["documents/9", "attachments/9"])
def test_what_is_not_there_is_not_found(sandbox: RunningSandbox, path: str) -> None:
    assert httpx.get(sandbox.page_url + path).status_code == 404


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        ("0", "0,00"),
        ("5", "0,05"),
        ("-123456", "-1.234,56"),
        ("100000000", "1.000.000,00"),
        ("6833.25", "68,3325"),
        ("1E+2", "1,00"),
        ("10.00", "0,10"),
    ],
)
def test_money_is_written_as_in_german(cents: str, text: str) -> None:
    assert german.money(Decimal(cents)) == f"{text}\N{NO-BREAK SPACE}€"


def test_other_currencies_show_their_code() -> None:
    assert german.money(100, "CHF") == "1,00\N{NO-BREAK SPACE}CHF"
