"""All parts of one running sandbox."""

from pathlib import Path

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox.attachments import Attachments
from blocks.easybill.sandbox.customers import Customers
from blocks.easybill.sandbox.documents import Documents
from blocks.easybill.sandbox.faults import Fault
from blocks.easybill.sandbox.filters import Selection
from blocks.easybill.sandbox.payments import Payments
from blocks.easybill.sandbox.refusal import not_found
from blocks.easybill.sandbox.request_limit import RequestLimit
from blocks.easybill.sandbox.requests import RequestLog
from blocks.easybill.sandbox.store import Store

LOGIN_ID = 100001


class Sandbox:
    """One easybill account: its resources, key, limit, planted faults and requests."""

    def __init__(
        self,
        file: Path | None = None,
        api_key: str | None = None,
        requests_per_minute: int | None = None,
        login_id: int = LOGIN_ID,
    ) -> None:
        """`api_key`: None accepts any key. `requests_per_minute`: None sets no limit."""
        self.api_key = api_key
        self.login_id = login_id
        self.store = Store(file)
        self.customers = Customers(self.store, login_id)
        self.documents = Documents(self.store, self.customers, login_id)
        self.attachments = Attachments(self.store, self.customers, self.documents)
        self.payments = Payments(self.store, self.documents, login_id)
        self.limit = RequestLimit(requests_per_minute)
        self.requests = RequestLog()
        self.faults: list[Fault] = []

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
