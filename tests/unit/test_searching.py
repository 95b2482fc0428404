"""A text is found however it is written: SQLite, and PostgreSQL without a locale, know the letters of ASCII alone."""

import contextlib
import sqlite3
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
@pytest.mark.parametrize("typed", [*WRITTEN, "Ñ", "úñ", "  NÚÑEZ "])
async def test_whoever_types_a_name_as_it_is_written_finds_it(
    rows: Rows, title: str, typed: str
) -> None:
    await rows.session(title=title)
    await rows.session(title="A session", candidate_name=title)
    assert await found(rows, typed) == ["A session", title]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Страница", "СТРАН"),
        ("ΑΘΗΝΑ", "αθήνα"[:2]),
        ("Straße", "STRAßE"),
        ("Ýmir", "ý"),
        ("Łódź", "łóDŹ"),
    ],
)
async def test_other_alphabets_have_capitals_too(rows: Rows, title: str, typed: str) -> None:
    await rows.session(title=title)
    assert await found(rows, typed) == [title]


@pytest.mark.parametrize(
    "typed", ["alvaro", "Álvaro  Núñez", "%", "_lvaro", "\\", "Núñez Álvaro", "ñ ú"]
)
async def test_nothing_else_is_found(rows: Rows, typed: str) -> None:
    await rows.session(title="Álvaro Núñez")
    assert await found(rows, typed) == []


@pytest.mark.parametrize("sign", [*"%_\\*?[]^-", "100 %_\\ é", "[a-z]", "[^é]", "*[É"])
async def test_signs_that_mean_something_to_the_database_are_signs(rows: Rows, sign: str) -> None:
    await rows.session(title=f"Ana: {sign}!")
    await rows.session(title="Ana: other")
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


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("última", ["Última ronda"]),
        ("RONDA", ["Primera ronda", "Última ronda"]),
        ("ronda ú", ["Última ronda"]),
        ("Ñ", []),
        ("%", []),
        (None, ["Primera ronda", "Última ronda"]),
    ],
)
async def test_a_plan_is_found_by_each_word_of_its_title(
    rows: Rows, typed: str | None, titles: list[str]
) -> None:
    team = await rows.team()
    library = Library(actor(await rows.account(team)), team.id)
    for title in ("Última ronda", "Primera ronda"):
        await rows.put(
            Plan(
                public_id=new_public_id(),
                team_id=team.id,
                title=title,
                rubric=[],
                created_at=NOON,
                updated_at=NOON,
            )
        )
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


@given(st.text(max_size=30))
def test_what_is_looked_for_is_as_long_in_both(text: str) -> None:
    values = search_values(text)
    capitals, small = str(values["capitals"]), str(values["small"])
    assert len(capitals) == len(small) == len(set(capitals))
