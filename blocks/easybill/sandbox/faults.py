"""Faults that tests and demos plant: what can go wrong between a client and easybill."""

import random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from blocks.easybill.sandbox.requests import template

Kind = Literal["status", "close_before", "close_after", "slow_before", "slow_after", "garbage"]


class Fault(BaseModel):
    """One planted fault.

    kind: `status` answers with `status`, `headers` and `body`; `close_before` and `close_after`
    break the connection off before or after the request took effect; `slow_before` and `slow_after`
    let `seconds` pass before the effect, or between effect and answer; `garbage` answers with text
    that is no JSON.
    effect: whether `status` and `garbage` happen before the request took effect (nothing
    happened) or after it (easybill did it, the client does not know).
    path: the path of the request (`/documents/17`), the same with `{id}` for numbers, or `*`.
    times: how often; share: for which part of the requests, drawn from `seed`. Without both: once.
    """

    model_config = ConfigDict(extra="forbid")

    method: str = "*"
    path: str = "*"
    kind: Kind
    status: int = Field(default=500, ge=200, le=599)
    headers: dict[str, str] = {}
    body: str = "Internal Server Error"
    seconds: float = Field(default=5.0, ge=0)
    effect: Literal["before", "after"] = "before"
    times: int | None = Field(default=None, ge=1)
    share: float | None = Field(default=None, ge=0, le=1)
    seed: int = 0
    _random: random.Random = PrivateAttr()
    _left: int | None = PrivateAttr()

    def model_post_init(self, _context: object) -> None:
        """Seed the draw, and count how often it is still to happen."""
        self._random = random.Random(self.seed)  # noqa: S311 - a draw, not a secret
        self._left = 1 if self.times is None and self.share is None else self.times

    @property
    def is_before(self) -> bool:
        """Whether the request takes no effect."""
        if self.kind in ("status", "garbage"):
            return self.effect == "before"
        return self.kind == "close_before"

    def hits(self, method: str, path: str) -> bool:
        """Whether the fault hits this request; if method and path fit, this counts and draws."""
        fits = self.method in ("*", method) and self.path in ("*", path, template(path))
        if not fits or self._left == 0:
            return False
        if self.share is not None and self._random.random() >= self.share:
            return False
        self._left = None if self._left is None else self._left - 1
        return True
