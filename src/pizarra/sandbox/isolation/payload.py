"""What goes into a sandbox, and what comes out of it."""

import asyncio
import contextlib
import json
import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pizarra.sandbox.isolation.confinement import MARSHAL_VERSION


class SandboxError(RuntimeError):
    """The sandbox itself failed: nothing the program did. The message says what."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What to run: files for `/work` (path → content), the line a stub waits for, and what to bring back.

    `executable` names a file to be made executable; `collect` are paths in `/work` to be read at the end, unless they
    have more than `collect_bytes`.
    """

    go: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    executable: str | None = None
    collect: Sequence[str] = ()
    collect_bytes: int = 0

    @classmethod
    def of_command(cls, argv: Sequence[str], files: Mapping[str, bytes], **more: Any) -> "Payload":
        """Return the payload for a sandbox without a stub."""
        return cls(marshal.dumps(list(argv), MARSHAL_VERSION).hex(), files, **more)

    def encode(self) -> bytes:
        """Return what the shim reads."""
        files = [
            [path, len(data), 0o755 if path == self.executable else 0o644]
            for path, data in self.files.items()
        ]
        header = {
            "go": self.go,
            "files": files,
            "collect": list(self.collect),
            "collect_bytes": self.collect_bytes,
        }
        head = marshal.dumps(header, MARSHAL_VERSION)
        return b"".join([len(head).to_bytes(4, "big"), head, *self.files.values()])


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """How it ended. `reason` is exited, timeout, memory, output_limit or stopped; durations in ms, memory in KiB.

    `lacked_processes` is on when a cgroup refused to start one more.
    """

    reason: str
    exit_code: int | None
    signal: str | None
    duration_ms: int
    memory_kb: int | None
    detail: str | None = None
    lacked_processes: bool = False
    collected: Mapping[str, bytes] = field(default_factory=dict)


async def read_report(
    reader: asyncio.StreamReader, payload: Payload, *, on_beyond: Callable[[str], None]
) -> tuple[dict[str, Any] | None, dict[str, bytes]]:
    """Return what the shim says of the end, and the files it brings back.

    It says nothing (empty) if it was killed while the program ran, and None if it never started it; of a program that
    ended before, it has said so. `on_beyond` is told what of the program's use of memory is too much.
    """
    report: dict[str, Any] | None = None
    collected: dict[str, bytes] = {}
    # whoever talks so was killed in its midst, or is no shim
    nonsense = (ValueError, TypeError, KeyError)
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, *nonsense):
        while line := await reader.readline():
            message = dict(json.loads(line))
            if "file" in message:
                size = int(message["size"])
                if message["file"] not in payload.collect or size > payload.collect_bytes:
                    break
                collected[message["file"]] = await reader.readexactly(size)
            elif "beyond" in message:
                on_beyond(str(message["beyond"]))
            elif "ended" in message:
                return dict(message["ended"]), collected
            elif "left" in message:
                # Whose files are wanted is not done before they are here.
                report = dict(message["left"]) if not payload.collect else {}
            else:
                report = {}
    return report, collected
