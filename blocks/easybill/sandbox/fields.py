"""The fields of each resource, as the API description 1.92.3 lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "integer", "number", "flag", "date", "list", "object"]


@dataclass(frozen=True, slots=True)
class Field:
    """What a field holds, and what an answer shows where nothing was sent."""

    kind: Kind
    default: object = None
    nullable: bool = True
    read_only: bool = False
    choices: frozenset[object] = frozenset()


_TEXT = Field("text")
_SOME_TEXT = Field("text", "", nullable=False)
_INTEGER = Field("integer")
_NUMBER = Field("number")
_FLAG = Field("flag", default=False, nullable=False)
_DATE = Field("date")
_READ_ONLY = Field("text", read_only=True)


def _named(field: Field, names: str) -> dict[str, Field]:
    return dict.fromkeys(names.split(), field)


def _one_of(choices: str, default: str | None = None, *, nullable: bool = True) -> Field:
    return Field("text", default, nullable, choices=frozenset(choices.split()))


_DISCOUNT_TYPES = "PERCENT AMOUNT"
_VAT_OPTIONS = "NULL nStb nStbUstID nStbNoneUstID nStbIm revc IG AL sStfr"
_SALUTATION = Field("integer", 0, nullable=False, choices=frozenset(range(7)))

DOCUMENT: Mapping[str, Field] = {
    "type": _one_of(
        "INVOICE RECURRING CREDIT OFFER REMINDER DUNNING STORNO STORNO_CREDIT DELIVERY PDF CHARGE"
        " CHARGE_CONFIRM LETTER ORDER PROFORMA_INVOICE STORNO_PROFORMA_INVOICE",
        "INVOICE",
        nullable=False,
    ),
    "calc_vat_from": Field("integer", 0, nullable=False, choices=frozenset({0, 1})),
    "currency": replace(_SOME_TEXT, default="EUR"),
    "vat_option": _one_of(f"{_VAT_OPTIONS} smallBusiness"),
    "discount_type": _one_of(_DISCOUNT_TYPES),
    "status": _one_of("ACCEPT DONE DROPSHIPPING CANCEL"),
    "document_date": replace(_DATE, nullable=False),
    "anonymize_due_date": _DATE,
    "service_date": Field("object", nullable=False),
    "recurring_options": Field("object", nullable=False),
    "file_format_config": Field("list", nullable=False),
    "items": Field("list", nullable=False),
    "cash_allowance": _NUMBER,
    "pdf_template": replace(_TEXT, nullable=False),
    "login_id": replace(_INTEGER, nullable=False),
    **_named(_FLAG, "is_acceptable_on_public_domain is_archive is_replica is_oss"),
    "use_shipping_address": _FLAG,
    **_named(_SOME_TEXT, "contact_label contact_text order_number buyer_reference"),
    **_named(_SOME_TEXT, "text text_prefix"),
    **_named(_TEXT, "bank_debit_form cash_allowance_text discount external_id replica_url number"),
    **_named(_TEXT, "shipping_country text_tax title vat_country fulfillment_country"),
    **_named(_INTEGER, "cash_allowance_days contact_id customer_id grace_period due_in_days"),
    **_named(_INTEGER, "project_id ref_id"),
    **_named(
        _READ_ONLY,
        "id address label_address customer_snapshot attachment_ids amount amount_net"
        " anonymize_status anonymized_at billing_country cancel_id created_at due_date edited_at"
        " is_draft item_notes last_postbox_id paid_amount paid_at pdf_pages root_id vat_id",
    ),
}

POSITION: Mapping[str, Field] = {
    "type": _one_of("POSITION POSITION_NOCALC TEXT", "POSITION", nullable=False),
    "itemType": _one_of("PRODUCT SERVICE UNDEFINED", "UNDEFINED", nullable=False),
    "number": _TEXT,
    "description": _TEXT,
    "document_note": _SOME_TEXT,
    "quantity": Field("number", 1, nullable=False),
    "quantity_str": _SOME_TEXT,
    "unit": _TEXT,
    "position": Field("integer", nullable=False),
    "single_price_net": _NUMBER,
    "single_price_gross": replace(_NUMBER, nullable=False),
    "vat_percent": Field("number", 0, nullable=False),
    "discount": _NUMBER,
    "discount_type": _one_of(f"{_DISCOUNT_TYPES} QUANTITY FIX"),
    "position_id": _INTEGER,
    "cost_price_net": _NUMBER,
    **_named(_TEXT, "booking_account export_cost_1 export_cost_2"),
    **_named(
        _READ_ONLY,
        "id total_price_net total_price_gross total_vat serial_number_id serial_number"
        " cost_price_total cost_price_charge cost_price_charge_type",
    ),
}

SERVICE_DATE: Mapping[str, Field] = {
    "type": _one_of("DEFAULT SERVICE DELIVERY", "DEFAULT", nullable=False),
    **_named(_DATE, "date date_from date_to"),
    "text": _TEXT,
}

CUSTOMER: Mapping[str, Field] = {
    "acquire_options": Field("integer", choices=frozenset(range(1, 9))),
    "additional_groups_ids": Field("list", (), nullable=False),
    "emails": Field("list", (), nullable=False),
    "cash_allowance": _NUMBER,
    "cash_allowance_days": Field("integer", 7, nullable=False),
    "cash_discount": _NUMBER,
    "cash_discount_type": _one_of(_DISCOUNT_TYPES),
    "country": replace(_SOME_TEXT, default="DE"),
    "document_pdf_type": _one_of(
        "default zugferd1 zugferd2_2 xrechnung2_1_xml xrechnung2_2_xml xrechnung2_3_xml"
        " xrechnung3_0_xml",
        "default",
        nullable=False,
    ),
    "payment_options": Field("integer", choices=frozenset({1, 2, 3, 5})),
    "sale_price_level": _one_of(" ".join(f"SALEPRICE{level}" for level in range(2, 11))),
    "sepa_agreement": _one_of("BASIC COR1 COMPANY NULL"),
    "tax_options": _one_of(_VAT_OPTIONS),
    "login_id": replace(_INTEGER, nullable=False),
    **_named(_SALUTATION, "salutation delivery_salutation"),
    **_named(_DATE, "birth_date sepa_agreement_date since_date"),
    **_named(_FLAG, "personal delivery_personal archived"),
    **_named(_INTEGER, "grace_period due_in_days group_id"),
    **_named(_SOME_TEXT, "state delivery_state postbox_state delivery_title buyer_reference"),
    **_named(_SOME_TEXT, "number supplier_number foreign_supplier_number"),
    **_named(_TEXT, "company_name first_name last_name title street suffix_1 suffix_2 zip_code"),
    **_named(_TEXT, "city phone_1 phone_2 mobile fax internet note info_1 info_2 tax_number"),
    **_named(_TEXT, "vat_identifier court court_registry_number sepa_mandate_reference"),
    **_named(_TEXT, "bank_account bank_account_owner bank_bic bank_code bank_iban bank_name"),
    **_named(_TEXT, "postbox postbox_city postbox_country postbox_zip_code"),
    **_named(_TEXT, "delivery_city delivery_company_name delivery_country delivery_first_name"),
    **_named(_TEXT, "delivery_last_name delivery_street delivery_suffix_1 delivery_suffix_2"),
    "delivery_zip_code": _TEXT,
    **_named(_READ_ONLY, "id created_at updated_at display_name"),
}

ATTACHMENT: Mapping[str, Field] = {
    **_named(_INTEGER, "document_id customer_id project_id"),
    **_named(_READ_ONLY, "id created_at file_name size"),
}

PAYMENT: Mapping[str, Field] = {
    "amount": replace(_INTEGER, nullable=False),
    "document_id": replace(_INTEGER, nullable=False),
    "is_overdue_fee": _FLAG,
    "payment_at": replace(_DATE, nullable=False),
    **_named(_SOME_TEXT, "notice type provider reference"),
    **_named(_READ_ONLY, "id login_id"),
}


def defaults(fields: Mapping[str, Field]) -> dict[str, object]:
    """What a fresh resource shows in the fields that may be sent."""
    return {
        name: list(field.default) if isinstance(field.default, tuple) else field.default
        for name, field in fields.items()
        if not field.read_only and (field.nullable or field.default is not None)
    }
