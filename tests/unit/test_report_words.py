"""A report says the same in every language it is written in."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from string import Formatter
from typing import Any, get_args

import pytest

from pizarra.models import Role
from pizarra.sandbox.protocol import EndStatus
from pizarra.timeline.pace import Pace
from pizarra.timeline.words import ENGLISH, SPANISH, WORDS, ReportLanguage


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
    assert same == set()


@pytest.mark.parametrize("language", get_args(ReportLanguage))
def test_every_role_and_every_ending_has_words(language: ReportLanguage) -> None:
    words = WORDS[language]
    assert words.lang == language
    assert set(words.roles) == {role.value for role in Role}
    assert set(words.endings) == set(get_args(EndStatus))


def test_the_starter_code_is_nobodys_typing() -> None:
    pace = Pace()
    for kind, seconds, typed in (("edit", 0.0, False), ("edit", 2.0, True), ("join", 3.0, False), ("join", 4.0, False)):
        pace.add(kind, seconds, typed=typed)
    assert "25 % typing" in pace.html(ENGLISH)
