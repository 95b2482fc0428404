"""Programs on a real runner, asked over its socket: no web process, no database."""

import asyncio
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pizarra.config import Settings
from pizarra.execution.limits import pipe_limits, terminal_limits
from pizarra.sandbox.languages import languages
from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.protocol import (
    MAX_MESSAGE_BYTES,
    Capabilities,
    ProgramEnded,
    ProgramOutput,
    RunChecked,
    StartRun,
    encode,
    event_adapter,
    read_message,
)

_SECONDS = 60


async def run_program(
    socket: Path,
    language: str,
    code: str,
    *,
    files: Mapping[str, str] | None = None,
    path: str | None = None,
    stdin: str = "",
    terminal: bool = False,
    with_types: bool = False,
    **limits: Any,
) -> tuple[ProgramEnded, str, str]:
    """Return how a program ended, and what it printed; `code` is its language's main file.

    `with_types`: what the type checker says of it is part of that, though it may come later.
    """
    main = languages()[language].main
    settings = Settings()
    bounds = (terminal_limits if terminal else pipe_limits)(settings).model_copy(update=limits)
    request = StartRun(
        run_id=uuid.uuid4().hex,
        language=language,
        main=path or main,
        files={main: code, **(files or {})},
        stdin=stdin,
        keep_stdin_open=False,
        terminal=TerminalSize() if terminal else None,
        limits=bounds,
    )
    async with asyncio.timeout(_SECONDS):
        reader, writer = await asyncio.open_unix_connection(str(socket), limit=MAX_MESSAGE_BYTES)
        try:
            return await _follow(reader, writer, request, with_types=with_types)
        finally:
            writer.close()


async def _follow(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: StartRun,
    *,
    with_types: bool,
) -> tuple[ProgramEnded, str, str]:
    output = {"stdout": b"", "stderr": b""}
    asked = False
    while (message := await read_message(reader)) is not None:
        match event_adapter.validate_json(message):
            case Capabilities(languages=known) if (
                not asked and not known[request.language].starting
            ):
                assert known[request.language].available, known[request.language].reason
                writer.write(encode(request))
                asked = True
            case ProgramOutput(stream=stream, data=data):
                output[stream] += data
            case ProgramEnded() as ended:
                stdout, stderr = (each.decode(errors="replace") for each in output.values())
                if with_types and all(each.source != "tsc" for each in ended.diagnostics):
                    more = await _checked(reader)
                    ended = ended.model_copy(update={"diagnostics": more.diagnostics})
                return ended, stdout, stderr
            case _:
                continue
    raise ConnectionError("the runner went away")


async def _checked(reader: asyncio.StreamReader) -> RunChecked:
    while (message := await read_message(reader)) is not None:
        if isinstance(event := event_adapter.validate_json(message), RunChecked):
            return event
    raise ConnectionError("the runner went away")
