"""The easybill account as a Prefect block."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from prefect.blocks.core import Block
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from blocks.easybill.client import DEFAULT_BASE_URL, EasybillClient, OnCall
from blocks.easybill.layout import CUSTOM_CSV, Layout
from blocks.easybill.limiter import RequestLimiter, Window
from blocks.easybill.transport import timeouts_within


def _sendable_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("an API key is one word of ASCII characters")
    return SecretStr(text)


def _plain_url(url: str) -> str:
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete or parts.scheme not in {"http", "https"}:
        raise ValueError(f"give a URL such as {DEFAULT_BASE_URL}")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("give the URL without a user, a question mark or a hash sign")
    return url


def _document_url(template: str) -> str:
    template = template.strip()
    parts = urlsplit(template.replace(DOCUMENT_ID, "1"))
    if DOCUMENT_ID not in template or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"give an address with {DOCUMENT_ID} in it, such as {AN_ADDRESS}")
    if set(template.replace(DOCUMENT_ID, "")) & set("{}\"'<> "):
        raise ValueError(f"give an address without braces, quotes and spaces around {DOCUMENT_ID}")
    return template


DOCUMENT_ID = "{document_id}"
AN_ADDRESS = "https://app.example.com/documents/{document_id}"
ApiKey = Annotated[SecretStr, AfterValidator(_sendable_key)]
BaseUrl = Annotated[str, AfterValidator(_plain_url)]
DocumentUrl = Annotated[str, AfterValidator(_document_url)]


class EasybillFields(BaseModel):
    """What the block and the settings of the account have in common: all of their fields."""

    # Validation errors would otherwise quote the values, the key among them.
    model_config = ConfigDict(hide_input_in_errors=True)

    api_key: ApiKey = Field(title="API key", description="The account's REST API key.")
    base_url: BaseUrl = Field(
        default=DEFAULT_BASE_URL,
        title="Base URL",
        description="Where the API is; another one only for rehearsals.",
    )
    requests_per_minute: int = Field(
        default=10,
        ge=1,
        description="The plan's limit: 10 for PLUS, 60 for BUSINESS.",
    )
    account: str = Field(
        default="main",
        min_length=1,
        description="The name of this account in the ledger; each key's account has its own.",
    )
    create_customers: bool = Field(
        default=False,
        description="Create customers that easybill does not know yet.",
    )
    csv_price_basis: Literal["gross", "net"] = Field(
        default="gross",
        title="CSV price basis",
        description="Whether item_price in the CSV holds the gross or the net price.",
    )
    cancellation_fee_label: str = Field(
        default="Stornogebühr: ",
        description="What a cancellation fee's title begins with.",
    )
    document_url: DocumentUrl | None = Field(
        default=None,
        title="Document URL",
        description="Where a person opens a document; {document_id} stands for easybill's id.",
    )


class EasybillAccount(EasybillFields, Block):
    """Access to one easybill account, and how its invoices are to look."""

    _block_type_name = "EasybillAccount"
    _block_type_slug = "easybillaccount"
    _description = "Access to one easybill account over its REST API."

    @property
    def layout(self) -> Layout:
        """The import layout that files are written in and read back by."""
        return CUSTOM_CSV

    def link_to(self, document_id: int) -> str | None:
        """Where a person opens the document; None where the account has no such template."""
        if self.document_url is None:
            return None
        return self.document_url.replace(DOCUMENT_ID, str(document_id))

    def get_client(
        self,
        *,
        window: Window | None = None,
        on_call: OnCall | None = None,
        attempt_seconds: float = 45.0,
    ) -> EasybillClient:
        """Open a new client; close it after use.

        It waits for its turns at `window`, which other processes may share; without one, this
        client alone is counted. `attempt_seconds` is what one attempt may take, once its turn
        has come.
        """
        limiter = (
            RequestLimiter.in_memory(self.requests_per_minute)
            if window is None
            else RequestLimiter(window)
        )
        return EasybillClient(
            self.api_key,
            self.base_url,
            limiter=limiter,
            on_call=on_call,
            timeouts=timeouts_within(attempt_seconds),
        )
