"""A text is found however it is written: SQLite, and PostgreSQL without a locale, know the letters of ASCII alone."""

import contextlib
import re
import sqlite3
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.rows import NOON, Rows, actor

from pizarra.kit.ids import new_public_id
from pizarra.models import Plan
from pizarra.problems.finding import Library
from pizarra.questions.plans import count_plans, list_plans
from pizarra.sessions.listing import Wanted, count_sessions, list_sessions
from pizarra.storage.searching import search_values


async def found(rows: Rows, text: str, **wanted: Any) -> list[str]:
    """Return the titles of the sessions that a search finds."""
    lazy = await list_sessions(rows.database, 0, 100, Wanted(text=text, **wanted))
    titles = [row.title for row in lazy.rows]
    assert await count_sessions(rows.database, Wanted(text=text, **wanted)) == len(titles)
    return titles


WRITTEN = ("Álvaro Núñez", "ÁLVARO NÚÑEZ", "álvaro núñez")


@pytest.mark.parametrize("title", WRITTEN)
async def test_whoever_types_a_name_as_it_is_written_finds_it(rows: Rows, title: str) -> None:
    await rows.session(title=title)
    await rows.session(title="A session", candidate_name=title)
    for typed in (*WRITTEN, "Ñ", "úñ", "  NÚÑEZ "):
        assert await found(rows, typed) == ["A session", title], typed


async def test_other_alphabets_have_capitals_too(rows: Rows) -> None:
    for title, typed in (
        ("Страница", "СТРАН"),
        ("ΑΘΗΝΑ", "αθ"),
        ("Straße", "STRAßE"),
        ("Ýmir", "ý"),
        ("Łódź", "łóDŹ"),
        ("İstanbul", "İSTANBUL"),
    ):
        await rows.session(title=title)
        assert await found(rows, typed) == [title], typed


async def test_the_last_sigma_of_a_word_is_one(rows: Rows) -> None:
    titles = ["Οδυσσέας", "ΟΔΥΣΣΈΑΣ"]
    for title in titles:
        await rows.session(title=title)
    for typed in (*titles, "οδυσσέας", "έασ"):
        assert await found(rows, typed) == titles[::-1], typed


async def test_who_types_no_accents_means_all(rows: Rows) -> None:
    for title, typed in (
        ("Álvaro Núñez", "alvaro NUNEZ"),
        ("François Müller", "francois mull"),
        ("Škoda", "skoda"),
        ("Zażółć", "zazo"),
    ):
        await rows.session(title=title)
        assert await found(rows, typed) == [title], typed


async def test_nothing_else_is_found(rows: Rows) -> None:
    await rows.session(title="Álvaro Núñez")
    for typed in (
        "àlvaro",
        "Alvarø",
        "Álvaro  Núñez",
        "%",
        "_lvaro",
        "\\",
        "Núñez Álvaro",
        "ñ ú",
        "aeiou" * 40,
    ):
        assert await found(rows, typed) == [], typed


async def test_signs_that_mean_something_to_the_database_are_signs(rows: Rows) -> None:
    await rows.session(title="Ana: other")
    for sign in (*"%_\\*?[]^-.(){}|+$~", "&é", "[x-z]", "[^é]", "*[É", "***:x", "(?i)x", "\\d"):
        await rows.session(title=f"Ana: {sign}!")
        assert await found(rows, sign.upper()) == [f"Ana: {sign}!"]


@pytest.mark.parametrize("typed", ["", "   "])
async def test_nothing_typed_is_no_search(rows: Rows, typed: str) -> None:
    await rows.session(title="one")
    await rows.session(title="two")
    assert await found(rows, typed) == ["two", "one"]


async def test_a_search_is_in_what_else_is_wanted(rows: Rows) -> None:
    team = await rows.team()
    kinds: list[dict[str, Any]] = [
        {},
        {"team_id": team.id},
        {"team_id": team.id, "status": "ended"},
    ]
    for index, changes in enumerate(kinds):
        await rows.session(title=f"Día {index}", **changes)
    session = await rows.session(title="Día 3", erasing_since=NOON)
    await rows.session(title="Día 4", rehearsal_of=session.id)
    assert await found(rows, "DÍA") == ["Día 2", "Día 1", "Día 0"]
    assert await found(rows, "DÍA", team=team.id) == ["Día 2", "Día 1"]
    assert await found(rows, "día 2", team=team.id) == ["Día 2"]


async def test_a_plan_is_found_by_each_word_of_its_title(rows: Rows) -> None:
    team = await rows.team()
    library = Library(actor(await rows.account(team)), team.id)
    stored = {"team_id": team.id, "rubric": [], "created_at": NOON, "updated_at": NOON}
    last, first = "Última ronda", "Primera ronda"
    for title in (last, first):
        await rows.put(Plan(**stored, public_id=new_public_id(), title=title))
    for typed, titles in (
        ("última", [last]),
        ("RONDA", [first, last]),
        ("ronda ú", [last]),
        ("Ñ", []),
        ("%", []),
        (None, [first, last]),
    ):
        async with rows.database.read() as db:
            assert [each.title for each in await list_plans(db, library, typed, 0, 9)] == titles
            assert await count_plans(db, library, typed) == len(titles)


LETTERS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_characters="İıſŉß"), min_size=1
)


@given(LETTERS)
def test_a_text_finds_itself_in_capitals(text: str) -> None:
    """As SQLite looks."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        ((is_in, other),) = connection.execute(
            "SELECT :title GLOB :glob, 'before  after' GLOB :glob",
            {**search_values(text), "title": f"before {text.upper()} after"},
        )
    assert is_in
    assert other == (text.lower() in "before  after")


@given(LETTERS)
def test_a_text_is_found_without_its_accents(text: str) -> None:
    typed = "".join(unicodedata.normalize("NFD", each)[0] for each in text)
    found = re.compile(str(search_values(typed)["regex"])).search(text)
    assert (found is not None) == all(
        unicodedata.normalize("NFD", each)[0].isascii()
        or len(unicodedata.normalize("NFD", each)) == 1
        for each in text
    )
