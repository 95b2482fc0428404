"""What is malformed in a request, in sentences of ours: each is in the Spanish catalogue, whatever Pydantic says."""

from collections.abc import Mapping
from typing import Any

_MOST_FIELD_CHARACTERS = 200  # of a field's name, which may be the sender's own
_NO_TIME = "must be a time as text, such as 2026-11-22T10:00:00Z"
_SAID = {
    "missing": "field required",
    "extra_forbidden": "is not a field of this request",
    "string_pattern_mismatch": "must have a character that can be seen, and no NUL",
    "string_type": "input should be a valid string",
    "string_unicode": "must not contain NUL or unpaired surrogates",
    "bool_type": "input should be a valid boolean",
    "bool_parsing": "input should be a valid boolean",
    "int_type": "input should be a valid integer",
    "int_parsing": "input should be a valid integer",
    "int_parsing_size": "input should be a valid integer",
    "int_from_float": "input should be a valid integer",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "list_type": "input should be a valid list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "datetime_type": _NO_TIME,
    "datetime_parsing": _NO_TIME,
    "datetime_from_date_parsing": _NO_TIME,
    "timezone_aware": _NO_TIME,
    "json_type": "must be JSON",
}

SENTENCES = frozenset(_SAID.values())


def explain(error: Mapping[str, Any]) -> dict[str, str]:
    """Turn one of Pydantic's errors into the field and a sentence, without echoing the input."""
    kind = str(error["type"])
    place = [str(part) for part in error["loc"]]
    if kind == "json_invalid":
        return {
            "field": "body",
            "message": f"malformed JSON: {error.get('ctx', {}).get('error', 'does not parse')}",
        }
    inside = len(place) > 1 and place[0] in ("body", "query", "path")
    field = ".".join(place[1:] if inside else place)
    if len(field) > _MOST_FIELD_CHARACTERS:
        field = field[:_MOST_FIELD_CHARACTERS] + "…"
    return {"field": field or "body", "message": _sentence(kind, error)}


def _sentence(kind: str, error: Mapping[str, Any]) -> str:
    about = error.get("ctx", {})
    if kind in _SAID:
        return _SAID[kind]
    if kind in ("enum", "literal_error"):
        return _choice(about["expected"])
    if kind in ("too_long", "string_too_long"):
        return _length("most", about["max_length"], error["input"])
    if kind in ("too_short", "string_too_short"):
        return _length("least", about["min_length"], error["input"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _choice(expected: str) -> str:
    """Say which values there are: Pydantic writes `'a', 'b' or 'c'`, and `True`."""
    values = expected.replace("True", "true").replace("False", "false")
    return f"must be one of {values}" if " or " in values else f"input should be {values}"


def _length(end: str, number: int, value: object) -> str:
    """Say how long something is: a validator before the limit makes Pydantic count a text's characters as items."""
    if not isinstance(value, str):
        return f"must have at {end} {number} item{'s' if number != 1 else ''}"
    return f"string should have at {end} {number} character{'s' if number != 1 else ''}"
