"""From an entry of the shared log to the message that shows it to people who are there: one way, whoever wrote it."""

from datetime import datetime
from typing import Any, assert_never

from pydantic import ValidationError

from pizarra import control
from pizarra.collab.journal import StoredEvent
from pizarra.models import Language, RunStatus
from pizarra.sandbox.languages import languages
from pizarra.sandbox.outcome import RunOutcome, TerminalSize, outcome_of
from pizarra.timeline.entries import shared as entries
from pizarra.timeline.entries.reading import Unknown, read_shared
from pizarra.timeline.thinking import thinking_left

MAIN_BRANCH = 0


def to_message(event: StoredEvent, now: datetime) -> control.ControlMessage | None:
    """Return what people are told of an entry; None where they are told nothing, or otherwise.

    What does not have the shape of its kind was imported, or is of a later version: nobody is told of it.
    """
    try:
        return _to_message(event, now)
    except ValueError:  # a ValidationError is one
        return None


def _to_message(event: StoredEvent, now: datetime) -> control.ControlMessage | None:
    told = read_shared(event.kind, event.data)
    match told:
        case entries.LanguageChosen(language=language) if language in languages():
            return control.SessionChanged(language=Language(language))
        case entries.Locked(editing=editing, running=running):
            return control.SessionChanged(editing_locked=editing, running_locked=running)
        case entries.Thinking(until=until):
            ends = None if until is None else datetime.fromisoformat(until)
            return control.Thinking(until=ends, seconds_left=thinking_left(ends, now))
        case entries.Branched():
            return control.BranchChanged(branch=_branch(event.seq, told))
        case entries.Posed(question_id=question_id, version=version, folder=folder):
            return control.ProblemChanged(
                seq=event.seq, question_id=question_id, version=int(version), folder=folder
            )
        case entries.RunStarted() | entries.RunOutput() | entries.RunResized() | entries.RunEnded():
            return _of_run(event, told)
        case (
            entries.Pasted()
            | entries.WentAway()
            | entries.Explained()
            | entries.Said()
            | entries.Suggested()
            | entries.SuggestionAnswered()
        ):
            return None if event.author_id is None else _of_person(event, told, event.author_id)
        # Of these people hear otherwise, or not at all: a new kind is told above, or stands here.
        case (
            entries.Edited()
            | entries.LanguageChosen()  # one that is not here
            | entries.Joined()
            | entries.Left()
            | entries.Connected()
            | entries.RoleChanged()
            | entries.Removed()
            | entries.CursorMoved()
            | entries.RunInput()
            | entries.Sampled()
            | entries.SessionEnded()
            | entries.SessionReopened()
            | Unknown()
        ):
            return None
        case _:
            assert_never(told)


def _of_person(
    event: StoredEvent,
    told: entries.Pasted
    | entries.WentAway
    | entries.Explained
    | entries.Said
    | entries.Suggested
    | entries.SuggestionAnswered,
    who: str,
) -> control.ControlMessage:
    match told:
        case entries.Pasted() | entries.WentAway() | entries.Explained():
            signal = control.Signal.model_validate(
                {
                    "seq": event.seq,
                    "at": event.at,
                    "kind": told.kind,
                    "participant_id": who,
                    "data": told.to_data(),
                }
            )
            return control.Signalled(signal=signal)
        case entries.Said(text=text):
            name = event.author_name or ""
            line = control.Line(
                seq=event.seq, at=event.at, participant_id=who, name=name, text=text
            )
            return control.Said(line=line)
        case entries.Suggested():
            about: dict[str, Any] = {"seq": event.seq, "participant_id": who, **told.to_data()}
            return control.Suggested(suggestion=control.Suggestion(**about))
        case entries.SuggestionAnswered(of=of, accepted=accepted):
            return control.SuggestionAnswered(seq=of, accepted=accepted, participant_id=who)
        case _:
            assert_never(told)


def _of_run(
    event: StoredEvent,
    told: entries.RunStarted | entries.RunOutput | entries.RunResized | entries.RunEnded,
) -> control.ControlMessage | None:
    match told:
        case entries.RunStarted():
            return control.RunStarted(run=_begun(event, told))
        case entries.RunOutput(run_id=run_id, stream=stream, text=text):
            chunk = control.OutputChunk.model_validate(
                {"seq": event.seq, "stream": stream, "text": text}
            )
            return control.RunOutput(run_id=run_id, chunk=chunk)
        case entries.RunResized(run_id=run_id, columns=columns, rows=rows):
            size = control.RunSize(seq=event.seq, columns=columns, rows=rows)
            return control.RunResized(run_id=run_id, size=size)
        case entries.RunEnded(run_id=run_id, status=status):
            return control.RunEnded.model_validate(
                {
                    "run_id": run_id,
                    "status": RunStatus(status),
                    "diagnostics": told.diagnostics,
                    **outcome_of(told),
                }
            )


def _begun(event: StoredEvent, told: entries.RunStarted) -> control.RunSummary:
    size = None if told.terminal is None else size_at(event.seq, told.terminal)
    return control.RunSummary(
        run_id=told.run_id,
        status=RunStatus.QUEUED,
        language=Language(told.language),
        path=told.path,
        participant_id=event.author_id,
        started_at=event.at,
        terminal=told.terminal is not None,
        diagnostics=[],
        queue_position=None,
        output=[],
        sizes=[] if size is None else [size],
        **dict.fromkeys(RunOutcome.model_fields),
    )


def _branch(seq: int, told: entries.Branched) -> control.Branch | None:
    line = seq if told.resumes is None else told.resumes
    return None if line == MAIN_BRANCH else control.Branch(branch_id=line, name=told.name)


def size_at(seq: int, data: object) -> control.RunSize | None:
    """Return the size that is told; None when it is one that no terminal has: an import brings anything."""
    if not isinstance(data, dict):
        return None
    try:
        size = TerminalSize.model_validate(
            {name: data.get(name) for name in TerminalSize.model_fields}
        )
    except ValidationError:
        return None
    return control.RunSize(seq=seq, columns=size.columns, rows=size.rows)
