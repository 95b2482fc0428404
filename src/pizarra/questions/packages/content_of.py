"""The fields that a file gave, as a question: or a sentence that says why they are none."""

from typing import Any

from pydantic import ValidationError

from pizarra.problems.content import Content
from pizarra.questions.packages.archive import PackageError


def content_of(wanted: dict[str, Any]) -> Content:
    """Return the question that these fields are.

    Raises:
        PackageError: they are none.
    """
    try:
        return Content.model_validate(wanted, extra="ignore")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the question"
        said = first["msg"].removeprefix("Value error, ")
        raise PackageError(f"It is refused as a question. {place}: {said}") from error
