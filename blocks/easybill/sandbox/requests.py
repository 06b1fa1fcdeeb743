"""The requests to the sandbox: all are counted, the latest are kept in full."""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

_ID = re.compile(r"/\d+(?=/|$)")
_SECRET_HEADERS = ("authorization", "cookie")
_MOST_KEPT = 1000


def template(path: str) -> str:
    """The path with `{id}` for each number; requests are counted by it."""
    return _ID.sub("/{id}", path)


@dataclass(slots=True)
class RecordedRequest:
    """One request to the API as it arrived, and the status it was answered with.

    `arrived_at` is in seconds since 1970; `status` is None where no answer was given.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    arrived_at: float
    body: bytes = b""
    status: int | None = None
    violations: list[str] = field(default_factory=list)

    @property
    def route(self) -> str:
        """Method and path template: `PUT /documents/{id}`."""
        return f"{self.method} {template(self.path)}"

    def shown(self) -> dict[str, object]:
        """The request for tests; a body that is no UTF-8 shows replacement characters."""
        body = self.body.decode("utf-8", "replace")
        return {**asdict(self), "route": self.route, "body": body}


def readable_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers without those that hold a key."""
    named = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    return {name: value for name, value in named if name not in _SECRET_HEADERS}


class RequestLog:
    """Counts every request, and keeps the latest ones."""

    def __init__(self) -> None:
        self.by_route: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.latest: deque[RecordedRequest] = deque(maxlen=_MOST_KEPT)

    def keep(self, most: int) -> None:
        """Keep at most this many requests in full."""
        self.latest = deque(self.latest, maxlen=most)

    def add(self, request: RecordedRequest) -> None:
        """Count the request, and keep it until newer ones take its place."""
        self.by_route[request.route] += 1
        self.by_status[str(request.status or "none")] += 1
        self.latest.append(request)

    def reset(self) -> None:
        """Forget everything."""
        self.by_route.clear()
        self.by_status.clear()
        self.latest.clear()
