"""All parts of one running sandbox."""

from dataclasses import dataclass, field
from pathlib import Path

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox.attachments import Attachments
from blocks.easybill.sandbox.customers import Customers
from blocks.easybill.sandbox.documents import Documents
from blocks.easybill.sandbox.faults import Faults
from blocks.easybill.sandbox.filters import Selection
from blocks.easybill.sandbox.refusal import not_found
from blocks.easybill.sandbox.request_limit import RequestLimit
from blocks.easybill.sandbox.requests import RequestLog
from blocks.easybill.sandbox.store import Store

LOGIN_ID = 100001


@dataclass(slots=True)
class Sandbox:
    """One easybill account: its resources, key, limit, faults and requests.

    api_key: None accepts any key. requests_per_minute: None sets no limit.
    """

    file: Path | None = None
    api_key: str | None = None
    requests_per_minute: int | None = None
    login_id: int = LOGIN_ID
    store: Store = field(init=False)
    customers: Customers = field(init=False)
    documents: Documents = field(init=False)
    attachments: Attachments = field(init=False)
    limit: RequestLimit = field(init=False)
    requests: RequestLog = field(init=False, default_factory=RequestLog)
    faults: Faults = field(init=False, default_factory=Faults)

    def __post_init__(self) -> None:
        self.store = Store(self.file)
        self.customers = Customers(self.store, self.login_id)
        self.documents = Documents(self.store, self.customers, self.login_id)
        self.attachments = Attachments(self.store, self.customers, self.documents)
        self.limit = RequestLimit(self.requests_per_minute)

    def logins(self, wanted: Selection) -> tuple[int, list[Json]]:
        """The account's only login, and that there is one."""
        return 1, [self.login(self.login_id)] if wanted.page == 1 else []

    def login(self, login_id: int) -> Json:
        """The login. Raises Refused (404) for any but the only one."""
        if login_id != self.login_id:
            raise not_found()
        return {
            "id": self.login_id,
            "first_name": "Sandbox",
            "last_name": "easybill",
            "display_name": "Sandbox easybill",
            "phone": "",
            "email": "sandbox@example.com",
            "email_signature": "",
            "login_type": "ADMIN",
            "locale": "de",
            "time_zone": "Europe/Berlin",
        }
