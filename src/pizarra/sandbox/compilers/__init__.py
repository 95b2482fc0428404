"""From sources to something a sandbox can run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pizarra.sandbox.isolation.payload import Payload

MAX_DIAGNOSTICS = 100
MAX_PARSED = 256 * 1024  # characters of what a compiler prints: nobody reads more places
_MAX_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A compiler's message about a place. Lines and columns count from 1; an end of 0 is unknown."""

    path: str
    line: int
    column: int
    severity: str
    message: str
    end_line: int = 0
    end_column: int = 0
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line or self.line,
            "end_column": self.end_column or self.column,
            "severity": self.severity,
            "message": self.message[:_MAX_MESSAGE],
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Build:
    """What came out: a payload, or None with `log` for people to read. `diagnostics` may come with both.

    `is_final` is off when the compiler was stopped: another time, on an idle machine, it may come to an end.
    """

    payload: Payload | None
    diagnostics: tuple[Diagnostic, ...] = ()
    log: str = ""
    is_final: bool = True

    @property
    def size(self) -> int:
        """Bytes it takes to keep."""
        files = self.payload.files.values() if self.payload is not None else ()
        return sum(len(content) for content in files) + len(self.log) + 1000


@dataclass(frozen=True, slots=True)
class Sources:
    """What somebody wants to run: `main` of `files` (path → content). `share` tells who: see `Lanes`."""

    main: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    share: str = ""

    def digest(self, *salt: str) -> str:
        """Return a name for this content; `salt` is what else the result depends on."""
        total = hashlib.sha256()
        for part in (*salt, self.main):
            total.update(len(part.encode()).to_bytes(8, "big") + part.encode())
        for path, content in sorted(self.files.items()):
            for data in (path.encode(), content):
                total.update(len(data).to_bytes(8, "big") + data)
        return total.hexdigest()

    def with_extension(self, extensions: list[str]) -> dict[str, bytes]:
        """Return the files of a language, the main one first."""
        mine = {path: data for path, data in self.files.items() if path.endswith(tuple(extensions))}
        return {self.main: self.files[self.main], **mine}


class Compiler(Protocol):
    """Compiles in a sandbox."""

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Return what came out; `hurry` when a person waits for it.

        Raises:
            SandboxError: the sandbox failed, not the program.
        """
        ...

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """Return what else there is to say about a program that can be run."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


def describe(diagnostics: tuple[Diagnostic, ...]) -> str:
    """Return messages as a terminal shows them."""
    lines = []
    for each in diagnostics[:MAX_DIAGNOSTICS]:
        place = f"{each.path}:{each.line}:{each.column}: " if each.path else ""
        lines.append(f"{place}{each.severity}: {each.message}\n")
    return "".join(lines)
