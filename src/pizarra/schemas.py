"""Pydantic shapes that several features share."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pizarra.answers.codes import Code
from pizarra.kit.text import is_storable
from pizarra.models import Language


class RequestModel(BaseModel):
    """A request body: no coercion, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class ResponseModel(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True)


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("must not contain NUL or unpaired surrogates")
    return text


def whole_number(value: object) -> object:
    """JSON has one kind of number: 17.0 is the integer 17."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


StorableText = Annotated[
    str, AfterValidator(_storable), Field(json_schema_extra={"pattern": r"^[^\x00]*$"})
]
# At least one character that is no space, and none of those that only join, hide or turn others round.
_HIDDEN = (
    r"\x00\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_VISIBLE = rf"^[^\x00]*[^\s{_HIDDEN}][^\x00]*$"
# The schema's pattern is given once more: StorableText's would stand there instead.
VisibleText = Annotated[
    StorableText, Field(min_length=1, pattern=_VISIBLE, json_schema_extra={"pattern": _VISIBLE})
]
WholeNumber = Annotated[int, Field(ge=0, le=2**53 - 1), BeforeValidator(whole_number)]


def _distinct(criteria: list[str]) -> list[str]:
    if len({each.strip().casefold() for each in criteria}) < len(criteria):
        raise ValueError("must not name a criterion twice")
    return criteria


Rubric = Annotated[
    list[Annotated[VisibleText, Field(max_length=80)]],
    Field(max_length=20, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]


class FieldError(BaseModel):
    """One field that was refused."""

    field: str = Field(description="Where: a field's name, or `body`.", examples=["language"])
    message: str = Field(
        description="What is wrong with it.", examples=["must be one of 'python', 'java' or 'cpp'"]
    )


class Problem(BaseModel):
    """An error, as RFC 9457 problem details (`application/problem+json`)."""

    type: str = Field(description="Always `about:blank`.", examples=["about:blank"])
    title: str = Field(description="What kind of error, in a few words.", examples=["Not found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="What happened and what to do.",
        examples=["Session 0123456789abcdef0123456789abcdef not found"],
    )
    code: Code = Field(
        description="A stable name of the reason, for programs to test.",
        examples=["session_not_found"],
    )
    errors: list[FieldError] | None = Field(
        None,
        description="Each refused field, where it is known.",
        examples=[[{"field": "language", "message": "must be one of 'python' or 'java'"}]],
    )


_MEANINGS = {
    400: (
        "The request cannot be parsed.",
        "Bad request",
        "malformed",
        "There was an error parsing the body",
    ),
    401: (
        "Nobody we know: no credential, or one that opens nothing.",
        "Not signed in",
        "sign_in_first",
        "Sign in first.",
    ),
    403: (
        "Your role does not allow this.",
        "Not allowed",
        "observers_only_watch",
        "Observers can watch, not run programs.",
    ),
    404: ("Not there, or not for you.", "Not found", "session_not_found", "Session 0123 not found"),
    409: (
        "The state refuses.",
        "Not possible now",
        "session_ended",
        "The session has ended. Reopen it first.",
    ),
    413: (
        "The body is larger than the limit.",
        "Too large",
        "content_too_large",
        "The body exceeds 2097152 bytes.",
    ),
    412: (
        "It was changed since you read it (`If-Match`).",
        "Changed meanwhile",
        "changed_meanwhile",
        "Read it again.",
    ),
    415: (
        "The body is not said to be JSON.",
        "Unsupported Media Type",
        "unsupported_media_type",
        "This takes JSON. Send the body with the header `Content-Type: application/json`.",
    ),
    422: (
        "A field is missing, malformed or refused.",
        "Invalid input",
        "invalid_input",
        "title: input should be text",
    ),
    429: (
        "More at once than one address may.",
        "Too many at once",
        "too_many_runs",
        "32 programs are running.",
    ),
    507: (
        "The server has no room.",
        "Disk full",
        "disk_full",
        "The disk is full: nothing new can begin.",
    ),
    503: (
        "Something this needs is away.",
        "Unavailable",
        "database_unavailable",
        "The database does not answer.",
    ),
}


_HEADERS = {
    401: ("WWW-Authenticate", "How to present a credential.", "Bearer"),
    429: ("Retry-After", "After how many seconds to try again.", "60"),
    503: ("Retry-After", "After how many seconds to try again.", "5"),
}


def located(status: int, example: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI response of `status` whose `Location` says where to read what was made."""
    about = "Where to read it; what has no address of its own is in this list."
    header = {"description": about, "schema": {"type": "string"}, "example": example}
    return {status: {"headers": {"Location": header}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses for error statuses, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        description, title, code, detail = _MEANINGS[status]
        example = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
        }
        responses[status] = {
            "description": description,
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": example,
                }
            },
        }
        if status in _HEADERS:
            name, about, value = _HEADERS[status]
            header = {"description": about, "schema": {"type": "string"}, "example": value}
            responses[status]["headers"] = {name: header}
    return responses


LanguageChoice = Annotated[Language, Field(strict=False)]  # JSON has strings, not enums
