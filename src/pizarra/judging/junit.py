"""Reads a report of tests in JUnit's XML, which a program of somebody's wrote: strictly, and within bounds.

What is not such a report, to the letter, is none: nobody guesses what was meant.
"""

from dataclasses import dataclass, replace
from typing import Literal
from xml.parsers import expat

How = Literal["passed", "failed", "error", "skipped"]

MOST_REPORT_BYTES = 1024 * 1024
MOST_REPORTED = 2000  # tests
_MOST_ELEMENTS = 10 * MOST_REPORTED  # of all kinds; each is a piece of work, however short it is
MOST_SAID = 4000  # characters of what a test says, and of what it printed: the end of it is kept
_DEEPEST = 8
_INSIDE: dict[str, frozenset[str]] = {
    "": frozenset(["testsuites", "testsuite"]),
    "testsuites": frozenset(["testsuite", "properties"]),
    "testsuite": frozenset(["testsuite", "testcase", "properties", "system-out", "system-err"]),
    "testcase": frozenset(
        ["failure", "error", "skipped", "system-out", "system-err", "properties"]
    ),
    "properties": frozenset(["property"]),
}
_BAD: dict[str, How] = {"failure": "failed", "error": "error", "skipped": "skipped"}
_WORST: dict[How, int] = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}


class NoReport(ValueError):
    """It is no report; the text says why."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a test: `brief` is a line about what is wrong, `said` all of it; `seconds` that it took."""

    name: str
    how: How = "passed"
    seconds: float | None = None
    brief: str = ""
    said: str = ""
    printed: str = ""


def read_report(report: bytes) -> list[Reported]:
    """Return what came of each test, in the order of the report.

    Raises:
        NoReport: it is none, or more than is read.
    """
    if len(report) > MOST_REPORT_BYTES:
        raise NoReport(f"The report has more than {MOST_REPORT_BYTES:,} bytes.")
    reader = _Reader()
    try:
        reader.parser.Parse(report, True)
    except NoReport:
        raise
    except (
        expat.ExpatError,
        LookupError,
        ValueError,
    ) as error:  # of its encoding, as `codecs` does
        raise NoReport(f"The report is no XML: {str(error)[:200]}.") from error
    return reader.found


class _Reader:
    """Takes in a report, element by element. Entities and document types are refused, so nothing can grow."""

    def __init__(self) -> None:
        self.found: list[Reported] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.ProcessingInstructionHandler = self._refuse
        self.parser.buffer_text = True
        self._open: list[str] = []
        self._elements = 0
        self._now: Reported | None = None
        self._text = ""

    def _refuse(self, *_about: object) -> None:
        raise NoReport("The report has a document type or an instruction.")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        around = self._open[-1] if self._open else ""
        if name not in _INSIDE.get(around, ()) or len(self._open) >= _DEEPEST:
            raise NoReport(f"The report has {name[:40]} where none can be.")
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise NoReport(f"The report has more than {_MOST_ELEMENTS:,} elements.")
        self._open.append(name)
        self._text = ""
        if name == "testcase":
            if len(self.found) >= MOST_REPORTED:
                raise NoReport(f"The report has more than {MOST_REPORTED:,} tests.")
            self._now = Reported(attributes.get("name", ""), seconds=_seconds(attributes))
        elif self._now is not None and (how := _BAD.get(name)) is not None:
            worse = _WORST[how] >= _WORST[self._now.how]
            brief = attributes.get("message", "")[:MOST_SAID]
            if worse:
                self._now = replace(self._now, how=how, brief=brief)

    def _take(self, text: str) -> None:
        self._text = (self._text + text)[-MOST_SAID:]

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._now is None:
            return
        if name in _BAD:
            self._now = replace(self._now, said=self._text or self._now.brief)
        elif name == "system-out":
            self._now = replace(self._now, printed=self._text)
        elif name == "testcase":
            self.found.append(self._now)
            self._now = None


def _seconds(attributes: dict[str, str]) -> float | None:
    try:
        seconds = float(attributes.get("time", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1_000_000 else None


def by_name(found: list[Reported]) -> dict[str, Reported]:
    """Return what came of each test by its name; of several that have one name, the worst."""
    worst: dict[str, Reported] = {}
    for each in found:
        before = worst.get(each.name)
        if before is None or _WORST[each.how] > _WORST[before.how]:
            worst[each.name] = each
    return worst
