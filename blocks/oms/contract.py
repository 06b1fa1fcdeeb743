"""What the OMS must offer: the two relations, each column and each rule declared once."""

import polars as pl

from blocks.oms.column import (
    INTEGER_DIGITS,
    LONGEST_KEY,
    Column,
    Kind,
    Relation,
    RowRule,
    Rule,
    at_least,
    between,
    matching,
    more_than,
    one_of,
    unique,
)

_KEY_TEXT = Rule(
    lambda key: key.str.len_chars() <= LONGEST_KEY,
    f"a text that is not empty, of at most {LONGEST_KEY} characters",
)
_A_KEY = "a key that no other row has"
_FILE_NAME = matching(
    r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
    "1 to 64 letters (A-Z, a-z), digits, dots, dashes and underscores, no dot at the start,"
    " because it names a file",
)
# easybill's own values (API description); null is the normal case.
_VAT_OPTIONS = one_of(
    "nStb",
    "nStbUstID",
    "nStbNoneUstID",
    "nStbIm",
    "revc",
    "IG",
    "AL",
    "sStfr",
    "smallBusiness",
)
_PERCENT = between(0, 100)
_DAYS = Rule(
    lambda days: days.is_between(0, 999) & (days == days.cast(pl.Int64)), "0 to 999, whole"
)
# A position's quantity has a maxLength (API description).
_QUANTITY_CHARACTERS = 10
_QUANTITY = pl.col("quantity").cast(pl.String).str.replace(r"\.?0+$", "")
_NET = pl.col("quantity") * pl.col("unit_price_net")
_HAS_FEE = pl.col("cancellation_fee_net").fill_null(0) > 0
_ONE_CURRENCY = pl.col("currency").n_unique().over("customer_number") == 1

SERVICES = Relation(
    "invoicing_services",
    key="service_id",
    columns=(
        Column("service_id", Kind.TEXT, "the key, never used again for another service", _KEY_TEXT),
        Column("customer_number", Kind.TEXT, "easybill's customer number", _FILE_NAME),
        Column("order_number", Kind.TEXT, "the order it belongs to", nullable=True),
        Column("rendered_at", Kind.TIME, "when it was rendered, or its cancellation billable"),
        Column("service_code", Kind.TEXT, "the number of the article", nullable=True),
        Column("name", Kind.TEXT, "the title of the line"),
        Column("description", Kind.TEXT, "further lines of the title", nullable=True),
        Column("quantity", Kind.NUMBER, "how many units", more_than(0)),
        Column("unit", Kind.TEXT, "what one unit is", nullable=True),
        Column("unit_price_net", Kind.NUMBER, "net, in currency units", at_least(0)),
        Column("vat_percent", Kind.NUMBER, "the VAT of the service", _PERCENT),
        Column(
            "status",
            Kind.TEXT,
            "a cancelled service bills no price",
            one_of("rendered", "cancelled"),
        ),
        Column(
            "cancellation_fee_net",
            Kind.NUMBER,
            "net, in currency units; 0 is no fee",
            at_least(0),
            nullable=True,
        ),
        Column(
            "cancellation_fee_vat_percent",
            Kind.NUMBER,
            "the VAT of the fee, which depends on the case",
            _PERCENT,
            nullable=True,
        ),
        Column(
            "booking_account",
            Kind.TEXT,
            "optional column: the account that its lines are booked on",
            nullable=True,
            optional=True,
        ),
        Column(
            "cost_centre",
            Kind.TEXT,
            "optional column: the cost centre of its lines",
            nullable=True,
            optional=True,
        ),
    ),
    rules=(
        RowRule("service_id", unique("service_id"), _A_KEY),
        RowRule(
            "quantity",
            (_QUANTITY.str.len_chars() <= _QUANTITY_CHARACTERS).fill_null(value=True),
            f"at most {_QUANTITY_CHARACTERS} characters, such as 123456.789: easybill's limit",
        ),
        RowRule(
            "unit_price_net",
            (_NET < 10**INTEGER_DIGITS).fill_null(value=True),
            f"times the quantity below 10^{INTEGER_DIGITS}",
        ),
        RowRule(
            "cancellation_fee_vat_percent",
            ~_HAS_FEE | pl.col("cancellation_fee_vat_percent").is_not_null(),
            "0 to 100 where there is a cancellation fee",
        ),
    ),
)

CUSTOMERS = Relation(
    "invoicing_customers",
    key="customer_number",
    columns=(
        Column("customer_number", Kind.TEXT, "the key, easybill's customer number", _FILE_NAME),
        Column("company_name", Kind.TEXT, "the company", nullable=True),
        Column("first_name", Kind.TEXT, "the person's first name", nullable=True),
        Column("last_name", Kind.TEXT, "the person's last name", nullable=True),
        Column("email", Kind.TEXT, "an email address", nullable=True),
        Column("phone_number", Kind.TEXT, "a telephone number", nullable=True),
        Column("street", Kind.TEXT, "street and number", nullable=True),
        Column("zip_code", Kind.TEXT, "the postal code", nullable=True),
        Column("city", Kind.TEXT, "the city", nullable=True),
        Column("state", Kind.TEXT, "the state or region", nullable=True),
        Column(
            "country",
            Kind.TEXT,
            "the country, such as DE",
            matching("^[A-Z]{2}$", "two capital letters (ISO 3166 alpha-2)"),
        ),
        Column("vat_id", Kind.TEXT, "the VAT id", nullable=True),
        Column(
            "vat_option",
            Kind.TEXT,
            "easybill's VAT option; null is the normal case",
            _VAT_OPTIONS,
            nullable=True,
            # easybill's own description writes the normal case as this word.
            null_word="NULL",
        ),
        Column("purchase_order", Kind.TEXT, "the customer's order number", nullable=True),
        Column("buyer_reference", Kind.TEXT, "the Leitweg-ID of an XRechnung", nullable=True),
        Column(
            "currency",
            Kind.TEXT,
            "the currency; null is EUR",
            matching("^[A-Z]{3}$", "three capital letters"),
            default="EUR",
        ),
        Column(
            "due_in_days",
            Kind.NUMBER,
            "optional column: days to pay; null is the account's, else easybill's own",
            _DAYS,
            nullable=True,
            optional=True,
        ),
    ),
    rules=(
        RowRule("customer_number", unique("customer_number") | ~_ONE_CURRENCY, _A_KEY),
        RowRule(
            "currency",
            pl.col("customer_number").is_null() | _ONE_CURRENCY,
            "one row and one currency per customer, not mixed currencies",
        ),
        RowRule(
            "company_name",
            pl.col("company_name").is_not_null() | pl.col("last_name").is_not_null(),
            "a company_name or a last_name",
        ),
    ),
)
