"""What goes into a sandbox, and what comes out of it."""

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pizarra.sandbox.confinement import MARSHAL_VERSION


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
        files = [[path, len(data), 0o755 if path == self.executable else 0o644] for path, data in self.files.items()]
        header = {"go": self.go, "files": files, "collect": list(self.collect), "collect_bytes": self.collect_bytes}
        head = marshal.dumps(header, MARSHAL_VERSION)
        return b"".join([len(head).to_bytes(4, "big"), head, *self.files.values()])


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended. `reason` is exited, timeout, memory, output_limit or stopped; durations in ms, memory in KiB."""

    reason: str
    exit_code: int | None
    signal: str | None
    duration_ms: int
    memory_kb: int | None
    detail: str | None = None
    collected: Mapping[str, bytes] = field(default_factory=dict)
