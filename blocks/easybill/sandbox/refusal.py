"""How the sandbox refuses a request: easybill's error body, raised from anywhere."""

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """The request is answered with this status and easybill's error body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: int | None = None,
        arguments: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.arguments = list(arguments)
        self.headers = dict(headers or {})
        self.body = {"code": code or status, "message": message, "arguments": self.arguments}


def invalid(message: str, *arguments: str) -> Refused:
    """400 with the code that easybill's recorded answers carry."""
    return Refused(400, message, code=20000, arguments=arguments)


def not_found() -> Refused:
    """404 for a resource that is not there."""
    return Refused(404, "Resource not found")
