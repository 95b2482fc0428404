"""Runs in the database: their rows, and their output read back from the timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import Entry
from pizarra.control import OutputChunk, RunSummary
from pizarra.errors import NotFound
from pizarra.kit.ids import is_public_id
from pizarra.models import InterviewSession, Language, Participant, Run, RunStatus, TimelineEntry
from pizarra.runs.schemas import RunRead
from pizarra.sandbox.protocol import DiagnosticFound, Limits, RunEnded, TerminalSize
from pizarra.timeline.log import append_entries

_UNFINISHED = [status.value for status in RunStatus if not status.is_final]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is going to run, and for whom; `participant` is storage's id."""

    session: InterviewSession
    participant: int | None
    language: str
    path: str
    files: dict[str, str]
    stdin: str | None
    terminal: TerminalSize | None
    code_seq: int


async def start_run(db: AsyncSession, run_id: str, plan: RunPlan, limits: Limits, now: datetime) -> Run:
    """Record that a run was asked for, in the runs and on the timeline."""
    run = Run(
        public_id=run_id,
        session_id=plan.session.id,
        participant_id=plan.participant,
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
    data: dict[str, Any] = {
        "run_id": run.public_id,
        "language": run.language,
        "path": run.path,
        "stdin": run.stdin,
        "at": run.code_seq,
        "terminal": plan.terminal.model_dump() if plan.terminal is not None else None,
        "limits": limits.model_dump(),
    }
    run.started_seq = await append_entries(
        db, plan.session.id, [Entry("run.started", plan.participant, data=data)], now, require_open=True
    )
    db.add(run)
    await db.flush()
    return run


async def note_progress(db: AsyncSession, run_id: str, status: RunStatus) -> None:
    """Record how far a run has come."""
    await db.execute(
        update(Run).where(Run.public_id == run_id, Run.status.in_(_UNFINISHED)).values(status=status.value)
    )


async def end_run(db: AsyncSession, run_id: str, ended: RunEnded, now: datetime) -> None:
    """Record how a run ended, in the runs and on the timeline. Nothing happens to a run whose session is gone."""
    run = (await db.execute(select(Run).where(Run.public_id == run_id))).scalar_one_or_none()
    if run is None or RunStatus(run.status).is_final:
        return
    data: dict[str, Any] = {
        "run_id": run_id,
        "status": ended.status,
        "exit_code": ended.exit_code,
        "signal": ended.signal,
        "duration_ms": ended.duration_ms,
        "memory_kb": ended.memory_kb,
        "detail": ended.detail,
        "compile_ms": ended.compile_ms,
        "diagnostics": [each.model_dump() for each in ended.diagnostics],
    }
    run.ended_seq = await append_entries(db, run.session_id, [Entry("run.ended", run.participant_id, data=data)], now)
    run.status = ended.status
    run.exit_code = ended.exit_code
    run.signal = ended.signal
    run.duration_ms = ended.duration_ms
    run.memory_kb = ended.memory_kb
    run.detail = ended.detail
    run.compile_ms = ended.compile_ms
    run.diagnostics = [each.model_dump() for each in ended.diagnostics]
    run.ended_at = now
    await db.flush()


async def unfinished_runs(db: AsyncSession) -> list[str]:
    """Return the runs that a process which is no more left behind."""
    return list((await db.scalars(select(Run.public_id).where(Run.status.in_(_UNFINISHED)))).all())


async def find_run(db: AsyncSession, session: InterviewSession, run_id: str) -> tuple[Run, str | None]:
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
    raise NotFound(f"Run {run_id} not found")


async def read_run(db: AsyncSession, session: InterviewSession, run_id: str) -> RunRead:
    """Return a run with its output so far.

    Raises:
        NotFound: the session has no such run.
    """
    run, participant_id = await find_run(db, session, run_id)
    chunks = await read_output(db, run)
    return RunRead(
        run_id=run.public_id,
        session_id=session.public_id,
        participant_id=participant_id,
        language=Language(run.language),
        path=run.path,
        status=RunStatus(run.status),
        exit_code=run.exit_code,
        signal=run.signal,
        stdout="".join(chunk.text for chunk in chunks if chunk.stream == "stdout"),
        stderr="".join(chunk.text for chunk in chunks if chunk.stream == "stderr"),
        diagnostics=[DiagnosticFound.model_validate(each) for each in run.diagnostics],
        terminal=run.terminal,
        compile_ms=run.compile_ms,
        duration_ms=run.duration_ms,
        memory_kb=run.memory_kb,
        detail=run.detail,
        at=run.code_seq,
        created_at=run.created_at,
        ended_at=run.ended_at,
    )


async def read_output(db: AsyncSession, run: Run) -> list[OutputChunk]:
    """Return what a run printed, in order: a view of the timeline between its start and its end."""
    entry = TimelineEntry.__table__.c
    query = select(entry.seq, entry.data).where(
        entry.session_id == run.session_id, entry.seq > run.started_seq, entry.kind == "run.output"
    )
    if run.ended_seq is not None:
        query = query.where(entry.seq < run.ended_seq)
    rows = (await db.execute(query.order_by(entry.seq))).all()
    return [
        OutputChunk(seq=seq, stream=data["stream"], text=data["text"])
        for seq, data in rows
        if data["run_id"] == run.public_id
    ]


async def latest_run(db: AsyncSession, session_key: int) -> RunSummary | None:
    """Return the newest run of a session, as a late joiner needs it."""
    row = (
        await db.execute(
            select(Run, Participant.public_id)
            .outerjoin(Participant, Participant.id == Run.participant_id)
            .where(Run.session_id == session_key)
            .order_by(Run.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    return summarize(row[0], row[1], await read_output(db, row[0]))


def summarize(run: Run, participant_id: str | None, output: list[OutputChunk]) -> RunSummary:
    """Return a run as a control message shows it."""
    return RunSummary(
        run_id=run.public_id,
        status=RunStatus(run.status),
        language=Language(run.language),
        path=run.path,
        participant_id=participant_id,
        started_at=run.created_at,
        exit_code=run.exit_code,
        signal=run.signal,
        duration_ms=run.duration_ms,
        memory_kb=run.memory_kb,
        detail=run.detail,
        compile_ms=run.compile_ms,
        terminal=run.terminal,
        diagnostics=[DiagnosticFound.model_validate(each) for each in run.diagnostics],
        queue_position=None,
        output=output,
    )
