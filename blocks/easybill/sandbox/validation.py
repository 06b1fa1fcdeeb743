"""Which bodies easybill accepts: wrong values are refused, ignored fields are noted."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox.fields import (
    ATTACHMENT,
    CUSTOMER,
    DOCUMENT,
    PAYMENT,
    POSITION,
    SERVICE_DATE,
    Field,
    Kind,
)
from blocks.easybill.sandbox.refusal import invalid

_TYPES: Mapping[Kind, tuple[type, ...]] = {
    "text": (str,),
    "date": (str,),
    "integer": (int,),
    "number": (int, Decimal),
    "flag": (bool,),
    "list": (list,),
    "object": (dict,),
}
# What an attachment can be linked to.
CONTEXTS = ("document_id", "customer_id", "project_id")

# What easybill ignores in a body: fields that are read only, or that it does not know.
Violations = list[str]


def accepted_document(body: Json, violations: Violations) -> Json:
    """The fields of a document that easybill accepts from the body."""
    accepted = _accepted(body, DOCUMENT, "", violations)
    if accepted.get("discount") is not None:
        raise invalid("The sandbox does not compute discounts", "discount")
    if "service_date" in accepted:
        accepted["service_date"] = _service_date(accepted["service_date"], violations)
    if "items" in accepted:
        accepted["items"] = _positions(accepted["items"], violations)
    return accepted


def accepted_customer(body: Json, violations: Violations) -> Json:
    """The fields of a customer that easybill accepts from the body."""
    accepted = _accepted(body, CUSTOMER, "", violations)
    emails = accepted.get("emails", [])
    if isinstance(emails, list) and not all(isinstance(email, str) for email in emails):
        raise invalid("A list of texts is expected", "emails")
    return accepted


def require_a_name(customer: Mapping[str, object]) -> None:
    """A customer has a last name or a company name (recorded answer)."""
    if not customer.get("last_name") and not customer.get("company_name"):
        raise invalid("Bitte füllen Sie alle Felder aus.", "last_name", "company_name")


def accepted_payment(body: Json, violations: Violations) -> Json:
    """The fields of a payment that easybill accepts from the body."""
    return _accepted(body, PAYMENT, "", violations)


def accepted_attachment(body: Json, violations: Violations) -> Json:
    """What an attachment is linked to: at most one document, customer or project."""
    accepted = _accepted(body, ATTACHMENT, "", violations)
    given = [name for name in CONTEXTS if accepted.get(name) is not None]
    if len(given) > 1:
        raise invalid("An attachment has only one context", *given)
    return accepted


def _positions(items: list[Json], violations: Violations) -> list[Json]:
    return [_position(item, f"items[{place}]", violations) for place, item in enumerate(items)]


def _position(item: object, where: str, violations: Violations) -> Json:
    if not isinstance(item, dict):
        raise invalid("A position is an object", where)
    accepted = _accepted(item, POSITION, f"{where}.", violations)
    if accepted.get("discount") is not None:
        raise invalid("The sandbox does not compute discounts", f"{where}.discount")
    return accepted


def _service_date(value: Json, violations: Violations) -> Json:
    accepted = _accepted(value, SERVICE_DATE, "service_date.", violations)
    date_from, date_to = accepted.get("date_from"), accepted.get("date_to")
    given = (accepted.get("date"), date_from and date_to, accepted.get("text"))
    if accepted.get("type", "DEFAULT") != "DEFAULT" and sum(map(bool, given)) != 1:
        raise invalid("Exactly one of date, date_from and date_to, or text is set", "service_date")
    if isinstance(date_from, str) and isinstance(date_to, str) and date_to < date_from:
        raise invalid("The period ends before it begins", "service_date")
    return accepted


def _accepted(
    body: Mapping[str, object], fields: Mapping[str, Field], where: str, violations: Violations
) -> Json:
    accepted: Json = {}
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            violations.append(f"{where}{name} is unknown")
        elif field.read_only:
            violations.append(f"{where}{name} is read only")
        else:
            _check(value, field, f"{where}{name}")
            accepted[name] = value
    return accepted


def _check(value: object, field: Field, where: str) -> None:
    if value is None:
        if not field.nullable:
            raise invalid("The value must not be null", where)
        return
    is_valid = isinstance(value, _TYPES[field.kind]) and (
        field.kind == "flag" or not isinstance(value, bool)
    )
    if not is_valid:
        raise invalid(f"The value is no {field.kind}", where)
    if field.choices and value not in field.choices:
        raise invalid("The value is not one of those allowed", where)
    if field.kind == "date" and not is_date(value):
        raise invalid("A date is YYYY-MM-DD", where)


def is_date(text: object) -> bool:
    """Whether it is a day written `YYYY-MM-DD`."""
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
