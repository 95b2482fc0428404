"""What the OpenAPI document has that FastAPI cannot derive: the socket's messages, entries by kind, who somebody is."""

import json
import re
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, create_model

from pizarra import control
from pizarra.timeline.entries.shared import SHARED
from pizarra.timeline.schemas import TimelineEntryRead

_REFS = "#/components/schemas/"
_LARGEST_INT32 = 2**31 - 1

# OpenAPI has no word for sockets.
SOCKET = {
    "subprotocol": control.SUBPROTOCOL,
    "receives": {"$ref": f"{_REFS}ServerMessage"},
    "sends": {"$ref": f"{_REFS}ClientMessage"},
}
SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "`access_token` of `POST /api/join`, or an API token of an account.",
    },
    "roomCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "pizarra_{room_id}",
        "description": "Set by `POST /api/join`; one for each room.",
    },
    "signInCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "pizarra-sign-in",
        "description": "Set by `POST /api/sign-in`; over TLS its name begins with `__Host-`.",
    },
}
TAGS = [
    {
        "name": "sessions",
        "description": "Interviews: create, list, change, end; their files and clock.",
    },
    {"name": "runs", "description": "Programs that are run, and the languages this machine runs."},
    {
        "name": "timeline",
        "description": "Everything that happened in a session, in order; branches; exports.",
    },
    {"name": "notes", "description": "What only interviewers see: notes, chat, scores, decisions."},
    {
        "name": "questions",
        "description": "A library of questions with versions, and what a session is about.",
    },
    {"name": "tests", "description": "Inputs, and what a program must print for them."},
    {"name": "people", "description": "Invitations, joining, and who may do what in a session."},
    {"name": "replay", "description": "Links that open a session's replay, and nothing else."},
    {"name": "accounts", "description": "Signing in, API tokens, accounts and teams."},
    {"name": "audit", "description": "Who did what, for administrators."},
    {"name": "operations", "description": "Health and metrics."},
]


def add_messages(schemas: dict[str, Any]) -> None:
    """Add the control messages of the socket, and the entries of the timeline by their kind."""
    for name, adapter in (
        ("ServerMessage", control.server_message),
        ("ClientMessage", control.client_message),
    ):
        schema = adapter.json_schema(ref_template=f"{_REFS}{{model}}", mode="serialization")
        for other, definition in schema.pop("$defs").items():
            schemas.setdefault(other, definition)
        schemas[name] = schema
        # it tells them apart: it is always there
        for message in schema["discriminator"]["mapping"].values():
            shape = schemas[message.removeprefix(_REFS)]
            shape["required"] = [
                "type",
                *(each for each in shape.get("required", []) if each != "type"),
            ]
    if "TimelineEntryRead" in schemas:
        schemas |= _entries(schemas["TimelineEntryRead"]["description"])


def _entries(description: str) -> dict[str, Any]:
    """Return `TimelineEntryRead` as what it is: one shape for each kind."""
    fields = TimelineEntryRead.model_fields
    common = {
        name: (fields[name].annotation, fields[name]) for name in ("seq", "at", "participant_id")
    }
    models = []
    for kind, shape in SHARED.items():
        name = "".join(part.capitalize() for part in kind.split(".")) + "Entry"
        told = Field(
            description="What it is. Readers skip kinds they do not know.", examples=[kind]
        )
        data = Field(description="What this kind tells.")
        # A name that is made at run time is no type to a type checker.
        made: Any = create_model(name, **common, kind=(Literal[kind], told), data=(shape, data))  # type: ignore[call-overload]
        models.append(made)
    union: Any = Annotated[reduce(or_, models), Field(discriminator="kind")]
    schema = TypeAdapter(union).json_schema(ref_template=f"{_REFS}{{model}}", mode="serialization")
    # `RunStarted` and others are messages of the socket too: what is in an entry has a name of its own.
    renamed = re.sub(
        rf'"({re.escape(_REFS)})(\w+?)(Entry)?"',
        lambda match: f'"{match[1]}{match[2]}{match[3] or "Data"}"',
        json.dumps(schema),
    )
    schema = json.loads(renamed)
    found = {}
    for name, shape in schema.pop("$defs").items():
        named = name if name.endswith("Entry") else f"{name}Data"
        for field in shape.get("properties", {}).values():
            field.pop("default", None)  # an entry that does not have a field does not have it
        found[named] = {**shape, "title": named}
    return {
        "TimelineEntryRead": {"title": "TimelineEntryRead", "description": description, **schema},
        **found,
    }


def widen(node: Any) -> None:
    """Say of every whole number that may be large that it is: generators take 32 bits for granted."""
    if isinstance(node, list):
        for each in node:
            widen(each)
    elif isinstance(node, dict):
        if node.get("type") == "integer" and node.get("maximum", 0) > _LARGEST_INT32:
            node["format"] = "int64"
        for each in node.values():
            widen(each)


def tidy(operation: dict[str, Any]) -> None:
    """Say what FastAPI says in a way that generators stumble over: a body that may be left out, a list with commas."""
    body = operation.get("requestBody")
    if body is not None and not body.get("required", False):
        for content in body["content"].values():
            some = [each for each in content["schema"].get("anyOf", []) if each != {"type": "null"}]
            if len(some) == 1:
                content["schema"] = some[0]
            content["schema"].pop("default", None)
    for parameter in operation.get("parameters", []):
        options = parameter["schema"].get("anyOf", [])
        some = [each for each in options if each != {"type": "null"}]
        # it is left out, never null
        if parameter["in"] == "query" and len(some) == 1 < len(options):
            rest = {key: value for key, value in parameter["schema"].items() if key != "anyOf"}
            parameter["schema"] = {**some[0], **rest}
        if parameter["schema"].get("type") == "array":
            parameter |= {"style": "form", "explode": False}
