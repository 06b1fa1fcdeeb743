"""Templates of positions' texts: what is refused, and what a text comes to."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.account import EasybillAccount
from blocks.easybill.position_text import FIELDS, PositionText, Value
from blocks.easybill.settings import EasybillSettings
from blocks.saved import SettingsError, block_of

NOTHING: dict[str, Value] = dict.fromkeys(FIELDS)
KNOWN: dict[str, Value] = {
    "name": "Beratung",
    "description": "vor Ort\nin Kiel",
    "rendered_at": datetime(2026, 10, 5, 9, 30),
    "order_number": "A-1",
    "service_code": "C-7",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{name}", "Beratung"),
        ("{service_code} {name}\n{description}", "C-7 Beratung\nvor Ort\nin Kiel"),
        (r"{name}\n{rendered_at}, Nr. {order_number}", "Beratung\n05.10.2026, Nr. A-1"),
        ("{name}: {rendered_at:%H:%M} {{Ort}}", "Beratung: 09:30 {Ort}"),
    ],
)
def test_a_text_has_the_fields_of_its_service(template: str, text: str) -> None:
    assert PositionText.parse(template).filled(KNOWN) == text


def test_a_line_is_left_out_where_no_field_of_it_has_a_value() -> None:
    template = PositionText.parse(r"{name} {description}\nAuftrag {order_number}\nDanke")
    assert template.filled({**NOTHING, "name": "Beratung"}) == "Beratung\nDanke"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Beratung", "it needs {name}"),
        ("{order_number}", "it needs {name}"),
        ("{nam}", "{nam} is no field: there are {name}, {description}, {rendered_at}, "),
        ("{}", "{} is no field"),
        ("{name.__class__}", "{name.__class__} is no field"),
        ("{name[0]}", "is no field"),
        ("{name!r}", "{name!r} is no field"),
        ("{name:>9}", "{name} takes no format: only {rendered_at} does"),
        ("{name", "write each field in braces"),
        ("name}", "write each field in braces"),
        (r"{na\nme}", "write each field in braces"),
        ("{name} {rendered_at:%q}", "the format of {rendered_at} may have %d, %m"),
        ("{name} {rendered_at:%}", "the format of {rendered_at} may have"),
        ("{name} {rendered_at:{name}}", "the format of {rendered_at} may have"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_when_the_settings_are_read(
    template: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EASYBILL_API_KEY", "key")
    monkeypatch.setenv("EASYBILL_CANCELLATION_FEE_TEXT", template)
    with pytest.raises(SettingsError) as raised:
        block_of(EasybillAccount, "no-such-block", lambda: EasybillSettings().to_block())
    refusal, _, why = str(raised.value).partition("EASYBILL_CANCELLATION_FEE_TEXT cannot be used: ")
    assert refusal
    assert said in why


@given(st.text(st.sampled_from("{}name:%dY!r[]. \n\\") | st.characters(), max_size=30))
def test_what_is_accepted_can_be_filled_and_says_something(template: str) -> None:
    for given_ in (template, "{name}" + template, template + "{rendered_at:" + template + "}"):
        try:
            parsed = PositionText.parse(given_)
        except ValueError:
            continue
        assert "Beratung" in parsed.filled(KNOWN)
        assert "Beratung" in parsed.filled({**NOTHING, "name": "Beratung"})
