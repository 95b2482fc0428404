"""Which programs this machine runs."""

from pizarra.answers.codes import Code
from pizarra.errors import LanguageUnavailable, Unavailable
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.link import RunnerUnavailable


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
