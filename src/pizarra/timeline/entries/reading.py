"""From what is stored to the class of its kind. Logs of older and newer versions can be read as well."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from pizarra.kit.text import is_storable
from pizarra.timeline.entries.base import EntryData, Seq
from pizarra.timeline.entries.private import PRIVATE, PrivateData, Score
from pizarra.timeline.entries.shared import SHARED, SharedData
from pizarra.timeline.integrity.chain import Log

_UNSTORABLE = "its text holds NUL or unpaired surrogates"


class Unknown(NamedTuple):
    """An entry of a kind, or of a shape, that this version does not know. Readers pass it over."""

    kind: str
    data: Any


class _Written(TypedDict):
    """What the API and archives show in the `data` of every entry of the interviewers' log."""

    name: str
    anchor: Seq


_SCORES = TypeAdapter(list[Score]).validate_python
_WRITTEN = TypeAdapter(_Written).validate_python
KINDS: Mapping[Log, Mapping[str, type[EntryData]]] = {"shared": SHARED, "private": PRIVATE}


def read_shared(kind: str, data: object) -> SharedData | Unknown:
    """Return what an entry of the shared log tells, `data` as the API shows it."""
    shape = SHARED.get(kind)
    try:
        return Unknown(kind, data) if shape is None else shape.model_validate(data)
    except ValidationError:
        return Unknown(kind, data)


def read_private(kind: str, data: object) -> PrivateData | Unknown:
    """Return what an entry of the interviewers' log tells."""
    shape = PRIVATE.get(kind)
    try:
        return Unknown(kind, data) if shape is None else shape.model_validate(data)
    except ValidationError:
        return Unknown(kind, data)


def problem_in(log: Log, kind: str, data: object) -> str | None:
    """Say what an entry's `data` lacks or has wrong; None where it has the shape of its kind, or nobody knows that."""
    if not isinstance(data, dict):
        return "its data is no object"
    if not all(map(is_storable, _texts(data))):
        return _UNSTORABLE
    shape = KINDS[log].get(kind)
    if shape is None:
        return None
    problem = _misfit(_WRITTEN, data) if log == "private" else None
    return problem or _misfit(shape.model_validate, data)


def problem_in_scores(scores: object) -> str | None:
    """Say what a scorecard lacks or has wrong."""
    return _UNSTORABLE if not all(map(is_storable, _texts(scores))) else _misfit(_SCORES, scores)


def _misfit(validate: Callable[..., object], value: object) -> str | None:
    try:
        validate(value, strict=True)
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
