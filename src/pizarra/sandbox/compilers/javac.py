"""javac, kept loaded."""

import re
import struct
from dataclasses import dataclass

from pizarra.sandbox.compilers import Build, Diagnostic, Sources, describe
from pizarra.sandbox.compilers.service import Service, ServiceGone
from pizarra.sandbox.payload import Payload

CLASSES = ".java"  # the folder in /work where the stub looks
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class JavaCompiler:
    """Compiles all of a session's Java in memory."""

    service: Service
    extensions: list[str]

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Return the classes, those with the main file's name first."""
        mine = sources.with_extension(self.extensions)
        request = struct.pack(">I", len(mine))
        for path, code in mine.items():
            for data in (path.encode(), code):
                request += struct.pack(">I", len(data)) + data
        try:
            answer = _Reader(await self.service.ask(request))
        except ServiceGone as gone:
            return Build(None, log=f"{gone}\n", is_final=False)
        ok = answer.number() == 1
        diagnostics = tuple(answer.diagnostic() for _ in range(answer.number()))
        classes = {answer.text(): answer.data() for _ in range(answer.number())}
        if not ok or not classes:
            return Build(None, diagnostics, describe(diagnostics) or "There is no class in these files.\n")
        files = {f"{CLASSES}/{name.replace('.', '/')}.class": code for name, code in classes.items()}
        others = {path: data for path, data in sources.files.items() if not path.startswith(f"{CLASSES}/")}
        return Build(Payload("\t".join(_in_order(sources, list(classes))), {**others, **files}), diagnostics)

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """The compilation says everything."""
        return ()

    async def close(self) -> None:
        """Stop the service."""
        await self.service.close()


def _in_order(sources: Sources, names: list[str]) -> list[str]:
    """Return class names in the order in which to look for `main`."""
    package = _PACKAGE.search(sources.files[sources.main].decode(errors="replace"))
    stem = sources.main.rpartition("/")[2].removesuffix(".java")
    wanted = f"{package[1]}.{stem}" if package else stem
    return sorted(names, key=lambda name: name != wanted)[:50]


class _Reader:
    """Reads what `JavaCompiler.java` writes."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def number(self) -> int:
        (value,) = struct.unpack_from(">i", self._data)
        self._data = self._data[4:]
        return int(value)

    def data(self) -> bytes:
        size = self.number()
        value, self._data = bytes(self._data[:size]), self._data[size:]
        return value

    def text(self) -> str:
        return self.data().decode("utf-8", errors="replace")

    def diagnostic(self) -> Diagnostic:
        severity, path = self.text(), self.text()
        line, column, end_line, end_column = (self.number() for _ in range(4))
        return Diagnostic(path, line, column, severity, self.text(), end_line, end_column, "javac")
