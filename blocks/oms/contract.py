"""What the two relations must hold, as the frames that leave this block."""

from typing import Annotated

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

BERLIN = "Europe/Berlin"
STATUSES = ("rendered", "cancelled")
# easybill's own values (API description); null is the normal case.
VAT_OPTIONS = (
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
# The customer number names the customer's CSV.
SAFE_FILE_NAME = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"
COUNTRY = r"^[A-Z]{2}$"
CURRENCY = r"^[A-Z]{3}$"
EXACT = pl.Decimal(38, 4)

_Exact = Annotated[pl.Decimal, 38, 4]
_Berlin = Annotated[pl.Datetime, "us", BERLIN]
_NOT_EMPTY = {"min_value": 1}


class Services(pa.DataFrameModel):
    """Services and cancellations, one row each; amounts in currency units, net, exact."""

    service_id: pl.String = pa.Field(unique=True, str_length=_NOT_EMPTY)
    customer_number: pl.String = pa.Field(str_matches=SAFE_FILE_NAME)
    order_number: pl.String = pa.Field(nullable=True)
    rendered_at: _Berlin
    service_code: pl.String = pa.Field(nullable=True)
    name: pl.String = pa.Field(str_length=_NOT_EMPTY)
    description: pl.String = pa.Field(nullable=True)
    quantity: _Exact = pa.Field(gt=0)
    unit: pl.String = pa.Field(nullable=True)
    unit_price_net: _Exact = pa.Field(ge=0)
    vat_percent: _Exact = pa.Field(ge=0, le=100)
    status: pl.String = pa.Field(isin=STATUSES)
    cancellation_fee_net: _Exact = pa.Field(ge=0, nullable=True)
    cancellation_fee_vat_percent: _Exact = pa.Field(ge=0, le=100, nullable=True)

    class Config:
        """No other columns, in this order."""

        strict = True
        ordered = True

    @pa.dataframe_check
    @classmethod
    def a_fee_names_its_vat(cls, frame: PolarsData) -> pl.LazyFrame:
        """Demand the VAT of each fee: it depends on the case, so it is never guessed."""
        fee = pl.col("cancellation_fee_net").fill_null(0)
        return frame.lazyframe.select(
            (fee == 0) | pl.col("cancellation_fee_vat_percent").is_not_null()
        )


class Customers(pa.DataFrameModel):
    """Customers, one row per easybill customer number."""

    customer_number: pl.String = pa.Field(unique=True, str_matches=SAFE_FILE_NAME)
    company_name: pl.String = pa.Field(nullable=True)
    first_name: pl.String = pa.Field(nullable=True)
    last_name: pl.String = pa.Field(nullable=True)
    email: pl.String = pa.Field(nullable=True)
    phone_number: pl.String = pa.Field(nullable=True)
    street: pl.String = pa.Field(nullable=True)
    zip_code: pl.String = pa.Field(nullable=True)
    city: pl.String = pa.Field(nullable=True)
    state: pl.String = pa.Field(nullable=True)
    country: pl.String = pa.Field(str_matches=COUNTRY)
    vat_id: pl.String = pa.Field(nullable=True)
    vat_option: pl.String = pa.Field(isin=VAT_OPTIONS, nullable=True)
    purchase_order: pl.String = pa.Field(nullable=True)
    buyer_reference: pl.String = pa.Field(nullable=True)
    currency: pl.String = pa.Field(str_matches=CURRENCY)

    class Config:
        """No other columns, in this order."""

        strict = True
        ordered = True

    @pa.dataframe_check
    @classmethod
    def a_customer_has_a_name(cls, frame: PolarsData) -> pl.LazyFrame:
        """Demand what easybill does: a company or a last name."""
        return frame.lazyframe.select(
            pl.col("company_name").is_not_null() | pl.col("last_name").is_not_null()
        )


SERVICE_COLUMNS = tuple(Services.to_schema().columns)
CUSTOMER_COLUMNS = tuple(Customers.to_schema().columns)
NUMBER_COLUMNS = (
    "quantity",
    "unit_price_net",
    "vat_percent",
    "cancellation_fee_net",
    "cancellation_fee_vat_percent",
)
