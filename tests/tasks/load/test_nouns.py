"""The nouns of billing have the columns of the OMS, as the contract declares them."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import get_args, get_type_hints

import pytest

from blocks.oms.column import Kind, Relation
from blocks.oms.contract import CUSTOMERS, SERVICES
from tasks.billing.invoice import Customer
from tasks.billing.line_item import Service

TYPES = {Kind.TEXT: str, Kind.NUMBER: Decimal, Kind.TIME: datetime}


@pytest.mark.parametrize(("noun", "relation"), [(Service, SERVICES), (Customer, CUSTOMERS)])
def test_a_noun_has_the_columns_that_are_declared(noun: type, relation: Relation) -> None:
    names = [field.name for field in fields(noun)]
    assert names == list(relation.column_names)


@pytest.mark.parametrize(("noun", "relation"), [(Service, SERVICES), (Customer, CUSTOMERS)])
def test_a_field_has_the_type_of_its_column_and_is_none_where_that_may_be_null(
    noun: type, relation: Relation
) -> None:
    hints = get_type_hints(noun)
    for column in relation.columns:
        types = set(get_args(hints[column.name])) or {hints[column.name]}
        assert types - {NoneType} == {TYPES[column.kind]}, column.name
        assert NoneType in types or not column.nullable, column.name
