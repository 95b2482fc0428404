"""When each test first passed and when it broke, from what the interviewers' log says; a picture, and in words."""

from array import array
from typing import NamedTuple

from pizarra.exports.report.pace import clock
from pizarra.exports.report.words import Words

_BUCKETS = 240  # of the whole time
_LANE = 10


class Mark(NamedTuple):
    """What came of a test at an instant."""

    how: str
    x: float
    y: int


class Picture(NamedTuple):
    """The tests in words, and in the units of a drawing; of which question, where there are several."""

    title: str
    rows: list[tuple[str, str]]
    marks: list[Mark]
    about: str
    width: int
    height: int


class Progress:
    """Gathers the tests of a question that hold at the end, and what came of them at which instant.

    `seconds` are of each entry of the shared log.
    """

    def __init__(self, seconds: "array[float]", title: str) -> None:
        self._seconds = seconds
        self._title = title
        self._of = 0
        self._names: list[str] = []
        self._passed: dict[int, list[bool]] = {}
        self._self_reported = False

    def add_tests(self, seq: int, names: list[str], *, self_reported: bool = False) -> None:
        """Other tests hold from here on: those of entry `seq` of the interviewers' log.

        With `self_reported` the program could have them say what it liked.
        """
        self._of, self._names, self._passed = seq, names, {}
        self._self_reported = self_reported

    def add_result(self, anchor: int, of: int, passed: list[bool]) -> None:
        """Take in what came of the tests `of` on the code of an instant."""
        if of == self._of and len(passed) == len(self._names):
            self._passed[anchor] = passed

    def picture(self, words: Words, zero: float = 0.0) -> Picture | None:
        """Return a row for each test, and a lane for each with what came of it when; None without tests."""
        if not self._names or not self._passed:
            return None
        instants = sorted(self._passed)
        rows, marks = [], []
        width = max(self._seconds[-1] if self._seconds else 0.0, 1.0)
        for number, name in enumerate(self._names):
            outcomes = [(self._at(anchor), self._passed[anchor][number]) for anchor in instants]
            title = name or words.test.format(number=number + 1)
            rows.append((title, _in_words(outcomes, words, zero)))
            marks += [
                Mark(
                    "passed" if passed else "failed",
                    at / width * (_BUCKETS - 2),
                    number * _LANE + (1 if passed else 5),
                )
                for at, passed in outcomes
            ]
        about = words.tries.format(count=len(instants))
        if self._self_reported:
            about += f" {words.self_reported}"
        return Picture(self._title, rows, marks, about, _BUCKETS, len(self._names) * _LANE)

    def _at(self, anchor: int) -> float:
        return self._seconds[anchor - 1] if 0 < anchor <= len(self._seconds) else 0.0


def _in_words(outcomes: list[tuple[float, bool]], words: Words, zero: float) -> str:
    first = next((at for at, passed in outcomes if passed), None)
    if first is None:
        return words.never_passed
    broke = [
        at
        for (at, passed), (_, before) in zip(outcomes[1:], outcomes[:-1], strict=True)
        if before and not passed
    ]
    said = [words.first_passed.format(at=clock(first - zero))]
    if broke:
        said.append(words.broke.format(at=clock(broke[-1] - zero)))
    said.append(words.passes_at_end if outcomes[-1][1] else words.fails_at_end)
    return ", ".join(said)
