"""Runs in the database: their rows, and their output read back from the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from pizarra.answers.codes import Code
from pizarra.collab.journal import EventEntry
from pizarra.control import OutputChunk, RunSize, RunSummary
from pizarra.database import Read, reading_in
from pizarra.errors import NotFound
from pizarra.execution.schemas import RunListed, RunRead
from pizarra.kit.ids import is_public_id
from pizarra.models import (
    InterviewSession,
    Language,
    Node,
    Participant,
    Run,
    RunStatus,
    SessionView,
    TimelineEntry,
)
from pizarra.sandbox.outcome import DiagnosticFound, TerminalSize, outcome_of
from pizarra.sandbox.runner.protocol import Limits, ProgramEnded
from pizarra.storage.prepared import Prepared
from pizarra.timeline.append.log import append_entries
from pizarra.timeline.entries import shared as entries
from pizarra.timeline.messages import size_at

_UNFINISHED = [status.value for status in RunStatus if not status.is_final]

_RUN, _ENTRY = Run.__table__.c, TimelineEntry.__table__.c
_LATEST = Prepared(
    select(*(each for each in _RUN if each is not _RUN.stdin), Participant.public_id.label("by"))
    .outerjoin(Participant, Participant.id == _RUN.participant_id)
    .where(_RUN.session_id == bindparam("key"))
    .order_by(_RUN.id.desc())
    .limit(1)
)
_KINDS = [literal(kind) for kind in ("run.started", "run.output", "run.resized")]
_TOLD = Prepared(
    select(_ENTRY.seq, _ENTRY.kind, _ENTRY.data)
    .where(
        _ENTRY.session_id == bindparam("key"),
        _ENTRY.seq >= bindparam("since"),
        _ENTRY.seq < bindparam("until"),
        _ENTRY.kind.in_(_KINDS),
    )
    .order_by(_ENTRY.seq)
)
_NO_END = 2**62  # of a run that is going on


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is going to run, and for whom; `participant` is storage's id."""

    session: SessionView
    participant: int | None
    language: str
    path: str
    files: dict[str, str]
    stdin: str | None
    terminal: TerminalSize | None
    code_seq: int


async def start_run(
    db: AsyncSession, run_id: str, plan: RunPlan, limits: Limits, now: datetime, *, node: str
) -> Run:
    """Record that a run was asked for, in the runs and on the timeline; `node` is the process that follows it."""
    run = Run(
        public_id=run_id,
        session_id=plan.session.id,
        participant_id=plan.participant,
        node=node,
        language=plan.language,
        path=plan.path,
        stdin=plan.stdin or "",
        status=RunStatus.QUEUED.value,
        detail=None,
        exit_code=None,
        signal=None,
        diagnostics=[],
        terminal=plan.terminal is not None,
        compile_ms=None,
        duration_ms=None,
        memory_kb=None,
        code_seq=plan.code_seq,
        started_seq=0,
        ended_seq=None,
        created_at=now,
        ended_at=None,
    )
    started = entries.RunStarted(
        run_id=run.public_id,
        language=run.language,
        path=run.path,
        stdin=run.stdin,
        at=run.code_seq,
        terminal=plan.terminal.model_dump() if plan.terminal is not None else None,
        limits=limits.model_dump(),
    )
    run.started_seq = await append_entries(
        db,
        plan.session.id,
        [EventEntry(plan.participant, started)],
        now,
        require_open=True,
    )
    db.add(run)
    await db.flush()
    return run


async def note_progress(db: AsyncSession, run_id: str, status: RunStatus) -> None:
    """Record how far a run has come."""
    await db.execute(
        update(Run)
        .where(Run.public_id == run_id, Run.status.in_(_UNFINISHED))
        .values(status=status.value)
    )


async def end_run(db: AsyncSession, run_id: str, ended: ProgramEnded, now: datetime) -> Run | None:
    """Record how a run ended, in the runs and on the timeline; return the run, None where its session is gone.

    The first word counts: the row is locked, and one that has ended already is returned as it did.
    """
    query = select(Run).where(Run.public_id == run_id).with_for_update()
    run = (await db.execute(query)).scalar_one_or_none()
    if run is None or RunStatus(run.status).is_final:
        return run
    diagnostics = [each.model_dump() for each in ended.diagnostics]
    told = entries.RunEnded(
        run_id=run_id, status=ended.status, diagnostics=diagnostics, **outcome_of(ended)
    )
    run.ended_seq = await append_entries(
        db, run.session_id, [EventEntry(run.participant_id, told)], now
    )
    for name, value in outcome_of(ended).items():
        setattr(run, name, value)
    run.status, run.diagnostics, run.ended_at = ended.status, diagnostics, now
    await db.flush()
    return run


async def note_checked(
    db: AsyncSession, run_id: str, diagnostics: Sequence[DiagnosticFound]
) -> str | None:
    """Put what a run's type checker said late in place of what was known at its end; return its room, if it is kept."""
    query = (
        select(Run, InterviewSession.room_id)
        .join(InterviewSession, InterviewSession.id == Run.session_id)
        .where(Run.public_id == run_id, Run.ended_at.is_not(None))
    )
    found = (await db.execute(query)).one_or_none()
    if found is None:
        return None
    run, room_id = found
    run.diagnostics = [each.model_dump() for each in diagnostics]
    await db.flush()
    return str(room_id)


async def orphaned_runs(db: AsyncSession, dead: Sequence[str]) -> list[str]:
    """Return the runs that no living process follows: those of the `dead`, and of processes that nobody knows."""
    living = select(Node.id).where(Node.id.not_in(dead))
    query = select(Run.public_id).where(
        Run.ended_at.is_(None),
        Run.status.in_(_UNFINISHED),
        or_(Run.node.is_(None), Run.node.not_in(living)),
    )
    return list((await db.scalars(query)).all())


async def find_run(db: AsyncSession, session: SessionView, run_id: str) -> tuple[Run, str | None]:
    """Return a run of a session and its participant's public id.

    Raises:
        NotFound: the session has no such run.
    """
    if is_public_id(run_id):
        row = (
            await db.execute(
                select(Run, Participant.public_id)
                .outerjoin(Participant, Participant.id == Run.participant_id)
                .where(Run.session_id == session.id, Run.public_id == run_id)
            )
        ).one_or_none()
        if row is not None:
            return row[0], row[1]
    raise NotFound(f"Run {run_id} not found", code=Code.RUN_NOT_FOUND)


async def read_run(db: AsyncSession, session: SessionView, run_id: str) -> RunRead:
    """Return a run with its output so far.

    Raises:
        NotFound: the session has no such run.
    """
    run, participant_id = await find_run(db, session, run_id)
    chunks = await read_output(reading_in(db), run)
    return RunRead(
        **_shown(run, session, participant_id),
        stdout="".join(chunk.text for chunk in chunks if chunk.stream == "stdout"),
        stderr="".join(chunk.text for chunk in chunks if chunk.stream == "stderr"),
        diagnostics=[DiagnosticFound.model_validate(each) for each in run.diagnostics],
    )


async def list_runs(
    db: AsyncSession, session: SessionView, skip: int, limit: int
) -> list[RunListed]:
    """Return a session's runs without what they printed, newest last."""
    rows = await db.execute(
        select(Run, Participant.public_id)
        .options(defer(Run.diagnostics), defer(Run.stdin))
        .outerjoin(Participant, Participant.id == Run.participant_id)
        .where(Run.session_id == session.id)
        .order_by(Run.id)
        .offset(skip)
        .limit(limit)
    )
    return [RunListed(**_shown(run, session, participant_id)) for run, participant_id in rows]


async def count_runs(db: AsyncSession, session: SessionView) -> int:
    """Return how many runs a session has."""
    return int(
        await db.scalar(select(func.count()).select_from(Run).where(Run.session_id == session.id))
        or 0
    )


def _shown(run: Run, session: SessionView, participant_id: str | None) -> dict[str, Any]:
    return {
        "run_id": run.public_id,
        "session_id": session.public_id,
        "participant_id": participant_id,
        "language": Language(run.language),
        "path": run.path,
        "status": RunStatus(run.status),
        "terminal": run.terminal,
        **outcome_of(run),
        "at": run.code_seq,
        "created_at": run.created_at,
        "ended_at": run.ended_at,
    }


async def read_output(read: Read, run: Run) -> list[OutputChunk]:
    """Return what a run printed, in order."""
    return _printed(await _entries(read, run))


async def _entries(read: Read, run: Run) -> list[tuple[int, str, dict[str, Any]]]:
    """Return `seq`, `kind` and `data` of a run's entries: a view of the timeline from its start to its end."""
    until = _NO_END if run.ended_seq is None else run.ended_seq
    asked = {"key": run.session_id, "since": run.started_seq, "until": until}
    rows = await read(_TOLD, asked)
    return [(seq, kind, data) for seq, kind, data in rows if data["run_id"] == run.public_id]


def _printed(entries: Sequence[tuple[int, str, dict[str, Any]]]) -> list[OutputChunk]:
    return [
        OutputChunk(seq=seq, stream=data["stream"], text=data["text"])
        for seq, kind, data in entries
        if kind == "run.output"
    ]


def _sizes(entries: Sequence[tuple[int, str, dict[str, Any]]]) -> list[RunSize]:
    """Return the sizes of a run's terminal, the first it had at its start."""
    told = [
        (seq, data.get("terminal") if kind == "run.started" else data)
        for seq, kind, data in entries
        if kind != "run.output"
    ]
    return [size for seq, data in told if (size := size_at(seq, data)) is not None]


async def latest_run(read: Read, session_key: int) -> RunSummary | None:
    """Return the newest run of a session, as a late joiner needs it."""
    for run in await read(_LATEST, {"key": session_key}):
        entries = await _entries(read, run)
        return summarize(run, run.by, _printed(entries), _sizes(entries))
    return None


def summarize(
    run: Run, participant_id: str | None, output: list[OutputChunk], sizes: list[RunSize]
) -> RunSummary:
    """Return a run as a control message shows it."""
    return RunSummary(
        run_id=run.public_id,
        status=RunStatus(run.status),
        language=Language(run.language),
        path=run.path,
        participant_id=participant_id,
        started_at=run.created_at,
        terminal=run.terminal,
        diagnostics=[DiagnosticFound.model_validate(each) for each in run.diagnostics],
        queue_position=None,
        output=output,
        sizes=sizes,
        **outcome_of(run),
    )
