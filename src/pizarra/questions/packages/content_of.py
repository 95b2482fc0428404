"""The fields that a file gave, as a question: or a sentence that says why they are none, and where that is written."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from pizarra.problems.content import CaseRefused, Content
from pizarra.questions.packages.archive import PackageError

Place = Sequence[int | str]


def content_of(
    wanted: dict[str, Any], file_of: Callable[[Place], str | None] = lambda _place: None
) -> Content:
    """Return the question that these fields are; `file_of` tells of a field in which file it is written.

    Raises:
        PackageError: they are none.
    """
    try:
        return Content.model_validate(wanted, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the question"
        said = first["msg"].removeprefix("Value error, ")
        cause = first.get("ctx", {}).get("error")
        path = file_of(cause.place if isinstance(cause, CaseRefused) else first["loc"])
        if path is None:
            raise PackageError(f"It is refused as a question. {place}: {said}") from error
        raise PackageError(
            f"It is refused as a question. {place}: {said} This is in the file {path}."
        ) from error
