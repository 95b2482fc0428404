"""Cases that somebody makes up: bounded, of the question's types, judged by nothing that is secret in it."""

from collections.abc import Sequence

from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.errors import InvalidInput
from pizarra.judging.comparing import Comparator
from pizarra.judging.outcomes import Rule
from pizarra.judging.values import NotOfType, read_arguments, read_expected
from pizarra.problems.content import Content
from pizarra.questions.session_schemas import OwnCase


def require_few(cases: Sequence[OwnCase], settings: Settings) -> None:
    """Refuse more than may be tried at once.

    Raises:
        InvalidInput: there are too many, or they are too large.
    """
    size = sum(len(f"{each.name}{each.input}{each.expected or ''}".encode()) for each in cases)
    for bound, has in (("max_own_cases", len(cases)), ("max_own_case_bytes", size)):
        if has > (limit := getattr(settings, bound)):
            raise InvalidInput(
                f"own: {has:,} is more than {bound} allows, which is {limit:,}",
                bound=bound,
                code=Code.CASES_TOO_LARGE,
            )


def rule_of(content: Content) -> Rule:
    """Return how the samples of a question are judged."""
    project = content.project.visible_tests() if content.project is not None else None
    return Rule(content.comparator, content.signature, project)


def require_values(cases: Sequence[OwnCase], rule: Rule) -> None:
    """Refuse values that are not of a function's types.

    Raises:
        InvalidInput: one is not.
    """
    if rule.project is not None and cases:
        raise InvalidInput(
            "own: what is tried on a project is a test: write yours into a file of it, and run that",
            code=Code.CASE_NOT_OF_TYPE,
        )
    if rule.signature is None:
        return
    for number, case in enumerate(cases, 1):
        try:
            read_arguments(rule.signature, case.input)
            if case.expected is not None:
                read_expected(rule.signature, case.expected)
        except NotOfType as error:
            raise InvalidInput(
                f"own: case {number}: {error}", code=Code.CASE_NOT_OF_TYPE
            ) from error


def rule_for_own(rule: Rule) -> Rule:
    """Return how own cases are judged: a question's checker would tell of any output whether it is right."""
    if rule.comparator.checker is None:
        return rule
    return Rule(Comparator(how="tokens"), rule.signature)
