"""When each test first passed and when it broke, from what the interviewers' log says; a picture, and in words."""

import html
from array import array
from collections.abc import Mapping
from typing import Any

from pizarra.timeline.pace import clock
from pizarra.timeline.words import Words

_BUCKETS = 240  # of the whole time
_LANE = 10


class Progress:
    """Gathers the tests that hold at the end, and what came of them at which instant."""

    def __init__(self) -> None:
        self._seconds = array("f")  # of each entry of the shared log
        self._of = 0
        self._names: list[str] = []
        self._passed: dict[int, list[bool]] = {}

    def add_time(self, seconds: float) -> None:
        """Take in when the next entry of the shared log was."""
        self._seconds.append(seconds)

    def add_tests(self, seq: int, data: Mapping[str, Any]) -> None:
        """Other tests hold from here on."""
        tests = data.get("tests")
        self._of, self._passed = seq, {}
        self._names = [
            str(each.get("name") or "") for each in (tests if isinstance(tests, list) else []) if isinstance(each, dict)
        ]

    def add_result(self, anchor: int, data: Mapping[str, Any]) -> None:
        """Take in what came of the tests on the code of an instant."""
        results = data.get("results")
        if data.get("of") == self._of and isinstance(results, list) and len(results) == len(self._names):
            self._passed[anchor] = [isinstance(each, dict) and each.get("passed") is True for each in results]

    def html(self, words: Words) -> str:
        """Return a row for each test, and a picture with a lane for each; nothing without tests."""
        if not self._names or not self._passed:
            return ""
        instants = sorted(self._passed)
        rows, marks = [], []
        width = max(self._seconds[-1] if self._seconds else 0.0, 1.0)
        for number, name in enumerate(self._names):
            outcomes = [(self._at(anchor), self._passed[anchor][number]) for anchor in instants]
            title = name or words.test.format(number=number + 1)
            rows.append(f"<tr><td>{html.escape(title)}</td><td>{html.escape(_in_words(outcomes, words))}</td></tr>")
            marks += [
                f'<rect class="{"passed" if passed else "failed"}" x="{at / width * (_BUCKETS - 2):.1f}" '
                f'y="{number * _LANE + (1 if passed else 5)}" width="2" height="4"/>'
                for at, passed in outcomes
            ]
        about = words.tries.format(count=len(instants))
        return (
            f"<h2>{words.tests}</h2><table><tbody>{''.join(rows)}</tbody></table>"
            f'<svg viewBox="0 0 {_BUCKETS} {len(self._names) * _LANE}" role="img" aria-label="{about}">'
            f"{''.join(marks)}</svg><p class=muted>{about}</p>"
        )

    def _at(self, anchor: int) -> float:
        return self._seconds[anchor - 1] if 0 < anchor <= len(self._seconds) else 0.0


def _in_words(outcomes: list[tuple[float, bool]], words: Words) -> str:
    first = next((at for at, passed in outcomes if passed), None)
    if first is None:
        return words.never_passed
    broke = [at for (at, passed), (_, before) in zip(outcomes[1:], outcomes[:-1], strict=True) if before and not passed]
    said = [words.first_passed.format(at=clock(first))]
    if broke:
        said.append(words.broke.format(at=clock(broke[-1])))
    said.append(words.passes_at_end if outcomes[-1][1] else words.fails_at_end)
    return ", ".join(said)
