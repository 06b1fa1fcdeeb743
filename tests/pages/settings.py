"""The reference of all settings: docs/settings.md."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from blocks.register import SETTINGS

INTRODUCTION = """\
# Settings

Written by `python -m tests.pages`; change the settings in `blocks/`, not this file.

A setting is read from the environment, or from `.env` in the folder of the command.
`python -m blocks.register` saves the settings as Prefect blocks: `omsdatabase/oms`,
`easybillaccount/easybill`, `invoiceledger/ledger` and `sensebounds/bounds`. A run takes a saved
block from Prefect; it makes a block that is not saved from the environment.
"""
HEAD = """
| setting | type | default | meaning | secret | block field |
| --- | --- | --- | --- | --- | --- |
"""
TYPES = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`"}


def reference() -> str:
    """All settings as a page of the documentation."""
    rows = [
        _row(field, properties[str(field.validation_alias)], f"{block_name}.{name}")
        for block_name, settings in SETTINGS.items()
        for properties in [settings.model_json_schema()["properties"]]
        for name, field in settings.model_fields.items()
    ]
    return INTRODUCTION + HEAD + "".join(rows)


def _row(field: FieldInfo, schema: Mapping[str, Any], block_field: str) -> str:
    is_secret = field.annotation is SecretStr
    return (
        f"| `{field.validation_alias}` | {_type(schema)} | {_default(field)} | {field.description}"
        f" | {'yes' if is_secret else 'no'} | `{block_field}` |\n"
    )


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    kind = TYPES[schema["type"] if "type" in schema else schema["anyOf"][0]["type"]]
    if "maximum" in schema:
        return f"{kind}, {schema['minimum']} to {schema['maximum']}"
    return f"{kind}, {schema['minimum']} or more" if "minimum" in schema else kind


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    if field.default is None:
        return "none"
    value = field.default
    value = value.get_secret_value() if isinstance(value, SecretStr) else value
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
