"""Layouts adopted from templates of other programs: what they write, and the way back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.easybill.layout import Layout, layout_of
from blocks.easybill.layout_check import differences, lacking, warnings
from blocks.easybill.layout_template import read_template
from tests.blocks.easybill.test_layout import BREAKING, FILLED, PRICES, held, lines, read_back
from tests.foreign_layouts import FILLED_IN, TEMPLATES, adopted

ADOPTED = {template: layout_of(adopted(template)) for template in FILLED_IN}
FEE = {
    "line_number": "2",
    "kind": "cancellation_fee",
    "name": "Stornogebühr: Prüfung",
    "title": "Stornogebühr: Prüfung\nNord; Süd",
    "description": "Nord; Süd",
    "quantity": "2.5",
    "unit_price": "1.469055",
    "unit_price_gross": "1.469055",
    "unit_price_net": "1.2345",
}


@pytest.mark.parametrize(
    ("template", "written"),
    [
        (
            "german",
            "2026-10-K1;31.10.2026;K1;;;;;DE;Leistung;S-1;;Wartung;;1;;10,00;19;EUR;05.10.2026;\r\n"
            "2026-10-K1;31.10.2026;K1;;;;;DE;Storno;S-1;;Stornogebühr: Prüfung;"
            '"Nord; Süd";2,5;;1,2345;19;EUR;05.10.2026;\r\n',
        ),
        (
            "no_names",
            "K1|20261005|S|S-1|Wartung|1|11,90|19\n"
            'K1|20261005|G|S-1|"Stornogebühr: Prüfung\nNord; Süd"|2,5|1,469055|19\n',
        ),
        (
            "english",
            '"05/10/2026","1","K1","","","S-1","charge","Wartung","","1","","11.90","19","EUR",'
            '"8400"\r\n'
            '"05/10/2026","2","K1","","","S-1","cancellation fee","Stornogebühr: Prüfung",'
            '"Nord; Süd","2.5","","1.469055","19","EUR","8400"\r\n',
        ),
    ],
)
def test_a_service_and_its_fee_are_written_as_the_program_writes_them(
    template: str, written: str
) -> None:
    layout = ADOPTED[template]
    content = layout.write(lines({}, FEE)).decode(layout.form.encoding)
    # The names are those of the template, its mark included.
    content_of_template = (TEMPLATES / f"{template}.csv").read_bytes().decode(layout.form.encoding)
    head = content_of_template.splitlines(keepends=True)[0] if layout.form.header else ""
    assert content == head + written


@pytest.mark.parametrize("template", FILLED_IN)
def test_it_has_all_that_a_bill_needs_and_fits_its_template(template: str) -> None:
    layout = ADOPTED[template]
    assert lacking(layout) + warnings(layout) == []
    assert differences(read_template(TEMPLATES / f"{template}.csv"), layout) == []


@settings(max_examples=30)
@given(
    layout=st.sampled_from(list(ADOPTED.values())),
    items=st.lists(st.tuples(FILLED, BREAKING, PRICES), min_size=1),
)
def test_every_text_and_price_comes_back(layout: Layout, items: list[tuple[str, str, str]]) -> None:
    encoding = layout.form.encoding
    rows = [
        {
            "name": name.encode(encoding, "ignore").decode(encoding),
            "title": name,
            "description": description.encode(encoding, "ignore").decode(encoding),
            **dict.fromkeys(("unit_price", "unit_price_net", "unit_price_gross"), price),
        }
        for name, description, price in items
    ]
    its = lines(*rows, FEE)
    assert read_back(layout, layout.write(its)) == held(layout, its)
