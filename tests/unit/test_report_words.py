"""A report says the same in every language it is written in."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from string import Formatter
from typing import Any, get_args

import pytest

from pizarra.exports.report.pace import Pace, clock
from pizarra.exports.report.report import Report
from pizarra.exports.report.words import ENGLISH, SPANISH, WORDS, ReportLanguage
from pizarra.models import Role, Verdict
from pizarra.sandbox.outcome import EndStatus
from pizarra.timeline.private.log import DEFAULT_RUBRIC


def sentences(words: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for name, value in words.items():
        if isinstance(value, str):
            yield f"{place}{name}", value
        else:
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            yield from sentences({str(key): each for key, each in pairs}, f"{place}{name}.")


def blanks(sentence: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}


def test_every_sentence_is_there_and_has_the_same_blanks() -> None:
    english, spanish = (dict(sentences(asdict(words))) for words in (ENGLISH, SPANISH))
    assert english.keys() == spanish.keys()
    for name, sentence in english.items():
        assert blanks(sentence) == blanks(spanish[name]), name
    same = {name for name in english if english[name] == spanish[name]}
    assert same == {"verdicts.no"}  # Spanish says it with the same word


@pytest.mark.parametrize("language", get_args(ReportLanguage))
def test_every_role_and_every_ending_has_words(language: ReportLanguage) -> None:
    words = WORDS[language]
    assert words.lang == language
    assert set(words.roles) == {role.value for role in Role}
    assert set(words.endings) == set(get_args(EndStatus))
    assert set(words.verdicts) == {verdict.value for verdict in Verdict}
    assert set(words.criteria) == set(DEFAULT_RUBRIC)


def test_the_starter_code_is_nobodys_typing() -> None:
    pace = Pace()
    for kind, seconds, typed in (
        ("edit", 0.0, False),
        ("edit", 2.0, True),
        ("join", 3.0, False),
        ("join", 4.0, False),
    ):
        pace.add(kind, seconds, typed=typed)
    assert pace.picture(ENGLISH).shares[0] == "25 % typing"


def test_times_are_since_the_candidate_came() -> None:
    # As web/src/words.test.ts has it of the page: what the replay calls 14:03 is 14:03 in the report.
    told = {0.4: "0:00", 0.5: "0:01", 842.5: "14:03", 3847.2: "1:04:07", -0.4: "0:00"}
    told |= {-0.5: "−0:01", -720.0: "−12:00"}
    assert {seconds: clock(seconds) for seconds in told} == told
    session: dict[str, Any] = {
        "created_at": "2026-11-22T09:00:00+00:00",
        "clock_started_at": "2026-11-22T09:12:00+00:00",
    }
    session |= {"title": "Two Sum", "language": "python", "ended_at": None, "status": "open"}
    report = Report({"session": session, "people": []}, {}, [], {}, ENGLISH)
    said = {"name": "Ana", "anchor": 1, "text": "asks first"}
    note = {"kind": "note", "seq": 1, "participant_id": None, "data": said}
    report.add("private", {**note, "at": "2026-11-22T09:26:02+00:00"})
    assert "14:02" in report.html()
