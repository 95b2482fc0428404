"""Java's libraries: jars, from files, or by Maven with what they need."""

import re
import shutil
import tempfile
import zipfile
from pathlib import Path

from pizarra.sandbox.libraries.clients.order import (
    LOCAL,
    Entry,
    Filled,
    Order,
    keep_files,
    run_client,
)
from pizarra.sandbox.libraries.wanted import LibraryError, is_file

# One jar with all that a program needs to write tests and to run them.
_ALIASES = {"junit": "org.junit.platform:junit-platform-console-standalone"}
_MISSING = (
    r"(?:Could not find artifact|Could not find metadata|No versions available for|Failure to find) "
    r"(?P<name>[^\s:]+:[^\s:/]+)"
)
_NEWEST = "RELEASE"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies"  # the one by default is of 2013
_PROJECT = """<project>
<modelVersion>4.0.0</modelVersion><groupId>libraries</groupId><artifactId>libraries</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>{}</dependencies>
</project>
"""
_DEPENDENCY = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
)
_BEFORE_VERSION = re.compile(r"(?<=.)-(?=\d)")  # a name has one letter at least
_VERSION = re.compile(r"\d[\w.+-]*")
_MOST_ABOUT = 1 << 16


def name_of(source: str) -> str:
    """Return what tells a jar from others: its artifact's name, of a file the beginning of its name."""
    if is_file(source) or source.startswith(f"{LOCAL}/"):
        return _described(Path(source).stem)[0]
    return _coordinates(source)[1]


def fill(fresh: Path, before: Path, order: Order) -> Filled:
    """Put the jars side by side, where a class path takes them all."""
    sources = keep_files(fresh, before, order.sources(name_of))
    files = {key: source for key, source in sources.items() if source.startswith(f"{LOCAL}/")}
    named = {key: _coordinates(source) for key, source in sources.items() if key not in files}
    entries = []
    for key, source in files.items():
        name, version = _inside(fresh / source)
        shutil.copy2(fresh / source, fresh / Path(source).name)
        entries.append(Entry(key, name, version, source))
    if named:
        _fetch(fresh, list(named.values()))
    for key, (group, artifact, _) in named.items():
        found = [_described(each.stem)[1] for each in fresh.glob(f"{artifact}-*.jar")]
        if not found:
            raise LibraryError(f"Maven brought no jar of {artifact}")
        entries.append(Entry(key, artifact, found[0], f"{group}:{artifact}:{found[0]}"))
    return Filled(entries)


def _coordinates(source: str) -> tuple[str, str, str]:
    parts = _ALIASES.get(source, source).split(":")
    if len(parts) < 2:
        known = ", ".join(_ALIASES)
        raise LibraryError(
            f"{source!r} is not known. Write group:artifact, a jar's path, or one of: {known}"
        )
    return parts[0], parts[1], parts[2] if len(parts) > 2 else _NEWEST


def _fetch(fresh: Path, wanted: list[tuple[str, str, str]]) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        fix = "Install it (apt-get install maven), or name a jar: java:/path/to.jar"
        raise LibraryError(f"Maven is not installed. {fix}")
    with tempfile.TemporaryDirectory() as folder:
        dependencies = "".join(_DEPENDENCY.format(*each) for each in wanted)
        Path(folder, "pom.xml").write_text(_PROJECT.format(dependencies))
        argv = [maven, "-B", "-U", "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
        run_client("Maven", [*argv, _COPY], Path(folder), _MISSING)


def _inside(path: Path) -> tuple[str, str]:
    """Return the name and version that a jar tells of itself, or that its file's name tells."""
    try:
        with zipfile.ZipFile(path) as jar:
            about = [each for each in jar.infolist() if each.filename.endswith("/pom.properties")]
            if len(about) == 1 and about[0].file_size <= _MOST_ABOUT:
                lines = jar.read(about[0]).decode(errors="replace").splitlines()
                said = dict(line.split("=", 1) for line in lines if "=" in line)
                if "artifactId" in said:
                    return said["artifactId"].strip(), said.get("version", "").strip()
    except (OSError, zipfile.BadZipFile) as error:
        raise LibraryError(f"{path.name} is no jar: {error}") from None
    return _described(path.stem)


def _described(stem: str) -> tuple[str, str]:
    name, *rest = _BEFORE_VERSION.split(stem, maxsplit=1)
    return (name, rest[0]) if rest and _VERSION.fullmatch(rest[0]) else (stem, "")
