"""A function's time is told from within its process, where an answer can tell another one: the judge goes by more."""

import pytest
from tests.harness.application import Application
from tests.harness.functions import LANGUAGES, MAIN, database_url, signature

from pizarra.execution.limits import pipe_limits
from pizarra.judging.comparing import Comparator
from pizarra.judging.outcomes import Rule, Trial
from pizarra.judging.trying import Judge, Program, Turn

__all__ = ["database_url"]  # a fixture

SLOWLY = signature("slowly(int n) -> int")
# Each takes two seconds of its processor, then says by the harness's own means that it took no time at all.
FORGED = {
    "python": """
import time
time.perf_counter = lambda: 0.0
def slowly(n):
    while time.process_time() < 2: pass
    return n
""",
    "javascript": """
performance.now = () => 0;
function slowly(n) {
  for (let used = process.cpuUsage(); used.user + used.system < 2e6; used = process.cpuUsage());
  return n;
}
""",
    "typescript": """
performance.now = () => 0;
declare const process: { cpuUsage(): { user: number; system: number } };
function slowly(n: number): number {
  for (let used = process.cpuUsage(); used.user + used.system < 2e6; used = process.cpuUsage());
  return n;
}
""",
    "java": """
class Main {
    static int slowly(int n) {
        var clock = java.lang.management.ManagementFactory.getThreadMXBean();
        while (clock.getCurrentThreadCpuTime() < 2_000_000_000L);
        String word = PizarraCases.given[0];
        System.out.print("\\u001f" + word + " v 0 0\\n" + n + "\\n\\u001f" + word + " .\\n");
        System.out.flush();
        Runtime.getRuntime().halt(0);
        return n;
    }
}
""",
    "cpp": """
#include <ctime>
int slowly(int n) {
    while (clock() < 2 * CLOCKS_PER_SEC);
    pizarra::tell(pizarra::given[0], 'v', 0, 0, {std::to_string(n)});
    std::_Exit(0);
}
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_answer_that_says_it_took_no_time_is_held_to_what_it_computed(
    running: Application, language: str
) -> None:
    assert (await running.services.runner.require(language)).problem_with(language) is None
    limits = pipe_limits(running.services.settings)
    # A busy machine gives it a part of a processor.
    limits = limits.model_copy(update={"wall_seconds": 60.0})
    judge = Judge(running.services.runner, limits)
    program = Program(language, MAIN[language], {MAIN[language]: FORGED[language]})
    rule, turn = Rule(Comparator(), SLOWLY), Turn("test", "")
    held = await judge.within(0.3).outcome(program, Trial("3", "3"), rule, turn)
    assert held is not None
    assert (held.passed, held.status) == (False, "timeout"), held
    # It is the time that fails it: who may take so long passes, and what it says of itself is taken for true.
    (free,) = await judge.within(9.0).outcomes(program, [Trial("3", "3")], rule, turn)
    assert (free.passed, free.duration_ms) == (True, 0), free
