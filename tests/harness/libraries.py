"""Small real libraries, made here: a wheel, a packed npm package, a jar, header files."""

import io
import json
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.program import pizarra

OFFLINE = {"PIP_NO_INDEX": "1", "npm_config_offline": "true"}


@contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that sandboxes can look into, as pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="pizarra-libraries-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wheel(folder: Path, name: str = "tinypy", version: str = "1.2", requires: str = "") -> Path:
    """Return a wheel whose module tells its version."""
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}.py": f"version = {version!r}\n\ndef twice(x: int) -> int:\n    return 2 * x\n",
        f"{name}-{version}.dist-info/METADATA": about
        + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{name}-{version}.dist-info/RECORD"
    files[record] = "".join(f"{path},,\n" for path in (*files, record))
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return target


def npm_package(folder: Path, name: str = "tinyjs", version: str = "3.4.5") -> Path:
    """Return a package for `require` and `import` that brings types, and has a script that must not run."""
    ran = "require('fs').writeFileSync('ran', '')"
    about = {"name": name, "version": version, "main": "index.js", "types": "index.d.ts"}
    files = {
        "package.json": json.dumps({**about, "scripts": {"postinstall": f'node -e "{ran}"'}}),
        "index.js": f"exports.twice = (x) => 2 * x; exports.version = '{version}';\n",
        "index.d.ts": "export function twice(x: number): number;\nexport const version: string;\n",
    }
    target = folder / f"{name}-{version}.tgz"
    with tarfile.open(target, "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return target


def jar(folder: Path, name: str = "tinyjar", version: str = "5.6") -> Path:
    """Return a jar with `tiny.Tiny`."""
    made = folder / f".{name}"
    (made / "tiny").mkdir(parents=True)
    source = (
        f'package tiny; public class Tiny {{ public static final String VERSION = "{version}"; '
    )
    source += "public static int twice(int x) { return 2 * x; } }"
    (made / "tiny" / "Tiny.java").write_text(source)
    subprocess.run(["javac", "tiny/Tiny.java"], cwd=made, check=True)
    target = folder / f"{name}-{version}.jar"
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(made / "tiny" / "Tiny.class", "tiny/Tiny.class")
    return target


def headers(folder: Path) -> Path:
    """Return a folder of header files."""
    include = folder / "tinycpp" / "include"
    (include / "tiny").mkdir(parents=True)
    (include / "tiny" / "tiny.hpp").write_text(
        "#pragma once\ninline int twice(int x) { return 2 * x; }\n"
    )
    return include


def add_all(libraries: Path, sources: Path) -> None:
    """Fill a folder of libraries, as an operator does, from files alone."""
    words = (
        f"python:{wheel(sources)}",
        f"typescript:{npm_package(sources)}",
        f"java:{jar(sources)}",
    )
    done = pizarra(
        "toolchains",
        "add",
        *words,
        f"cpp:{headers(sources)}",
        "--libraries-dir",
        libraries,
        environment=OFFLINE,
    )
    assert done.returncode == 0, done.stderr
