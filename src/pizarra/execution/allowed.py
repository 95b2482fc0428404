"""Who may run programs, and which this machine runs."""

from pizarra.access.dependencies import Access
from pizarra.answers.codes import Code
from pizarra.errors import Forbidden, LanguageUnavailable, Unavailable
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.link import RunnerUnavailable


def require_may_run(access: Access) -> None:
    """Refuse whoever may not run programs in a session.

    Raises:
        Forbidden: an observer, or a candidate while running is locked.
    """
    if not access.role.takes_part:
        raise Forbidden("Observers can watch, not run programs.", code=Code.OBSERVERS_ONLY_WATCH)
    if not access.may_run:
        raise Forbidden("The interviewer has locked running for now.", code=Code.RUNNING_LOCKED)


async def require_runnable(runner: RunnerClient, language: str) -> None:
    """Refuse a language that cannot be run.

    Raises:
        LanguageUnavailable: this machine does not run it. Unavailable: there is no sandbox, or it is busy.
    """
    try:
        capabilities = await runner.require(language)
    except RunnerUnavailable as error:
        raise Unavailable(str(error), code=Code.RUNNER_UNAVAILABLE, bound=error.bound) from error
    problem = capabilities.problem_with(language)
    if problem is not None:
        raise LanguageUnavailable(problem)
