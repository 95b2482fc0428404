"""Packages that nobody means well: each gets a sentence, and whatever stands where, it is read or refused."""

import contextlib
import io
import math
import stat
import struct
import time
import zipfile

import pytest
import yaml  # type: ignore[import-untyped]
from tests.harness.packages import NEWEST, SETTINGS, zipped

from pizarra.questions.importing import read_archive
from pizarra.questions.packages.archive import PackageError
from pizarra.questions.packages.documents import MOST_TEXT_BYTES, read_yaml, write_yaml


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("problem.yaml", "name: x\n")
        link = zipfile.ZipInfo("data/secret/1.in")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def packed(method: int, size: int = 20) -> bytes:
    """Return an archive whose files are compressed in a way."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("problem.yaml", b"#" * size)
    return out.getvalue()


def directory_of(entries: int) -> bytes:
    """Return an archive that lists one small file so many times."""
    archive = zipped({"problem.yaml": "name: x"})
    start = archive.index(b"PK\x01\x02")
    end = archive.index(b"PK\x05\x06")
    entry = archive[start:end]
    counts = struct.pack("<HHLL", entries, entries, len(entry) * entries, start)
    return archive[:start] + entry * entries + archive[end : end + 8] + counts + b"\0\0"


def short() -> bytes:
    """Return an archive that ends within a file, as its directory, which comes first, does not say."""
    whole = packed(zipfile.ZIP_STORED)
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    entry, last = bytearray(whole[start:end]), bytearray(whole[end:])
    entry[20:28] = struct.pack("<LL", 5_000, 5_000)
    return whole[:start] + bytes(entry) + bytes(last)


def twice() -> bytes:
    """Return an archive in which one name stands for two files."""
    names: dict[str, str | bytes] = {
        "problem.yaml": "name: x",
        "data/secret/1.in": "1",
        "data/secret/2.in": "2",
    }
    return zipped(names).replace(b"data/secret/2.in", b"data/secret/1.in")


TAGGED = ("!!int ''", "!!float ''", "!!timestamp x", "!!bool x", "!!binary x", "!!set {a}")
BOMB = "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nname: *b\n"


def test_what_tools_leave_in_an_archive_is_passed_over() -> None:
    litter = {
        "submissions/accepted/__pycache__/a.cpython-313.pyc": b"\xff\0",
        "__MACOSX/._problem.yaml": b"\0\5\x16",
        "data/secret/.DS_Store": b"\0\0\0\1Bud1",
    }
    plain, littered = (read_archive(zipped(files), SETTINGS) for files in (NEWEST, NEWEST | litter))
    assert littered == plain


@pytest.mark.parametrize(
    ("archive", "says"),
    [
        (b"PK no archive", "no ZIP archive"),
        (zipped({}), "no problem.yaml"),
        (zipped({"a/b/problem.yaml": "name: x"}), "no problem.yaml"),
        (linked(), "symbolic link"),
        (zipped({"problem.yaml": "name: x", "../../etc/cron.d/x": "x"}), "leads out"),
        (zipped({"problem.yaml": "name: x", "/etc/x": "x"}), "leads out"),
        (zipped({"problem.yaml": "name: x", "a\\..\\x": "x"}), "leads out"),
        (zipped({"problem.yaml": "name: x", "C:/x": "x"}), "leads out"),
        (zipped({"problem.yaml": "name: x", "a/" * 20 + "x": "x"}), "too long"),
        (zipped({"problem.yaml": "name: x", "big": bytes(40_000_000)}), "Unpacked"),
        (zipped({"problem.yaml": "name: x", **{f"f{n}": "" for n in range(2001)}}), "files"),
        (zipped({"problem.yaml": BOMB}), "aliases"),
        (zipped({"problem.yaml": "[" * 100}), "cannot be read"),
        (
            zipped({"problem.yaml": "name: a\nname: b"}),
            "problem.yaml has name twice, in line 2 again",
        ),
        (zipped({"problem.yaml": 'name: a\n1: b\n"1": c'}), "has 1 twice, in line 3 again"),
        (
            zipped({"problem.yaml": "name: a\nlimits:\n  time: 1\n  memory: 2\n  time: 3"}),
            "problem.yaml has time twice, in line 5 again",
        ),
        (zipped({"problem.yaml": "name: !!python/object/apply:os.system [x]"}), "cannot be read"),
        (packed(zipfile.ZIP_BZIP2, 1_000_000), "compressed in a way that is not taken"),
        (packed(zipfile.ZIP_LZMA), "compressed in a way that is not taken"),
        (short(), "no ZIP archive"),
        *((zipped({"problem.yaml": f"name: {each}"}), "cannot be read") for each in TAGGED),
        (zipped({"problem.yaml": "- x"}), "mapping"),
        (zipped({"problem.yaml": b"name: \xff"}), "UTF-8"),
        (zipped({"problem.yaml": "problem_format_version: 1999\nname: x"}), "of the format 1999"),
        (zipped(NEWEST | {"data/secret/a/1.in": b"\xff"}), "UTF-8"),
        (zipped(NEWEST | {"data/secret/a/1.in": "\0"}), "NUL"),
        (zipped(NEWEST | {"statement/problem.en.md": "x" * 200_000}), "too large"),
        *(
            (zipped(NEWEST | {path: "\n" * (MOST_TEXT_BYTES + 1)}), f"{path} is too large")
            for path in (
                "output_validator/v.py",
                "submissions/accepted/a.py",
                "submissions/wrong_answer/w.py",
                "attachments/templates/python/main.py",
            )
        ),
        (zipped({f"{n}/problem.yaml": "# " * 50_000 for n in range(30)}), "YAML is more"),
        (twice(), "two files of one name: data/secret/1.in"),
        (directory_of(5_000), "more than 2,000 files"),
        (
            zipped({"one/problem.yaml": "name: x", "two/problem.yaml": "- x"}),
            "mapping. This is in the package two.",
        ),
    ],
)
def test_a_hostile_package_gets_a_sentence(archive: bytes, says: str) -> None:
    with pytest.raises(PackageError, match=says):
        read_archive(archive, SETTINGS)


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        *(("5", 5), ("-5", -5), ("010", 10), ("0o10", 8), ("0x1F", 31)),
        *(("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("-.inf", -math.inf)),
        *(("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None)),
        *((each, each) for each in ("yes", "no", "on", "1_000", "<<", "=", "0b1", "x")),
        *((each, each) for each in ("1:30", "1:30.5", "2026-01-01", "2026-13-45 99:99:99")),
        (f"{'1:' * 300}1.0", f"{'1:' * 300}1.0"),
        ("9" * 40, int("9" * 40)),
        ("9" * 41, "9" * 41),
        ("9" * 5_000, "9" * 5_000),
        (f"1.{'9' * 39}", f"1.{'9' * 39}"),
        ("!!str 5", "5"),
    ],
)
def test_yaml_has_the_types_of_its_newest_version_alone(plain: str, value: object) -> None:
    found = read_yaml(f"x: {plain}\n".encode(), "it")["x"]
    assert (type(found), found) == (type(value), value)
    if isinstance(value, str):  # and others, who read YAML 1.1, get the same
        written = write_yaml({"x": plain})
        assert read_yaml(written, "it") == yaml.safe_load(written) == {"x": plain}


def test_numbers_to_the_base_of_60_take_no_time() -> None:
    """Each further part took longer than the one before: 60,000 of them 8 s, in an archive of 269 bytes."""
    started = time.process_time()
    found = read_yaml(f"name: {'1:' * 60_000}1\n".encode(), "it")
    assert found["name"] == f"{'1:' * 60_000}1"
    assert time.process_time() - started < 2


ANYTHING = ("5", "[1, [2]]", "{a: {b: 1}}", "null", "true", "x", "2026-01-01", "''")


@pytest.mark.parametrize(
    "key",
    [
        *("name", "keywords", "languages", "type", "validation", "validator_flags", "source"),
        *("credits", "author", "license", "constants", "problem_format_version", "uuid", "limits"),
    ],
)
def test_whatever_a_key_holds_it_is_read_or_refused(key: str) -> None:
    for value in ANYTHING:
        files = NEWEST | {
            "problem.yaml": f"name: x\n{key}: {value}\n".replace("name: x\nname", "name")
        }
        with contextlib.suppress(PackageError):
            read_archive(zipped(files), SETTINGS)


@pytest.mark.parametrize(
    "path", ["data/secret/test_group.yaml", "data/secret/a/1.yaml", ".pizarra.yaml"]
)
def test_whatever_stands_beside_it_is_read_or_refused(path: str) -> None:
    keys = ("output_validator_args", "hint", "description", "title", "secret", "wrong", "samples")
    more = ("comparator", "spoken", "languages", "signature", "project", "policy", "follow_ups")
    for key in (*keys, *more):
        for value in ANYTHING:
            with contextlib.suppress(PackageError):
                read_archive(zipped(NEWEST | {path: f"{key}: {value}\n"}), SETTINGS)
