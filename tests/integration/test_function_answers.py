"""How an answer may end, what it may change and be called: it is judged by what it came to, and harms nobody."""

import time

import pytest
from tests.harness.application import Application
from tests.harness.functions import LANGUAGES, call, completed, database_url, passed, signature
from tests.integration.test_functions import BODY, MIRROR, ODD, PAIR

from pizarra.execution.limits import pipe_limits
from pizarra.judging.comparing import Comparator
from pizarra.judging.outcomes import Rule, Trial
from pizarra.judging.signature import Signature
from pizarra.judging.starters import generated
from pizarra.judging.trying import Judge, Program, Turn

__all__ = ["database_url"]  # a fixture

RING = signature("ring(List<int> values) -> List<int>")
RINGS = {
    "python": "def ring(values):\n    values.next = values\n    return values\n",
    "javascript": "function ring(values) { values.next = values; return values; }",
    "typescript": "function ring(values: ListNode): ListNode { values.next = values; return values; }",
    "java": "    static ListNode ring(ListNode values) { values.next = values; return values; }\n",
    "cpp": "ListNode* ring(ListNode* values) { values->next = values; return values; }",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_list_that_never_ends_is_wrong_and_hangs_nobody(
    running: Application, language: str
) -> None:
    """Failure 5 again: cycles."""
    source = completed(RING, language, RINGS[language])
    (found,) = await call(running, language, source, RING, ("[1, 2]", "[1, 2]"))
    assert (found.passed, found.status, found.got) == (False, "exited", "a list that never ends")


COUNT = "count(int unused) -> int"
COUNTS = {
    "python": "seen = 0\ndef count(unused):\n    global seen\n    seen += 1\n    return seen\n",
    "javascript": "let seen = 0;\nfunction count(unused) { return ++seen; }",
    "typescript": "let seen = 0;\nfunction count(unused: number): number { return ++seen; }",
    "java": "class Main { static int seen = 0; static int count(int unused) { return ++seen; } }",
    "cpp": "static int seen = 0;\nint count(int) { return ++seen; }",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_remembered_where_the_question_says_so(
    running: Application, language: str
) -> None:
    """Failure 6: what a static field keeps from one call to the next."""
    for process, expected in (("per_case", [True, True]), ("per_call", [True, False])):
        about = signature(COUNT, process=process)
        found = await call(running, language, COUNTS[language], about, ("0", "1"), ("0", "1"))
        assert passed(found) == expected, process


ENDS = signature("ends(int how) -> int")
ENDINGS = {
    "python": """
def ends(how):
    if how == 1: raise SystemExit(0)
    if how == 2: raise ValueError("n0t today")
    while how == 3: pass
    return how
""",
    "javascript": """
function ends(how) {
  if (how === 1) process.exit(0);
  if (how === 2) throw new Error("n0t today");
  while (how === 3);
  return how;
}
""",
    "typescript": """
function ends(how: number): number {
  if (how === 1) process.exit(0);
  if (how === 2) throw new Error("n0t today");
  while (how === 3);
  return how;
}
""",
    "java": """
class Main {
    static int ends(int how) {
        if (how == 1) System.exit(0);
        if (how == 2) throw new IllegalStateException("n0t today");
        while (how == 3);
        return how;
    }
}
""",
    "cpp": """
#include <stdexcept>
#include <cstdlib>
int ends(int how) {
    if (how == 1) std::exit(0);
    if (how == 2) throw std::runtime_error("n0t today");
    for (volatile int x = 0; how == 3; x = x + 1);
    return how;
}
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_that_ends_early_passes_what_it_answered_and_no_more(
    running: Application, language: str
) -> None:
    """Failure 8: a program that stops before the last case, says nothing, throws, or never ends."""
    cases = [(str(how), str(how)) for how in (0, 1, 2, 3, 4)]
    found = await call(running, language, ENDINGS[language], ENDS, *cases, seconds=3.0)
    assert passed(found) == [True, False, False, False, True], found
    assert [each.status for each in found] == ["exited", "exited", "exception", "timeout", "exited"]
    assert "ended before" in found[1].stderr
    assert "n0t today" in found[2].stderr


FRONT = signature("front(int[] nums) -> int", in_place="nums")
SORT = signature("front(int[] nums) -> void", in_place="nums")
FRONTS = {
    "python": "def front(nums):\n    nums.sort()\n    return 2\n",
    "javascript": "function front(nums) { nums.sort((a, b) => a - b); return 2; }",
    "typescript": "function front(nums: number[]): number { nums.sort((a, b) => a - b); return 2; }",
    "java": "class Main { static int front(int[] nums) { java.util.Arrays.sort(nums); return 2; } }",
    "cpp": """
#include <algorithm>
#include <vector>
int front(std::vector<int>& nums) { std::sort(nums.begin(), nums.end()); return 2; }
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_changed_in_place_is_compared(running: Application, language: str) -> None:
    """Failure 9: the argument counts, and where k is returned its first k."""
    source = FRONTS[language]
    found = await call(
        running,
        language,
        source,
        FRONT,
        ("[3, 1, 2]", "[1, 2]"),
        ("[3, 1, 2]", "[1, 2, 3]"),
        ("[5]", "[5]"),
    )
    assert passed(found) == [True, False, False], found
    assert "it returned 2, and there are 1" in found[2].stderr
    assert passed(await call(running, language, source, SORT, ("[3, 1, 2]", "[1, 2, 3]"))) == [True]


DEEP = signature("depth(int n) -> int")
DEPTHS = {
    "python": "def depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)\n",
    "javascript": "function depth(n) { return n === 0 ? 0 : 1 + depth(n - 1); }",
    "typescript": "function depth(n: number): number { return n === 0 ? 0 : 1 + depth(n - 1); }",
    "java": "class Main { static int depth(int n) { return n == 0 ? 0 : 1 + depth(n - 1); } }",
    "cpp": "int depth(int n) { return n == 0 ? 0 : 1 + depth(n - 1); }",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_recursion_may_go_as_deep_in_each(running: Application, language: str) -> None:
    """Failure 12: default stacks differ."""
    found = await call(running, language, DEPTHS[language], DEEP, ("8000", "8000"))
    assert passed(found) == [True], found


@pytest.mark.parametrize(
    ("language", "source", "got"),
    [
        ("python", "def depth(n):\n    return n * 2 ** 31\n", "2147483648"),
        ("python", "def depth(n):\n    return n / 1\n", "1.0"),
        ("python", "def depth(n):\n    return None\n", "None"),
        ("javascript", "function depth(n) { return n * 2 ** 31; }", "2147483648"),
        ("javascript", "function depth(n) { return n / 2; }", "0.5"),
        ("javascript", "function depth(n) { }", "undefined"),
        ("javascript", "function depth(n) { return -0; }", "0"),
    ],
)
async def test_what_is_not_of_the_type_is_wrong_and_said(
    running: Application, language: str, source: str, got: str
) -> None:
    """Failure 16: what overflows elsewhere does not fit here either."""
    (found,) = await call(running, language, source, DEEP, ("1", "1"))
    assert (found.passed, found.status, found.got) == (False, "exited", got)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", [PAIR, ODD, MIRROR, SORT], ids=lambda each: each.function)
async def test_a_starter_is_a_program_that_passes_nothing(
    running: Application, language: str, about: Signature
) -> None:
    """Failure 10 again: nobody has to mend what they are given before they begin."""
    given = {
        "twoSum": ("[1, 2]\n3", "[0, 1]"),
        "odd": ('1\n1\n""\n1\n{}\n[]', '{"x": 1}'),
        "mirror": ("[1]\n[]", "[1]"),
        "front": ("[2, 1]", "[1, 2]"),
    }[about.function]
    (found,) = await call(running, language, generated(about, language), about, given)
    assert not found.passed
    assert found.status in ("exited", "exception"), found


async def test_a_program_that_writes_frames_of_its_own_fools_nobody(running: Application) -> None:
    forged = 'def depth(n):\n    print("\\x1f" + "0" * 32 + " v 0 1\\n1\\n\\x1f" + "0" * 32 + " .")\n    return 2\n'
    (found,) = await call(running, "python", forged, DEEP, ("1", "1"))
    assert (found.passed, found.got) == (False, "2")


MANY_NAMES = """
#define int long long
#define read(x) scanf("%lld", &x)
#define out cout
#define value first
const int MOST = 9;
int taken[MOST];
bool place(int row, int column) {
    for (int i = 0; i < row; i++)
        if (taken[i] == column || llabs(taken[i] - column) == row - i) return false;
    return true;
}
int given(int n) { return n; }
int take(int n) { return given(n); }
string hex(int n) { return to_string(n); }
struct Mismatch {};
struct Wire {};
void tell(int row, int column) { taken[row] = column; }
int call(int row, int n) {
    if (row == n) return 1;
    int ways = 0;
    for (int column = 0; column < n; column++)
        if (place(row, column)) tell(row, column), ways += call(row + 1, n);
    return ways;
}
int queens(int n) { return call(0, take(n)); }
signed main() { int n; read(n); out << queens(n); }
"""


async def test_names_and_macros_of_an_answer_are_its_own_in_cpp(running: Application) -> None:
    about = signature("queens(int n) -> int")
    source = "#include <bits/stdc++.h>\nusing namespace std;" + MANY_NAMES
    found = await call(running, "cpp", source, about, ("6", "4"), ("8", "92"))
    assert passed(found) == [True, True], found


async def test_macros_of_an_answer_reach_its_nodes_in_cpp(running: Application) -> None:
    source = "#define int long long\n" + completed(MIRROR, "cpp", BODY["cpp"])
    found = await call(running, "cpp", source, MIRROR, ("[1, 2, 3]\n[1]", "[1, 3, 2]"))
    assert passed(found) == [True], found


async def test_what_a_compiler_takes_is_not_the_programs_time(running: Application) -> None:
    source = """
constexpr long long slowly(long long seed) {
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < 5000; j++) seed = (seed * 31 + j) % 1000003;
    return seed;
}
static_assert(slowly(1) >= 0);
int depth(int n) { return n; }
"""
    settings = running.services.settings
    limits = pipe_limits(settings).model_copy(update={"wall_seconds": 0.7})
    await running.services.runner.require("cpp")
    judge = Judge(running.services.runner, limits)
    program = Program("cpp", "main.cpp", {"main.cpp": source})
    rule = Rule(Comparator(), signature("depth(int n) -> int"))
    began = time.monotonic()
    found = await judge.outcomes(program, [Trial("3", "3")], rule, Turn("test", ""))
    took = time.monotonic() - began
    assert passed(found) == [True], found
    assert took > limits.wall_seconds, "compiled too fast to tell"


async def test_python_that_was_loaded_ahead_calls_the_function(running: Application) -> None:
    """Started anew for each program, Python alone took longer than a hundred cases may."""
    about = signature("loaded(string text) -> bool")
    source = (
        "import sys\n\n\ndef loaded(text):\n"
        "    if text in sys.modules:\n        return True\n    raise LookupError(text)\n"
    )
    cases = [(f'"{name}"', "true") for name in ("fractions", "wave")]  # few programs play sounds
    found, other = await call(running, "python", source, about, *cases)
    assert (found.passed, other.status) == (True, "exception")
    # What called it had the answer's name: what is said of the answer is about the answer still.
    assert 'File "/work/main.py", line 7, in loaded\n    raise LookupError(text)\n' in other.stderr
    assert "pizarra_cases.py" not in other.stderr.partition("in loaded")[2]
