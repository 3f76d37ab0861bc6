"""`/api`: the OpenAPI document of the API for people who write programs, in English, as they need it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response

from monitor.api.app import PREFIX, described
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.visit import Visit

MOST_WORDS = 20
"""Of an enumeration that is told in full."""

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of an operation, or a member of an object; `where`: path, query, header or body, "" of a member."""

    name: str
    kind: str
    where: str
    needed: bool
    about: Markup


@dataclass(frozen=True, slots=True)
class Operation:
    """`answers`: the name of the object in its answer; `statuses`: what it may answer."""

    id: str
    method: str
    path: str
    grant: str
    about: Markup
    fields: Sequence[Field]
    answers: str
    statuses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object that answers hold."""

    name: str
    about: Markup
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Refused:
    status: str
    code: str
    about: Markup


def docs(desk: Desk, _visit: Visit) -> Response:
    document = described()
    return desk.pages.show(
        "api_docs",
        about=[_marked(paragraph) for paragraph in document["info"]["description"].strip().split("\n\n")],
        operations=list(_operations(document)),
        shapes=list(_shapes(document)),
        refusals=list(_refusals(document)),
        prefix=PREFIX,
    )


def _operations(document: Schema) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            fields = [_parameter(document, one) for one in told.get("parameters", ())]
            yield Operation(
                id=told["operationId"],
                method=method.upper(),
                path=f"{PREFIX}{path}",
                grant=told["security"][0]["token"][0],
                about=_marked(told.get("description", "")),
                fields=[*fields, *_body(document, told)],
                answers=_kind(told["responses"]["200"]["content"]["application/json"]["schema"]),
                statuses=[status for status in told["responses"] if status != "200"],
            )


def _parameter(document: Schema, one: Schema) -> Field:
    about = one.get("description") or one["schema"].get("description", "")
    return Field(one["name"], _told(document, one["schema"]), one["in"], one.get("required", False), _marked(about))


def _body(document: Schema, told: Schema) -> Iterator[Field]:
    if "requestBody" not in told:
        return
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    for choice in schema.get("anyOf", [schema]):
        yield from _members(document, _real(document, choice), "body")


def _shapes(document: Schema) -> Iterator[Shape]:
    """Those that answers hold: what requests hold stands at the operations."""
    for name, schema in sorted(document["components"]["schemas"].items()):
        if "properties" in schema and schema.get("additionalProperties") is not False:
            yield Shape(name, _marked(schema.get("description", "")), list(_members(document, schema, "")))


def _members(document: Schema, schema: Schema, where: str) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        yield Field(name, _told(document, member), where, name in needed, _marked(member.get("description", "")))


def _refusals(document: Schema) -> Iterator[Refused]:
    for status, told in document["components"]["responses"].items():
        for code, example in told["content"]["application/problem+json"]["examples"].items():
            yield Refused(status, code, _marked(example["value"]["detail"]))


def _real(document: Schema, schema: Schema) -> Schema:
    """What a reference names."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Schema = document["components"]["schemas"].get(name, schema)
    return found


def _told(document: Schema, schema: Schema) -> str:
    """`_kind`, enumerations in full, objects by name."""
    real = _real(document, schema)
    if "anyOf" in real:
        return " | ".join(_told(document, choice) for choice in real["anyOf"])
    return _kind(schema if "properties" in real else real)


def _kind(schema: Schema) -> str:
    """In a few words: `integer 1–200`, `array of Ticket`, `open | approved | null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        words = list(map(str, schema["enum"]))
        return " | ".join(words[:MOST_WORDS] + ["…"] * (len(words) > MOST_WORDS))
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("format") or schema.get("type", "any"))
    if kind == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_kind(schema['additionalProperties'])}"
    if "minimum" in schema and "maximum" in schema:
        return f"{kind} {schema['minimum']}–{schema['maximum']}"
    return f"{kind} ≤ {schema['maxLength']}" if "maxLength" in schema else kind


def _marked(text: str) -> Markup:
    """With what stands between `these` as code and between **those** in bold."""
    escaped = str(escape(" ".join(text.split())))
    bold = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escaped)
    return Markup(re.sub(r"`(.+?)`", r"<code>\1</code>", bold))  # noqa: S704 - escaped before


PAGES = (Page("/api", docs, None),)
