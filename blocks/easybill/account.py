"""The easybill account as a Prefect block."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from prefect.blocks.core import Block
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from blocks.easybill.answers import KEY_FROM_ENVIRONMENT
from blocks.easybill.client import DEFAULT_BASE_URL, EasybillClient, OnCall
from blocks.easybill.layout import CUSTOM, Layout, layout_of, text_of_layout
from blocks.easybill.limiter import RequestLimiter, Window
from blocks.easybill.position_text import PositionText
from blocks.easybill.transport import ATTEMPT_SECONDS


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


def _usable_layout(given: str) -> str:
    text = text_of_layout(given.strip())
    layout_of(text)
    return text


def _usable_text(template: str) -> str:
    PositionText.parse(template)
    return template


DOCUMENT_ID = "{document_id}"
AN_ADDRESS = "https://app.example.com/documents/{document_id}"
ApiKey = Annotated[SecretStr, AfterValidator(_sendable_key)]
BaseUrl = Annotated[str, AfterValidator(_plain_url)]
DocumentUrl = Annotated[str, AfterValidator(_document_url)]
PositionTemplate = Annotated[str, AfterValidator(_usable_text)]
CsvLayout = Annotated[str, AfterValidator(_usable_layout)]


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
    csv_layout: CsvLayout = Field(
        default=CUSTOM,
        title="CSV layout",
        description=(
            "The import layout of the CSVs: custom-csv, positions, or a file in TOML; the block"
            " keeps its text."
        ),
    )
    csv_price_basis: Literal["gross", "net"] = Field(
        default="gross",
        title="CSV price basis",
        description=(
            "Whether unit_price in the CSV (item_price in custom-csv) holds the gross or the net"
            " price."
        ),
    )
    cancellation_fee_label: str = Field(
        default="Stornogebühr: ",
        description="What a cancellation fee's title begins with.",
    )
    position_text: PositionTemplate | None = Field(
        default=None,
        description=(
            "Text of a service's position in each draft, such as"
            " {name}\\n{rendered_at:%d.%m.%Y}, {order_number}; its fields are {name},"
            " {description}, {rendered_at}, {order_number} and {service_code}; unset: name and"
            " description, as in the CSV."
        ),
    )
    cancellation_fee_text: PositionTemplate | None = Field(
        default=None,
        description=(
            "Text of a cancellation fee's position, a template like the position text; unset: its"
            " title, as in the CSV."
        ),
    )
    document_url: DocumentUrl | None = Field(
        default=None,
        title="Document URL",
        description="Where a person opens a document; {document_id} stands for easybill's id.",
    )
    text_prefix: str | None = Field(
        default=None,
        description="Text above the positions of each draft; unset: easybill's own.",
    )
    text: str | None = Field(
        default=None,
        description="Text below the positions of each draft; unset: easybill's own.",
    )
    pdf_template: str | None = Field(
        default=None,
        title="PDF template",
        description="PDF template of each draft: DE, EN or a template's id; unset: easybill's own.",
    )
    login_id: int | None = Field(
        default=None,
        ge=1,
        title="Login id",
        description="Login that each draft is of; unset: the key's own.",
    )
    document_date: Literal["month-end"] | None = Field(
        default=None,
        description="month-end: each draft has the last day of its month; unset: easybill's own.",
    )
    due_in_days: int | None = Field(
        default=None,
        ge=0,
        description="Days to pay, where the OMS has none for the customer; unset: easybill's own.",
    )


class EasybillAccount(EasybillFields, Block):
    """Access to one easybill account, and how its invoices are to look."""

    _block_type_name = "EasybillAccount"
    _block_type_slug = "easybillaccount"
    # One of Prefect's own logos.
    _logo_url = HttpUrl(
        "https://cdn.sanity.io/images/3ugk85nk/production"
        "/82bc6ed16ca42a2252a5512c72233a253b8a58eb-250x250.png"
    )
    _documentation_url = HttpUrl("https://www.easybill.de/api/")
    _description = "Access to one easybill account over its REST API."

    @property
    def layout(self) -> Layout:
        """The import layout that new files are written in."""
        return layout_of(self.csv_layout)

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
        attempt_seconds: float = ATTEMPT_SECONDS,
    ) -> EasybillClient:
        """Open a new client; close it after use.

        It waits for its turns at `window`, which other processes may share; without one, this
        client alone is counted. `attempt_seconds` is what one attempt may take in all, once its
        turn has come.
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
            attempt_seconds=attempt_seconds,
            key_from=self.key_from,
        )

    @property
    def key_from(self) -> str:
        """Where a person corrects the key: the saved block that it came from, or the variable."""
        saved = self._block_document_name
        return f"the block {self._block_type_slug}/{saved}" if saved else KEY_FROM_ENVIRONMENT
