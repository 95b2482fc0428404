"""Restores an exported session in this database: its logs as they were, read only, with nobody in it."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, get_args

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.cluster.places import new_room_id
from pizarra.collab.state.document import Document
from pizarra.collab.wire.codec import MalformedFrame
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_update
from pizarra.database import Database
from pizarra.exports.reader import Archive, ArchiveError, problem_with
from pizarra.exports.replaying import Arrivals
from pizarra.exports.verify_attachments import problem_with_rest
from pizarra.judging.signature import Signature
from pizarra.kit.ids import is_public_id, new_public_id
from pizarra.kit.text import is_storable
from pizarra.models import (
    CandidateKeeps,
    Decision,
    InterviewSession,
    Language,
    Participant,
    PrivateEntry,
    Role,
    Run,
    Scorecard,
    SessionProblem,
    SessionStatus,
    SessionView,
    Signals,
    TimelineEntry,
    Verdict,
)
from pizarra.problems.content import Wording
from pizarra.sandbox.outcome import DiagnosticFound, Stream, outcome_of
from pizarra.timeline.entries.reading import problem_in, problem_in_scores, read_shared
from pizarra.timeline.entries.shared import Posed, RunEnded, RunOutput, RunStarted
from pizarra.timeline.integrity.chain import Log

_BATCH = 500
# Clocks are wrong by years. What is reckoned from an instant beyond these, a century before or after it, is none.
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


async def import_archive(database: Database, archive: Archive, now: datetime) -> int:
    """Restore a session; return how many entries it has. All of it is there afterwards, or nothing.

    Raises:
        ArchiveError: something in it was changed or is missing, or the session is here already.
    """
    try:
        for log in archive.logs:
            if (problem := problem_with(archive, log)) is not None:
                raise ArchiveError(f"nothing was imported: {problem}")
        if (problem := problem_with_rest(archive)) is not None:
            raise ArchiveError(f"nothing was imported: {problem}")
        async with database.write() as db:
            return await _restore(db, archive, now)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ArchiveError(f"nothing was imported: {error!r} in it") from error
    except IntegrityError as error:
        raise ArchiveError(
            "nothing was imported: it names somebody or a run twice, or they are here already, in another session"
        ) from error


async def _restore(db: AsyncSession, archive: Archive, now: datetime) -> int:
    about, logs = archive.manifest["session"], archive.manifest["logs"]
    if await db.scalar(
        select(InterviewSession.id).where(InterviewSession.public_id == about["session_id"])
    ):
        raise ArchiveError(f"the session {about['session_id']} is here already")
    created = _instant(about["created_at"])
    session = InterviewSession(
        public_id=about["session_id"],
        room_id=new_room_id(about["session_id"]),
        title=_text(about["title"], 200),
        language=Language(about["language"]).value,
        initial_code=_text(about["initial_code"], 10_000_000),
        status=SessionStatus.ENDED.value,
        created_at=created,
        clock_started_at=_instant(about["clock_started_at"])
        if about.get("clock_started_at")
        else None,
        ended_at=_instant(about["ended_at"]) if about.get("ended_at") else now,
        team_id=None,
        created_by=None,
        waiting_room=False,
        editing_locked=False,
        running_locked=False,
        candidate_keeps=CandidateKeeps.NOTHING.value,
        candidate_name=_text(about["candidate_name"], 80) if about.get("candidate_name") else None,
        signals=Signals(about["signals"]).value,
        rules=_text(about["rules"], 500),
        rubric=[_text(each, 80) for each in about["rubric"]]
        if about.get("rubric") is not None
        else None,
        thinking_until=None,
        clock_shown=False,
        private_head=logs["private"]["entries"] if "private" in logs else 0,
        rehearsal_of=None,
        epoch=new_public_id(),
        head=logs["shared"]["entries"],
        last_at=created,
        log_bytes=0,
        invitation_generation=1,
    )
    db.add(session)
    await db.flush()
    people = await _people(db, session, archive.manifest["people"], created, now)
    await _entries(db, session, archive, people)
    await _runs(db, session, archive, people)
    await _problems(db, session, archive)
    if "private" in logs:
        await _private(db, session, archive, people, now)
    return session.head


async def _people(
    db: AsyncSession,
    session: SessionView,
    listed: list[dict[str, Any]],
    created: datetime,
    now: datetime,
) -> dict[str, int]:
    """Add who took part; they are out: their links were another server's."""
    for each in listed:
        if not is_public_id(each["participant_id"]):
            raise ValueError("a person without a proper id")
        db.add(
            Participant(
                public_id=each["participant_id"],
                session_id=session.id,
                name=_text(each["name"], 80),
                role=Role(each["role"]).value,
                is_owner=False,
                created_at=created,
                account_id=None,
                invitation=None,
                generation=0,
                expires_at=None,
                admitted_at=created,
                removed_at=now,
                left_at=None,
            )
        )
    await db.flush()
    rows = await db.execute(
        select(Participant.public_id, Participant.id).where(Participant.session_id == session.id)
    )
    return {row[0]: row[1] for row in rows}


def _batches(archive: Archive, log: Log) -> Iterator[list[dict[str, Any]]]:
    """Give a log's entries. Whoever makes an archive can make its hashes too: each is held to the shape of its kind."""
    entries = archive.lines(log)
    while batch := list(islice(entries, _BATCH)):
        for entry in batch:
            if (problem := problem_in(log, _text(entry["kind"], 32), entry["data"])) is not None:
                raise ArchiveError(
                    f"nothing was imported: {log} entry {entry['seq']}, {entry['kind']}: {problem}"
                )
        yield batch


async def _entries(
    db: AsyncSession, session: InterviewSession, archive: Archive, people: Mapping[str, int]
) -> None:
    """Write the log; should the session be opened again, it goes on from there as from a log that was written here."""
    arrivals = Arrivals(Document().integrated())
    for batch in _batches(archive, "shared"):
        rows = []
        for entry in batch:
            update, gap = None, False
            if entry["kind"] == "edit":
                update, summary = _update(entry["data"]["update"])
                gap = arrivals.leaves_gap(summary)
            at = _instant(entry["at"])
            session.last_at = max(session.last_at, at)
            session.log_bytes += len(json.dumps(entry["data"]) if update is None else update)
            rows.append(
                {
                    "session_id": session.id,
                    "seq": entry["seq"],
                    "at": at,
                    "kind": entry["kind"],
                    "participant_id": _key(people, entry["participant_id"]),
                    "update": update,
                    "data": None if update is not None else entry["data"],
                    "gap": gap,
                }
            )
        await db.execute(insert(TimelineEntry), rows)
    await db.flush()


async def _runs(
    db: AsyncSession, session: SessionView, archive: Archive, people: Mapping[str, int]
) -> None:
    """Make the rows of the runs, which are a view of the timeline."""
    runs: dict[str, Run] = {}
    for entry in archive.lines("shared"):
        match read_shared(entry["kind"], entry["data"]):
            case RunStarted() as started if is_public_id(started.run_id):
                runs[started.run_id] = Run(
                    public_id=started.run_id,
                    session_id=session.id,
                    participant_id=_key(people, entry["participant_id"]),
                    language=Language(started.language).value,
                    path=_text(started.path, 200),
                    stdin=started.stdin,
                    status="sandbox_error",
                    diagnostics=[],
                    terminal=started.terminal is not None,
                    code_seq=started.at,
                    started_seq=entry["seq"],
                    created_at=_instant(entry["at"]),
                )
            case RunOutput(stream=stream) if stream not in get_args(Stream):
                raise ValueError(f"output on {stream[:20]!r}")
            case RunEnded() as ended if ended.run_id in runs:
                run = runs[ended.run_id]
                run.status = ended.status
                for name, value in outcome_of(ended).items():
                    setattr(run, name, value)
                run.diagnostics = [
                    DiagnosticFound(**each).model_dump() for each in ended.diagnostics
                ]
                run.ended_seq, run.ended_at = entry["seq"], _instant(entry["at"])
            case _:
                pass
    db.add_all(runs.values())
    await db.flush()


async def _problems(db: AsyncSession, session: SessionView, archive: Archive) -> None:
    """Make the rows of the questions it was about, a view of the timeline; the questions themselves are not here."""
    for entry in archive.lines("shared"):
        match read_shared(entry["kind"], entry["data"]):
            case Posed(folder=folder) as told:
                _check_shown(told)
                db.add(
                    SessionProblem(
                        session_id=session.id,
                        seq=entry["seq"],
                        version_id=None,
                        folder=_text(folder, 80),
                    )
                )
            case _:
                pass
    await db.flush()


def _check_shown(told: Posed) -> None:
    """Require that what everybody sees of a question can be shown: the log keeps parts of it as they came."""
    wordings = [{"title": told.title, "statement": told.statement}, *told.translations.values()]
    for each in wordings:
        Wording.model_validate(each)
    if told.signature:
        Signature.model_validate(told.signature, extra="ignore")


async def _private(
    db: AsyncSession,
    session: SessionView,
    archive: Archive,
    people: Mapping[str, int],
    now: datetime,
) -> None:
    decisions: dict[int, Decision] = {}
    for batch in _batches(archive, "private"):
        rows = []
        for entry in batch:
            data = dict(entry["data"])
            anchor, _name = data.pop("anchor"), data.pop("name")
            if entry["kind"] == "decision":
                key = people[entry["participant_id"]]
                decisions[key] = _decision(session, key, data, _instant(entry["at"]))
            rows.append(
                {
                    "session_id": session.id,
                    "seq": entry["seq"],
                    "at": _instant(entry["at"]),
                    "kind": entry["kind"],
                    "participant_id": people[entry["participant_id"]],
                    "anchor": anchor,
                    "data": data,
                }
            )
        await db.execute(insert(PrivateEntry), rows)
    db.add_all(decisions.values())
    for card in archive.scores():
        if (problem := problem_in_scores(card["scores"])) is not None:
            raise ArchiveError(
                f"nothing was imported: scores of {card['participant_id']}: {problem}"
            )
        submitted = _instant(card["submitted_at"]) if card.get("submitted_at") else None
        key = people[card["participant_id"]]
        db.add(
            Scorecard(
                session_id=session.id,
                participant_id=key,
                scores=card["scores"],
                updated_at=submitted or now,
                submitted_at=submitted,
            )
        )
    await db.flush()


def _decision(session: SessionView, key: int, data: Mapping[str, Any], at: datetime) -> Decision:
    """Return what the log says last of what somebody came to."""
    return Decision(
        session_id=session.id,
        participant_id=key,
        verdict=Verdict(data["verdict"]).value,
        text=data["text"],
        decided_at=at,
    )


def _update(text: str) -> tuple[bytes, UpdateSummary]:
    """Return an update that is one, and what it is made of."""
    update = base64.b64decode(text, validate=True)
    try:
        return update, summarize_update(update)
    except MalformedFrame as error:
        raise ValueError(f"a malformed update: {error}") from error


def _key(people: Mapping[str, int], participant_id: str | None) -> int | None:
    return people[participant_id] if participant_id is not None else None


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text).astimezone(UTC)
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError(f"an instant between {_FIRST_YEAR} and {_LAST_YEAR} is expected")
    return instant


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not is_storable(value) or len(value) > longest:
        raise ValueError(f"a text of {longest} characters at most is expected")
    return value
