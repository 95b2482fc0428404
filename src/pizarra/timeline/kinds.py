"""The closed set of what a log may hold: every kind, and the shape of its `data`; `docs/timeline.md` explains them.

Readers skip kinds they do not know and fields they have no use for: a newer version may have written them.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NotRequired

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from pizarra.kit.text import is_storable
from pizarra.sandbox.protocol import EndStatus
from pizarra.timeline.chain import Log

Number = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Nothing(TypedDict):
    """The kind says it all."""


class Edited(TypedDict):
    """`edit`."""

    update: str


class LanguageChosen(TypedDict):
    """`language`."""

    language: str


class Attended(TypedDict):
    """`join`, `leave`."""

    name: str
    role: str


class Connected(TypedDict):
    """`connection`."""

    name: str
    state: str
    reason: NotRequired[str]
    seconds: NotRequired[Number | None]


class RunStarted(TypedDict):
    """`run.started`."""

    run_id: str
    language: str
    path: str
    stdin: str
    at: Seq
    terminal: NotRequired[dict[str, Any] | None]
    limits: NotRequired[dict[str, Any]]


class RunInput(TypedDict):
    """`run.input`."""

    run_id: str
    text: str
    eof: bool


class RunOutput(TypedDict):
    """`run.output`."""

    run_id: str
    stream: str
    text: str


class RunEnded(TypedDict):
    """`run.ended`."""

    run_id: str
    status: EndStatus
    exit_code: Number | None
    signal: Annotated[str, Field(max_length=20)] | None
    duration_ms: Number | None
    memory_kb: Number | None
    detail: str | None
    compile_ms: NotRequired[Number | None]
    diagnostics: NotRequired[list[dict[str, Any]]]


class Locked(TypedDict):
    """`lock`."""

    editing: bool
    running: bool


class Thinking(TypedDict):
    """`thinking`."""

    until: str | None


class Cursor(TypedDict):
    """`cursor`."""

    path: str
    anchor: str
    head: str


Branched = TypedDict("Branched", {"name": str, "from": Seq, "resumes": NotRequired[Seq]})  # `from` is a keyword


class PersonChanged(TypedDict):
    """`role`, `removed`."""

    participant_id: str
    name: str
    role: NotRequired[str]


class Pasted(TypedDict):
    """`paste`."""

    path: str
    characters: Number
    lines: Number
    source: str


class Away(TypedDict):
    """`away`."""

    away: bool
    seconds: NotRequired[Number | None]


class Explained(TypedDict):
    """`explained`."""

    of: Seq
    text: str


class Suggested(TypedDict):
    """`suggestion`."""

    path: str
    start: str
    end: str
    before: str
    text: str


class SuggestionAnswered(TypedDict):
    """`suggestion.answered`."""

    of: Seq
    accepted: bool


class Written(TypedDict):
    """What every entry of the interviewers' log has: the author's name, and the entry of the shared log it is about."""

    name: str
    anchor: Seq


class Noted(Written):
    """`note`, `chat`."""

    text: str


class NoteChanged(Noted):
    """`note.changed`."""

    of: Seq


class NoteRemoved(Written):
    """`note.removed`."""

    of: Seq


class Score(TypedDict):
    """One of `scores`."""

    criterion: str
    score: Number | None
    comment: NotRequired[str]
    anchor: NotRequired[Seq | None]


class Scored(Written):
    """`scores`."""

    scores: list[Score]


class Test(TypedDict):
    """One of `tests`."""

    name: str
    stdin: str
    expected: str


class Tested(Written):
    """`tests`."""

    tests: list[Test]


class Outcome(TypedDict):
    """One of a `test.result`."""

    passed: bool
    status: str
    duration_ms: Number | None


class TestResult(Written):
    """`test.result`."""

    of: Seq
    results: list[Outcome]


SHARED: Mapping[str, type] = {
    "edit": Edited,
    "language": LanguageChosen,
    "join": Attended,
    "leave": Attended,
    "connection": Connected,
    "run.started": RunStarted,
    "run.input": RunInput,
    "run.output": RunOutput,
    "run.ended": RunEnded,
    "lock": Locked,
    "role": PersonChanged,
    "removed": PersonChanged,
    "paste": Pasted,
    "away": Away,
    "explained": Explained,
    "suggestion": Suggested,
    "suggestion.answered": SuggestionAnswered,
    "thinking": Thinking,
    "branch": Branched,
    "cursor": Cursor,
    "session.ended": Nothing,
    "session.reopened": Nothing,
}
PRIVATE: Mapping[str, type] = {
    "note": Noted,
    "chat": Noted,
    "note.changed": NoteChanged,
    "note.removed": NoteRemoved,
    "scores": Scored,
    "tests": Tested,
    "test.result": TestResult,
}
KINDS: Mapping[Log, Mapping[str, type]] = {"shared": SHARED, "private": PRIVATE}
_ADAPTERS: Mapping[Log, Mapping[str, TypeAdapter[Any]]] = {
    log: {kind: TypeAdapter(shape) for kind, shape in kinds.items()} for log, kinds in KINDS.items()
}
_UNSTORABLE = "its text holds NUL or unpaired surrogates"
_SCORES = TypeAdapter(list[Score])


def problem_in(log: Log, kind: str, data: object) -> str | None:
    """Say what an entry's `data` lacks or has wrong; None where it has the shape of its kind, or nobody knows that."""
    if not isinstance(data, dict):
        return "its data is no object"
    if not all(map(is_storable, _texts(data))):
        return _UNSTORABLE
    adapter = _ADAPTERS[log].get(kind)
    return None if adapter is None else _misfit(adapter, data)


def problem_in_scores(scores: object) -> str | None:
    """Say what a scorecard lacks or has wrong."""
    return _UNSTORABLE if not all(map(is_storable, _texts(scores))) else _misfit(_SCORES, scores)


def _misfit(adapter: TypeAdapter[Any], value: object) -> str | None:
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'data'}: {first['msg']}"
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
