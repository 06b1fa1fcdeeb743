from collections.abc import Iterator
from dataclasses import fields

from tests.simulation.cast import AS_IN_PRODUCTION
from tests.simulation.guards import GUARDS, Guard


def pieces_of(guard: Guard) -> Iterator[type]:
    """Who plays another part than in production."""
    for field in fields(guard.cast):
        piece = getattr(guard.cast, field.name)
        if piece is not getattr(AS_IN_PRODUCTION, field.name):
            yield piece


def test_each_guard_that_is_taken_away_is_there() -> None:
    for guard in GUARDS:
        for piece in pieces_of(guard):
            own = {name for name in vars(piece) if not name.startswith("__")}
            inherited = {name for base in piece.__mro__[1:] for name in vars(base)}
            assert own, guard.name
            assert own <= inherited, guard.name
