"""How much of what a worker says is believed: it may be somebody else's machine by now.

What a run may print, `runner/streams.py` bounds; here is what else a message may hold. What is beyond is left out, not
refused: a compiler may have had much to say.
"""

from pizarra.kit.json_bounds import JsonBounds, TooIntricate
from pizarra.sandbox.outcome import DiagnosticFound
from pizarra.sandbox.runner.protocol import (
    Assisted,
    Capabilities,
    Check,
    Event,
    Formatted,
    LanguageState,
    Library,
    Load,
    Offered,
    Prepared,
    ProgramEnded,
    RunChecked,
    RunState,
    event_adapter,
)
from pizarra.sandbox.runner.streams import RunnerFault

SMALL_BYTES = 4096  # a message of so many cannot be costly, whatever it holds
_BOUNDS = JsonBounds(pieces=60_000, depth=8)
MAX_WORKER_MESSAGE_BYTES = 1024 * 1024  # what one costs is spent at once, on everybody's event loop
_MOST_SLOTS, _MOST_QUEUE = 256, 10_000
_MOST_LANGUAGES, _MOST_LIBRARIES, _MOST_CHECKS = 100, 300, 50
_MOST_DIAGNOSTICS, _MOST_OFFERED = 500, 500
_WORD, _SENTENCE, _PARAGRAPH, _PAGE = 200, 1000, 4000, 64 * 1024
_MOST_LINE = 10_000_000
_NUL, _SHOWN_NUL = rb"\u0000", rb"\u2400"  # as JSON has it
_MOST_NULS = 1000


def believed(frame: bytes) -> Event:
    """Return what a worker's message says, with no more in it than is kept.

    Raises:
        RunnerFault: it is none, or costs more than any does.
    """
    try:
        if len(frame) > MAX_WORKER_MESSAGE_BYTES:
            raise RunnerFault("a message longer than any")
        if len(frame) > SMALL_BYTES:
            _BOUNDS.check(frame)
        if frame.count(rb"\u0000") > _MOST_NULS:  # each costs as much as a hundred letters
            raise RunnerFault("a message with too many NULs")
        # PostgreSQL holds no NUL: what one of them says would not be recorded.
        event = event_adapter.validate_json(_with_nul_shown(frame), extra="ignore")
    except RunnerFault:
        raise
    except TooIntricate as error:
        raise RunnerFault(str(error)) from None
    except ValueError:
        raise RunnerFault("a message that is none") from None
    return bounded(event)


def _with_nul_shown(frame: bytes) -> bytes:
    """Return JSON in which each NUL is shown.

    Found by searching: to match a pattern at each place of a mebibyte takes longer than all else that is done with it.
    """
    kept: list[bytes] = []
    begin = 0
    while (at := frame.find(_NUL, begin)) >= 0:
        before = frame[begin:at]
        # After an odd number of backslashes it is a backslash, and digits that somebody wrote.
        is_nul = (len(before) - len(before.rstrip(b"\\"))) % 2 == 0
        kept += (before, _SHOWN_NUL if is_nul else _NUL)
        begin = at + len(_NUL)
    return b"".join((*kept, frame[begin:])) if kept else frame


def bounded(event: Event) -> Event:
    """Return what is kept of a message. A worker that has more to say leaves it out itself: too much is refused."""
    match event:
        case Capabilities():
            return _capabilities(event)
        case Load():
            computing = min(max(0, event.computing), _MOST_SLOTS)
            waiting = min(max(0, event.waiting), _MOST_QUEUE)
            return event.model_copy(update={"computing": computing, "waiting": waiting})
        case RunState(position=int(place)):
            return event.model_copy(update={"position": min(max(1, place), _MOST_QUEUE)})
        case ProgramEnded():
            return event.model_copy(
                update={
                    "memory_kb": _at_least_0(event.memory_kb),
                    "compile_ms": _at_least_0(event.compile_ms),
                    "detail": _cut(event.detail, _SENTENCE),
                    "diagnostics": _diagnostics(event.diagnostics),
                }
            )
        case Prepared() | RunChecked():
            return event.model_copy(update={"diagnostics": _diagnostics(event.diagnostics)})
        case Formatted():
            return event.model_copy(update={"problem": _cut(event.problem, _SENTENCE)})
        case Assisted():
            answers = {
                "items": [_offered(item) for item in event.items[:_MOST_OFFERED]],
                "hover": _cut(event.hover, _PAGE),
                "problem": _cut(event.problem, _SENTENCE),
            }
            return event.model_copy(update=answers)
        case _:
            return event


def _cut(text: str | None, most: int) -> str | None:
    return text[:most] if text is not None else None


def _at_least_0(number: int | None) -> int | None:
    return max(0, number) if number is not None else None


def _capabilities(told: Capabilities) -> Capabilities:
    languages = {
        name[:_WORD]: LanguageState(
            available=state.available,
            starting=state.starting,
            version=_cut(state.version, _WORD),
            reason=_cut(state.reason, _SENTENCE),
            language_server=_cut(state.language_server, _WORD),
            libraries=[
                Library(name=each.name[:_WORD], version=each.version[:_WORD])
                for each in state.libraries[:_MOST_LIBRARIES]
            ],
        )
        for name, state in list(told.languages.items())[:_MOST_LANGUAGES]
    }
    checks = [
        Check(
            name=each.name[:_WORD],
            ok=each.ok,
            detail=each.detail[:_SENTENCE],
            fix=_cut(each.fix, _SENTENCE),
        )
        for each in told.checks[:_MOST_CHECKS]
    ]
    return told.model_copy(
        update={
            "reason": _cut(told.reason, _SENTENCE),
            "checks": checks,
            "languages": languages,
            "slots": min(max(1, told.slots), _MOST_SLOTS),
            "queue": min(max(0, told.queue), _MOST_QUEUE),
            "resting": min(max(0, told.resting), _MOST_SLOTS),
        }
    )


def _diagnostics(told: list[DiagnosticFound]) -> list[DiagnosticFound]:
    return [
        each.model_copy(
            update={
                "path": each.path[:_SENTENCE],
                "message": each.message[:_PARAGRAPH],
                "source": each.source[:_WORD],
                "text": _cut(each.text, _PARAGRAPH),
            }
        )
        for each in told[:_MOST_DIAGNOSTICS]
        if all(
            0 <= place <= _MOST_LINE
            for place in (each.line, each.column, each.end_line, each.end_column)
        )
    ]


def _offered(item: Offered) -> Offered:
    return Offered(
        label=item.label[:_SENTENCE],
        insert=item.insert[:_PARAGRAPH],
        kind=item.kind[:_WORD],
        detail=item.detail[:_PARAGRAPH],
    )
