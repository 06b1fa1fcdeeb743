"""easybill's own API description as a judge of requests and answers.

The description is Swagger 2.0; its schemas are turned into JSON Schema, with `x-nullable` and
`readOnly` given the meaning that they have in a request or in an answer.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tests.shared import shared_file

Json = dict[str, Any]
_DAY = r"\d{4}-\d\d-\d\d"
_PATTERNS = {
    "date": f"^{_DAY}$",
    "date-time": rf"^{_DAY} \d\d:\d\d:\d\d$",
    "datetime": rf"^{_DAY} \d\d:\d\d:\d\d$",
}
# Said of every resource in the description's text, or by easybill's recorded answers.
_GENERAL_REFUSALS = {400, 401, 403, 404, 409, 414, 429}


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or the answer to it: what the description is asked about."""

    method: str
    path: str
    query: Sequence[Sequence[str]] = ()
    content_type: str = ""
    body: str = ""
    status: int = 200

    @classmethod
    def recorded(cls, request: Mapping[str, Any]) -> "Message":
        """A request as the sandbox recorded it."""
        content_type = request["headers"].get("content-type", "")
        query, body = request["query"], request["body"]
        return cls(request["method"], request["path"], query, content_type, body)


class ApiDescription:
    """The description, as far as requests and answers can be held against it."""

    def __init__(self, description: Json) -> None:
        self._description = description
        self._validators: dict[tuple[str, bool, bool], Draft202012Validator] = {}

    @classmethod
    def load(cls) -> "ApiDescription":
        """Read the shared description; skips the test where it is absent."""
        file = shared_file("easybill/openapi-1.92.3.json")
        return cls(json.loads(file.read_text(encoding="utf-8")))

    def definition(self, name: str) -> Json:
        """A definition as it is in the description."""
        definition: Json = self._description["definitions"][name]
        return definition

    def parameters(self, method: str, path: str) -> list[Json]:
        """The parameters of an operation."""
        return [self._resolved(each) for each in self._operation(method, path)["parameters"]]

    def request_faults(self, request: Message) -> list[str]:
        """What is wrong with a request; nothing if the description allows it."""
        where = f"{request.method} {request.path}"
        try:
            parameters = self.parameters(request.method, request.path)
        except LookupError:
            return [f"{where}: the description knows no such operation"]
        faults = [*_query_faults(request.query, parameters)]
        faults += self._sent_body_faults(request, parameters)
        return [f"{where}: {fault}" for fault in faults]

    def answer_faults(self, answer: Message) -> list[str]:
        """What is wrong with an answer; nothing if the description allows it."""
        where = f"{answer.method} {answer.path} → {answer.status}"
        try:
            responses = self._operation(answer.method, answer.path)["responses"]
        except LookupError:
            return [] if answer.status == 404 else [f"{where}: there is no such operation"]
        response = responses.get(str(answer.status))
        if response is None and answer.status not in _GENERAL_REFUSALS:
            return [f"{where}: the status is not documented"]
        schema = (response or {}).get("schema")
        if schema is None or schema.get("format") == "binary":
            return []
        return [
            f"{where}: {fault}"
            for fault in self._faults(answer.body, schema, sending=False, complete=True)
        ]

    def _operation(self, method: str, path: str) -> Json:
        fitting = [each for each in self._description["paths"] if _fits(each, path)]
        # `/documents/{id}/done` before `/documents/{id}/{type}`.
        template = min(fitting, key=lambda each: each.count("{"), default=None)
        if template is None:
            raise LookupError(path)
        operation: Json = self._description["paths"][template][method.lower()]
        return operation

    def _sent_body_faults(self, request: Message, parameters: list[Json]) -> Iterator[str]:
        schema = next((each["schema"] for each in parameters if each["in"] == "body"), None)
        form = {each["name"] for each in parameters if each["in"] == "formData"}
        if schema is not None:
            complete = request.method == "POST"
            yield from self._faults(request.body, schema, sending=True, complete=complete)
        elif form:
            yield from _form_faults(request, form)
        elif request.body:
            yield "a body is not expected"

    def _faults(self, body: str, schema: Json, *, sending: bool, complete: bool) -> Iterator[str]:
        try:
            value = json.loads(body, parse_float=Decimal)
        except ValueError:
            yield "the body is no JSON"
            return
        key = (json.dumps(schema), sending, complete)
        if key not in self._validators:
            converted = self._converted(schema, sending=sending, complete=complete)
            self._validators[key] = Draft202012Validator(converted)
        yield from map(_told, self._validators[key].iter_errors(value))

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            _, kind, name = node["$ref"].split("/")
            node = self._description[kind][name]
        return node

    def _converted(self, node: Json, *, sending: bool, complete: bool) -> Json:
        node = self._resolved(node)
        if sending and node.get("readOnly"):
            return {"not": {}}
        nullable = node.get("x-nullable", False) or (not sending and _is_null_in_answers(node))
        if "allOf" in node or node.get("type") == "object" or "properties" in node:
            converted = self._converted_object(node, sending=sending, complete=complete)
        elif node["type"] == "array":
            items = self._converted(node["items"], sending=sending, complete=complete)
            converted = {"type": "array", "items": items}
        else:
            converted = _plain(node)
        return _or_null(converted) if nullable else converted

    def _converted_object(self, node: Json, *, sending: bool, complete: bool) -> Json:
        parts = [self._resolved(part) for part in node.get("allOf", [node])]
        properties = {
            name: self._converted(each, sending=sending, complete=complete)
            for part in parts
            for name, each in part.get("properties", {}).items()
        }
        required = [name for part in parts for name in part.get("required", []) if complete]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }


def _fits(template: str, path: str) -> bool:
    pattern = re.sub(r"\\{\w*type\\}", r"[a-z]+", re.escape(template))
    pattern = re.sub(r"\\{\w+\\}", r"\\d+", pattern)
    return re.fullmatch(pattern, path) is not None


def _is_null_in_answers(node: Json) -> bool:
    """`example: null` and `default: null` say so; of dates the description's text does."""
    shown = [node[name] for name in ("example", "default") if name in node]
    return None in shown or node.get("format") in _PATTERNS


def _or_null(converted: Json) -> Json:
    or_null = {**converted, "type": [converted["type"], "null"]}
    if "enum" in converted:
        or_null["enum"] = [*converted["enum"], None]
    return or_null


def _plain(node: Json) -> Json:
    converted: Json = {"type": node["type"]}
    for name in ("enum", "minimum", "maximum"):
        if name in node:
            converted[name] = node[name]
    if node["type"] == "string" and "maxLength" in node:
        converted["maxLength"] = node["maxLength"]
    if node.get("format") in _PATTERNS:
        converted["pattern"] = _PATTERNS[node["format"]]
    return converted


def _told(error: ValidationError) -> str:
    where = error.json_path.removeprefix("$").removeprefix(".") or "the body"
    if error.validator == "not":
        return f"{where} is read only"
    return f"{where}: {error.message}"


def _query_faults(query: Sequence[Sequence[str]], parameters: list[Json]) -> Iterator[str]:
    known = {each["name"]: each for each in parameters if each["in"] == "query"}
    for name, text in query:
        parameter = known.get(name.removesuffix("[]"))
        if parameter is None:
            yield f"the query parameter {name} is unknown"
        elif parameter["type"] == "integer" and not _is_within(text, parameter):
            yield f"the query parameter {name} is {text}, which is no number allowed"
        elif not set(text.split(",")) <= set(parameter.get("enum", text.split(","))):
            yield f"the query parameter {name} is {text}, which is not allowed"
    sent = {name for name, _ in query}
    required = (name for name, each in known.items() if each.get("required"))
    yield from (f"{name} is missing" for name in required if name not in sent)


def _is_within(text: str, parameter: Json) -> bool:
    if not re.fullmatch(r"-?\d+", text):
        return False
    return bool(parameter.get("minimum", int(text)) <= int(text) <= parameter.get("maximum", 10**9))


def _form_faults(request: Message, names: set[str]) -> Iterator[str]:
    if not request.content_type.startswith("multipart/form-data"):
        yield "the body is no multipart/form-data"
    sent = re.findall(r'Content-Disposition: form-data; name="([^"]*)"', request.body)
    if sorted(sent) != sorted(names):
        yield f"the form has the fields {sent}, expected are {sorted(names)}"
