"""Pydantic shapes that several features share."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pizarra.kit.text import is_storable


class RequestModel(BaseModel):
    """A request body: no coercion, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid")


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


StorableText = Annotated[str, AfterValidator(_storable), Field(json_schema_extra={"pattern": r"^[^\x00]*$"})]
# At least one character that is no space, and none of those that only join, hide or turn others round.
_VISIBLE = r"^[^\x00]*[^\s\x00\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff][^\x00]*$"
# The schema's pattern is given once more: StorableText's would stand there instead.
VisibleText = Annotated[StorableText, Field(min_length=1, pattern=_VISIBLE, json_schema_extra={"pattern": _VISIBLE})]
WholeNumber = Annotated[int, Field(ge=0, le=2**53 - 1), BeforeValidator(whole_number)]


class FieldError(BaseModel):
    """One field that was refused."""

    field: str = Field(description="Where: a field's name, or `body`.", examples=["language"])
    message: str = Field(description="What is wrong with it.", examples=["must be one of 'python', 'java' or 'cpp'"])


class Problem(BaseModel):
    """An error, as RFC 9457 problem details (`application/problem+json`)."""

    type: str = Field(description="Always `about:blank`.", examples=["about:blank"])
    title: str = Field(description="What kind of error, in a few words.", examples=["Not found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="What happened and what to do.", examples=["Session 0123456789abcdef0123456789abcdef not found"]
    )
    code: str = Field(description="A stable name for programs to test.", examples=["not_found"])
    errors: list[FieldError] | None = Field(
        None,
        description="Each refused field, for 422.",
        examples=[[{"field": "language", "message": "must be one of 'python' or 'java'"}]],
    )


_MEANINGS = {
    400: ("The request cannot be parsed.", "Bad request", "bad_request", "There was an error parsing the body"),
    401: ("Nobody we know: no credential, or one that opens nothing.", "Not signed in", "unauthorized", "Sign in."),
    403: ("Your role does not allow this.", "Not allowed", "forbidden", "Observers can watch, not run programs."),
    404: ("Not there, or not for you.", "Not found", "not_found", "Session 0123 not found"),
    409: ("The state refuses.", "Not possible now", "conflict", "The session has ended. Reopen it first."),
    413: ("The body is larger than the limit.", "Too large", "payload_too_large", "The body exceeds 2097152 bytes."),
    422: ("A field is missing, malformed or refused.", "Invalid input", "invalid_input", "title: input should be text"),
    429: ("More at once than one address may.", "Too many at once", "too_many_requests", "32 programs are running."),
    503: ("Something this needs is away.", "Unavailable", "unavailable", "The database does not answer."),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses for error statuses, each with an example."""
    responses: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        description, title, code, detail = _MEANINGS[status]
        example = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
        responses[status] = {
            "description": description,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
            },
        }
        if status == 401:
            header = {"description": "How to present a credential.", "schema": {"type": "string"}, "example": "Bearer"}
            responses[status]["headers"] = {"WWW-Authenticate": header}
    return responses
