"""javac, kept loaded."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pizarra.sandbox.compilers import MAX_DIAGNOSTICS, Build, Diagnostic, Sources, describe
from pizarra.sandbox.compilers.lanes import Lanes
from pizarra.sandbox.compilers.service import ServiceGone
from pizarra.sandbox.isolation.payload import Payload
from pizarra.sandbox.libraries import Libraries
from pizarra.sandbox.runner.pools import Pools

_MAX_NAME = 255  # bytes of a file's name
_MAX_PATH = 2000  # characters of a class's name
_MAX_DEPTH = 64  # folders of a package


@dataclass(frozen=True, slots=True)
class JavaCompiler:
    """Compiles a file and what it needs of the session's Java, in memory; the classes come to lie beside it."""

    service: Lanes
    extensions: list[str]
    pools: Pools
    libraries: Libraries

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Return the classes, those with the main file's name first."""
        mine = sources.with_extension(self.extensions)
        libraries = self.libraries.of("java").inside
        parts = [
            *_text(self.pools.confinement.as_seen(libraries).encode()),
            struct.pack(">I", len(mine)),
        ]
        for path, code in mine.items():
            parts += (*_text(path.encode()), *_text(code))
        try:
            answer = _Reader(await self.service.ask(b"".join(parts), sources.share))
        except ServiceGone as gone:
            return Build(None, log=f"{gone}\n", is_final=False)
        ok = answer.number() == 1
        package = answer.text()
        declared = answer.text().split("\t")
        diagnostics = tuple(answer.diagnostic() for _ in range(answer.number()))[:MAX_DIAGNOSTICS]
        classes = {answer.text(): answer.data() for _ in range(answer.number())}
        if not ok or not classes:
            return Build(
                None, diagnostics, describe(diagnostics) or "There is no class in these files.\n"
            )
        if not can_be_files(classes):
            return Build(
                None, diagnostics, "error: the name of a class is too long or too deep for a file\n"
            )
        files = beside(classes, sources.files)
        names = _in_order(sources.main, package, declared, list(classes))
        return Build(Payload("\t".join(names), files), diagnostics)

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """The compilation says everything."""
        return ()

    async def close(self) -> None:
        """Stop the service."""
        await self.service.close()


def beside(classes: Mapping[str, bytes], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the classes as files, and those of the files that are in the way of none."""
    made = {f"{name.replace('.', '/')}.class": code for name, code in classes.items()}
    places = {path.rpartition("/")[0] for path in made}
    taken = {folder for place in places for folder in (place, *_above(place))}.union(made)
    others = {
        path: data
        for path, data in files.items()
        if path not in taken and not any(folder in made for folder in _above(path))
    }
    return {**others, **made}


def can_be_files(classes: Mapping[str, bytes]) -> bool:
    """Tell whether all of them can be files; what a package's name costs is paid once, however many it has."""
    packages = {name.rpartition(".")[0] for name in classes}
    return all(
        package.count(".") < _MAX_DEPTH
        and all(len(part.encode()) <= _MAX_NAME for part in package.split("."))
        for package in packages
    ) and all(
        len(name) <= _MAX_PATH and len(f"{name.rpartition('.')[2]}.class".encode()) <= _MAX_NAME
        for name in classes
    )


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path goes through."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _in_order(main: str, package: str, declared: list[str], names: list[str]) -> list[str]:
    """Return class names in the order in which to look for `main`: the file's own, as it declares them, then others."""
    stem = main.rpartition("/")[2].removesuffix(".java")
    first = [f"{package}.{name}" if package else name for name in (stem, *declared)]
    places = {name: place for place, name in reversed(list(enumerate(first)))}
    return sorted(names, key=lambda name: places.get(name, len(first)))[:50]


def _text(data: bytes) -> tuple[bytes, bytes]:
    """Return what `JavaCompiler.java` reads as text."""
    return struct.pack(">I", len(data)), data


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
