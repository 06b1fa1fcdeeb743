"""How a call to easybill can fail, by what the caller can do about it."""


class EasybillError(Exception):
    """A call to easybill did not succeed; `status` is None where no answer came."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class NotSent(Exception):
    """The caller's own check stopped a request just before it was sent; easybill saw nothing."""


class Rejected(EasybillError):
    """easybill refused the call: the same call again would be refused again."""


class KeyRefused(Rejected):
    """easybill does not accept the API key (401, or 403 to the question whose key it is)."""


class Forbidden(Rejected):
    """The call is forbidden (403): for the key, or by something on the way, such as a firewall."""


class NotFound(Rejected):
    """What the call names does not exist at easybill (404)."""


class Unavailable(EasybillError):
    """The call certainly changed nothing: it may be tried again later."""


class Unreadable(EasybillError):
    """easybill has something that cannot be read: a person has to look at it there."""


class OutcomeUnknown(EasybillError):
    """easybill may or may not have done the write: look before anything is sent again."""
