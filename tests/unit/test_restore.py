"""What an archive becomes here: rows for all of it, nobody in the session, and nothing where something is odd."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.harness.archives import ABOUT, ANA, AT, SESSION, ZOE, entry, note, said, write_archive
from tests.harness.core import Typist
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.collab.journal import EditEntry, EventEntry
from pizarra.database import within
from pizarra.exports.reader import ArchiveError, open_archive
from pizarra.exports.restore import import_archive
from pizarra.models import (
    Base,
    Decision,
    InterviewSession,
    Participant,
    PrivateEntry,
    Run,
    Scorecard,
    SessionProblem,
    TimelineEntry,
)
from pizarra.timeline.append.log import append_entries
from pizarra.timeline.entries.shared import SessionReopened
from pizarra.timeline.read.rows import read_names, read_rows, to_row

NOW = NOON + timedelta(days=9)
RUN = "c" * 32


async def restore(rows: Rows, file: Path) -> int:
    return await import_archive(rows.database, open_archive(file, 10**7), NOW)


async def only(rows: Rows) -> InterviewSession:
    async with rows.database.read() as db:
        (found,) = (await db.scalars(select(InterviewSession))).all()
        return found


async def all_of(rows: Rows, table: type[Base]) -> list[Any]:
    async with rows.database.read() as db:
        return list(await db.scalars(select(table)))


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_archive, tmp_path / "session.zip")


def edits(*typed: str) -> list[Any]:
    """Return the edits of somebody who types these."""
    typist = Typist(5)
    return [entry("edit", {"update": b64encode(typist.type(each)).decode()}) for each in typed]


async def refusal(rows: Rows, file: Path) -> str:
    """Return why nothing was imported, having seen that nothing was."""
    with pytest.raises(ArchiveError) as refused:
        await restore(rows, file)
    for table in (InterviewSession, Participant, TimelineEntry, PrivateEntry, Run):
        assert await all_of(rows, table) == []
    return str(refused.value)


# What comes of it


async def test_a_log_is_what_it_was(rows: Rows, archive: Callable[..., Path]) -> None:
    told = [
        said("¡hola! 👩🏽‍💻"),
        *edits("a", "b"),
        {**entry("newer.kind", {"what": [1, {"x": None}]}, None), "at": "2026-11-30T12:00:01.5Z"},
    ]
    assert await restore(rows, archive(told)) == 4
    session = await only(rows)
    async with rows.database.read() as db:
        names = await read_names(within(db), session.id)
        found = [to_row(row, names) for row in await read_rows(within(db), session.id, 0, 9)]
    assert [each["seq"] for each in found] == [1, 2, 3, 4]
    assert [{**each, "seq": 0} for each in found] == [
        {**each, "seq": 0, "at": each["at"].replace(".5Z", ".500000Z")} for each in told
    ]


async def test_a_session_of_another_server_is_over_and_nobodys(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    await restore(rows, archive([said()], status="open", title="Ünï", language="java"))
    session = await only(rows)
    assert (session.public_id, session.title, session.language) == (SESSION, "Ünï", "java")
    assert (session.status, session.candidate_keeps) == ("ended", "nothing")
    assert (session.team_id, session.created_by, session.rehearsal_of) == (None, None, None)
    assert (session.created_at, session.ended_at) == (NOON, NOON + timedelta(hours=1))
    assert session.room_id != SESSION
    assert session.room_id[:16] == SESSION[:16], "at the session's place"


async def test_what_was_open_when_it_was_exported_ends_now(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    await restore(rows, archive(ended_at=None, clock_started_at=AT))
    session = await only(rows)
    assert (session.ended_at, session.clock_started_at, session.head) == (NOW, NOON, 0)


async def test_those_who_took_part_are_out(rows: Rows, archive: Callable[..., Path]) -> None:
    await restore(rows, archive())
    people = {each.public_id: each for each in await all_of(rows, Participant)}
    assert {each: people[each].name for each in people} == {ANA: "Ana", ZOE: "Zoë"}
    for each in people.values():
        assert (each.removed_at, each.account_id, each.is_owner) == (NOW, None, False)
        assert each.generation != (await only(rows)).invitation_generation


async def test_whoever_writes_on_writes_nothing_before_what_is_there(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    """The clock of the server that it comes from may be ahead of this one's; and what it holds counts here too."""
    ahead = "2031-01-01T00:00:00.000001Z"
    told = [said(at=ahead), *edits("abc"), said("last")]
    await restore(rows, archive(told))
    session = await only(rows)
    by_itself = await rows.session(public_id="1" * 32)
    async with rows.database.write() as db:
        for each in told:
            await append_entries(db, by_itself.id, [_again(each)], NOW)
        await append_entries(db, session.id, [EventEntry(None, SessionReopened())], NOW)
        newest = await db.get_one(TimelineEntry, (session.id, len(told) + 1))
        assert newest.at == datetime(2031, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    recorded = (await rows.reread(by_itself)).log_bytes
    assert session.log_bytes == recorded > 0


def _again(told: Any) -> Any:
    if told["kind"] == "edit":
        return EditEntry(None, b64decode(told["data"]["update"]))
    return event(told["kind"], None, told["data"])


async def test_an_edit_that_came_before_what_it_builds_on_waits_here_too(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    first, second, third = edits("a", "b", "c")
    await restore(rows, archive([first, third, second]))
    async with rows.database.read() as db:
        gaps = await db.scalars(select(TimelineEntry.gap).order_by(TimelineEntry.seq))
        assert list(gaps) == [False, True, False]


async def test_more_entries_than_are_written_at_once_are_all_there(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    assert await restore(rows, archive([said(str(n)) for n in range(1001)])) == 1001
    assert len(await all_of(rows, TimelineEntry)) == 1001


# Views of the log


def started(**changes: Any) -> Any:
    data = {"run_id": RUN, "language": "python", "path": "main.py", "stdin": "7\n", "at": 1}
    return entry("run.started", {**data, **changes})


def over(**changes: Any) -> Any:
    data = {
        "run_id": RUN,
        "status": "exited",
        "exit_code": 3,
        "signal": None,
        "detail": None,
        "duration_ms": 12,
        "memory_kb": 900,
        "compile_ms": None,
        "diagnostics": [],
    }
    return {**entry("run.ended", {**data, **changes}, None), "at": "2026-11-30T12:00:02Z"}


async def test_a_run_is_what_its_entries_say(rows: Rows, archive: Callable[..., Path]) -> None:
    await restore(rows, archive([said(), started(), over()]))
    (run,) = await all_of(rows, Run)
    assert (run.public_id, run.path, run.stdin, run.code_seq) == (RUN, "main.py", "7\n", 1)
    assert (run.status, run.exit_code, run.duration_ms) == ("exited", 3, 12)
    assert (run.started_seq, run.ended_seq) == (2, 3)
    assert run.ended_at == NOON + timedelta(seconds=2)


async def test_a_run_that_nobody_saw_end_has_ended(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    await restore(rows, archive([started()]))
    (run,) = await all_of(rows, Run)
    assert run.status == "sandbox_error"


async def test_ends_and_starts_of_no_run_are_entries_and_nothing_else(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    told = [over(), started(run_id="one"), entry("run.started", {"run_id": RUN, "newer": 1})]
    file = archive(told[:2])
    await restore(rows, file)
    assert await all_of(rows, Run) == []
    assert len(await all_of(rows, TimelineEntry)) == 2


async def test_a_question_is_known_by_what_everybody_saw_of_it(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    posed = {
        "question_id": "d" * 32,
        "version": 3,
        "form": "stdio",
        "spoken": "en",
        "title": "Double it",
        "statement": "",
        "languages": ["python"],
        "samples": [],
        "signature": None,
        "secret_count": None,
        "folder": "double/",
    }
    await restore(rows, archive([said(), entry("problem", posed, ANA)]))
    (problem,) = await all_of(rows, SessionProblem)
    assert (problem.seq, problem.folder, problem.version_id) == (2, "double/", None)


async def test_the_last_decision_of_each_stands(rows: Rows, archive: Callable[..., Path]) -> None:
    def decided(verdict: str, who: str, name: str) -> Any:
        data = {"name": name, "anchor": 1, "verdict": verdict, "text": f"{verdict}!"}
        return entry("decision", data, who)

    private = [
        decided("no", ANA, "Ana"),
        decided("yes", ZOE, "Zoë"),
        decided("strong_yes", ANA, "Ana"),
    ]
    await restore(rows, archive([said()], private))
    stands = {each.verdict: each.text for each in await all_of(rows, Decision)}
    assert stands == {"strong_yes": "strong_yes!", "yes": "yes!"}
    assert (await only(rows)).private_head == 3


async def test_a_note_keeps_what_it_is_about(rows: Rows, archive: Callable[..., Path]) -> None:
    await restore(rows, archive([said()], [note("why", 1)], candidate_name="Zoë", rubric=["A"]))
    (kept,) = await all_of(rows, PrivateEntry)
    assert (kept.anchor, kept.data) == (1, {"text": "why"})
    session = await only(rows)
    assert (session.candidate_name, session.rubric) == ("Zoë", ["A"])


@pytest.mark.parametrize("submitted", [AT, None])
async def test_scores_come_along(
    rows: Rows, archive: Callable[..., Path], submitted: str | None
) -> None:
    scores = [{"criterion": "Testing", "score": 3, "comment": "", "anchor": None}]
    card = {"participant_id": ANA, "scores": scores, "submitted_at": submitted}
    await restore(rows, archive([said()], [], members={"scores.json": json.dumps([card])}))
    (kept,) = await all_of(rows, Scorecard)
    assert kept.scores == scores
    assert kept.submitted_at == (NOON if submitted else None)
    assert kept.updated_at == (NOON if submitted else NOW)


# What is refused, with nothing of it here afterwards


ABOUTS: list[tuple[Any, str]] = [
    ({"session_id": "../etc"}, "names no session"),
    ({"session_id": SESSION.upper()}, "names no session"),
    ({"session_id": 5}, "names no session"),
    ({"language": "cobol"}, "cobol"),
    ({"signals": "some"}, "some"),
    ({"title": "x" * 201}, "200 characters"),
    ({"title": "a\0b"}, "200 characters"),
    ({"title": None}, "200 characters"),
    ({"rules": "x" * 501}, "500 characters"),
    ({"rubric": ["x" * 81]}, "80 characters"),
    ({"rubric": 5}, "in it"),
    ({"created_at": "yesterday"}, "yesterday"),
    ({"created_at": None}, "in it"),
    ({"created_at": "0001-01-01T00:00:00+14:00"}, "in it"),
    ({"ended_at": "9999-12-31T23:59:59-14:00"}, "in it"),
    ({"candidate_name": "x" * 81}, "80 characters"),
]


async def test_what_is_said_of_a_session_is_held_to_what_it_may_be(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    for about, why in ABOUTS:
        assert why in await refusal(rows, archive([said()], **about)), about


async def test_what_is_said_of_every_session_is_not_left_out(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    for left_out in ("title", "created_at", "signals", "rules", "language"):
        about = {name: value for name, value in ABOUT.items() if name != left_out}
        said_why = await refusal(rows, archive([said()], manifest={"session": about}))
        assert said_why == f"nothing was imported: KeyError('{left_out}') in it"


SOME_PEOPLE: list[tuple[Any, str]] = [
    ([{"participant_id": "x", "name": "X", "role": "host"}], "without a proper id"),
    ([{"participant_id": ANA, "name": "X", "role": "king"}], "king"),
    ([{"participant_id": ANA, "name": "x" * 81, "role": "host"}], "80 characters"),
    ([{"participant_id": ANA, "name": "X"}], "role"),
    (["Ana"], "in it"),
    ([{"participant_id": ANA, "name": n, "role": "host"} for n in "XY"], "here already"),
]


async def test_people_are_held_to_what_people_are(rows: Rows, archive: Callable[..., Path]) -> None:
    for people, why in SOME_PEOPLE:
        assert why in await refusal(rows, archive(people=people)), people


ENTRIES: list[tuple[Any, str]] = [
    (said(participant_id="e" * 32), "e" * 32),
    (said(at="soon"), "soon"),
    (said(at="0001-01-01T00:00:00+14:00"), "in it"),
    (said(at=5), "in it"),
    (said(kind="x" * 33), "32 characters"),
    (said(kind=None), "32 characters"),
    (said(data=[]), "its data is no object"),
    (said("a\0"), "NUL"),
    (entry("edit", {"update": "%%%%"}), "it cannot be read"),
    (entry("edit", {"update": "AAAA"}), "malformed"),
    (started(language="cobol"), "cobol"),
    (started(path="x" * 201), "200 characters"),
]


async def test_entries_are_held_to_what_entries_are(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    for told, why in ENTRIES:
        assert why in await refusal(rows, archive([said(), told])), told


NOTES: list[tuple[Any, str]] = [
    (note(participant_id="e" * 32), "e" * 32),
    (note(participant_id=None), "in it"),
    (note(anchor=-1), "anchor"),
    (note(data={"text": "x"}), "name"),
    (entry("decision", {"name": "", "anchor": 0, "verdict": "?", "text": ""}, ANA), "verdict"),
]


async def test_private_entries_are_held_to_what_they_are(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    for told, why in NOTES:
        assert why in await refusal(rows, archive([said()], [told])), told


CARDS: list[tuple[Any, str]] = [
    ([{"participant_id": ANA, "scores": [{"score": 1}]}], "criterion"),
    ([{"participant_id": ANA, "scores": 5}], "scores"),
    ([{"participant_id": "e" * 32, "scores": []}], "e" * 32),
    ([{"participant_id": ANA, "scores": []}] * 2, "here already"),
    ({"x": 1}, "in it"),
]


async def test_scores_are_held_to_what_scores_are(rows: Rows, archive: Callable[..., Path]) -> None:
    for cards, why in CARDS:
        file = archive([said()], [], members={"scores.json": json.dumps(cards)})
        assert why in await refusal(rows, file), cards


async def test_a_session_is_here_once(rows: Rows, archive: Callable[..., Path]) -> None:
    file = archive([said()])
    await restore(rows, file)
    with pytest.raises(ArchiveError, match=f"the session {SESSION} is here already"):
        await restore(rows, file)
    assert len(await all_of(rows, TimelineEntry)) == 1


async def test_people_and_runs_of_another_session_are_said_to_be_here(
    rows: Rows, archive: Callable[..., Path]
) -> None:
    """So it is while a deleted session is erased piece by piece: it has no id any more, and its people still do."""
    by_nobody = {**started(), "participant_id": None}
    await restore(rows, archive([by_nobody]))
    for again, told in (({}, said()), ({"people": []}, by_nobody)):
        file = archive([{**told, "participant_id": None}], session_id="1" * 32, **again)
        with pytest.raises(ArchiveError, match="here already, in another session"):
            await restore(rows, file)
    assert (await only(rows)).public_id == SESSION
