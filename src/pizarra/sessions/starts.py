"""What a session begins with: its language, its title, and the first edit of its document."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pizarra.answers.codes import Code
from pizarra.collab.state.document import starting_update
from pizarra.errors import InvalidInput
from pizarra.kit.text import with_lf
from pizarra.models import (
    Language,
    Plan,
)
from pizarra.problems.content import Content
from pizarra.problems.plans import Step
from pizarra.problems.posing import beside_of, language_of_file, starter_of
from pizarra.sandbox.languages import languages
from pizarra.sessions.schemas import SessionCreate


class Start(NamedTuple):
    """What a session begins with: its language, the text of its first file, and the edit that writes it."""

    language: str
    code: str
    update: bytes


def about_question(wanted: SessionCreate, content: Content) -> SessionCreate:
    """Return what a session about a question begins with, where nothing else is asked for.

    Raises:
        InvalidInput: the question cannot be solved in the language that is asked for.
    """
    usual = Language.PYTHON if Language.PYTHON in content.languages else content.languages[0]
    language = wanted.language or usual
    if language not in content.languages:
        known = ", ".join(each.value for each in content.languages)
        raise InvalidInput(
            f"language: this question can be solved in {known}", code=Code.LANGUAGE_NOT_OF_QUESTION
        )
    code = wanted.initial_code
    return wanted.model_copy(
        update={
            "language": language,
            "initial_code": starter_of(content, language.value) if code is None else code,
            "title": wanted.title or content.title,
            "rubric": wanted.rubric or content.rubric or None,
        }
    )


def about_plan(wanted: SessionCreate, plan: Plan, steps: Sequence[Step]) -> SessionCreate:
    """Return what a session with a plan begins with, where nothing else is asked for; its first question says the rest.

    The language is one that all its questions can be solved in, where there is one. What the plan is called is for
    interviewers: the session is called as its first question.
    """
    languages = [set(each.question.languages) for each in steps]
    common = [each for each in Language if each.value in set.intersection(*languages)]
    usual = Language.PYTHON if Language.PYTHON in common else next(iter(common), None)
    return wanted.model_copy(
        update={
            "language": wanted.language or usual,
            "rubric": wanted.rubric or plan.rubric or None,
        }
    )


def start_of(payload: SessionCreate, max_text_bytes: int, question: Content | None = None) -> Start:
    """Return what a session is to begin with. Starter code may be long: without a question, no transaction waits.

    Raises:
        InvalidInput: the starter code, with what a project has beside it, is longer than a document may be.
    """
    spec = languages()[(payload.language or Language.PYTHON).value]
    code = spec.starter if payload.initial_code is None else with_lf(payload.initial_code)
    beside = {
        path: (language_of_file(path), text)
        for path, text in (beside_of(question, spec.id) if question is not None else {}).items()
    }
    size = len(code.encode()) + sum(len(text.encode()) for _, text in beside.values())
    if size > max_text_bytes:
        raise InvalidInput(
            f"initial_code: must not have more than {max_text_bytes:,} bytes",
            bound="max_text_bytes",
            code=Code.CODE_TOO_LONG,
        )
    if payload.initial_code is None:
        return _template(spec.id)
    return Start(spec.id, code, starting_update(spec.main, spec.id, code, beside))


@cache
def _template(language: str) -> Start:
    """Return the beginning with a language's template: the same edit in every such session of this process."""
    spec = languages()[language]
    return Start(spec.id, spec.starter, starting_update(spec.main, spec.id, spec.starter))
