"""Lengths of time on the command line."""

from datetime import timedelta

import pytest

from tasks.messages.set_up import window


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("45s", timedelta(seconds=45)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("32d", timedelta(days=32)),
    ],
)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert window(text) == length


@pytest.mark.parametrize("text", ["", "30", "m", "1.5h", "-30m", "30 m", "9s", "0d"])
def test_what_is_no_length_or_too_short_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no length of time|is too short"):
        window(text)
