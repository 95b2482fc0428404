"""An export is read back as far as it can be believed: whatever is odd in it is said, and nothing of it raises else."""

import base64
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.harness.archives import (
    ABOUT,
    ANA,
    PEOPLE,
    SESSION,
    entry,
    linked,
    note,
    said,
    write_archive,
)
from tests.harness.core import Typist
from tests.harness.rows import NOON, Rows

from pizarra.collab.journal import EditEntry
from pizarra.collab.state.document import Document
from pizarra.exports import reader
from pizarra.exports.gathering import gather_from
from pizarra.exports.reader import Archive, ArchiveError, open_archive, problem_with
from pizarra.exports.verify_attachments import problem_with_rest
from pizarra.exports.writer import (
    DATA_PLACE,
    FORMAT,
    VERSION,
    Exported,
    code_members,
    stream_archive,
    stream_html,
    write_report,
)
from pizarra.kit.tokens import TokenSigner
from pizarra.models import InterviewSession, PrivateEntry, Role
from pizarra.timeline.append.recent import Recent

PLAYER = f"<html><script nonce='x'>1</script>{DATA_PLACE}</html>\n"
MOST = 10**7


def refusal(file: Path, most: int = MOST) -> str:
    """Return why a file is no export."""
    with pytest.raises(ArchiveError) as refused:
        open_archive(file, most)
    return str(refused.value)


# What is no export


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\3\4 nothing", b"\xff\xfe", b"{}", b"<html></html>"]
)
def test_any_other_file_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    assert refusal(file).startswith(("it cannot be read", "it is neither"))


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "gone")
        == f"it cannot be read: No such file or directory: '{tmp_path / 'gone'}'"
    )


def test_another_archive_is_none(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme", "x")
    assert "session.json" in refusal(file)


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ("[]", "Pizarra did not export it"),
        ("{}", "Pizarra did not export it"),
        ('{"format": "other"}', "Pizarra did not export it"),
        (json.dumps({"format": FORMAT}), "it is of version 'None'"),
        (json.dumps({"format": FORMAT, "version": VERSION + 1}), f"this program reads {VERSION}"),
        (json.dumps({"format": FORMAT, "version": "1" * 99}), f"{'1' * 20!r}, this"),
        ("{", "it cannot be read"),
        ("[" * 100_000, "it cannot be read"),
        ('{"format": NaN}', "it cannot be read"),
        ('{"format": 1, "format": 2}', "it cannot be read"),
        ("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), "it cannot be read"),
    ],
)
def test_what_an_archive_says_of_itself_is_held_to_what_it_may_be(
    tmp_path: Path, manifest: str, why: str
) -> None:
    file = write_archive(tmp_path / "x.zip", members={"session.json": manifest})
    assert why in refusal(file)


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ({"session": None}, "its session.json names no session"),
        ({"session": {"title": "x"}}, "its session.json names no session"),
        ({"logs": None}, "its session.json names no log"),
        ({"logs": ["shared"]}, "its session.json names no log"),
        ({"logs": {}}, "its session.json names no log"),
        ({"logs": {"private": {"entries": 0, "hash": ""}}}, "its session.json names no log"),
        ({"logs": {"shared": {}}}, "does not say where its logs end"),
        ({"logs": {"shared": {"entries": 1}}}, "does not say where its logs end"),
        ({"logs": {"shared": {"entries": True, "hash": ""}}}, "does not say where its logs end"),
        ({"logs": {"shared": 5}}, "does not say where its logs end"),
    ],
)
def test_an_archive_says_of_which_session_it_is_and_where_its_logs_end(
    tmp_path: Path, manifest: dict[str, Any], why: str
) -> None:
    assert why in refusal(write_archive(tmp_path / "x.zip", [said()], manifest=manifest))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_is_packed_in_another_way_is_none_of_ours(
    tmp_path: Path, method: int
) -> None:
    """What is packed so is unpacked in one piece, however large that is and whatever it says of its size."""
    file = write_archive(tmp_path / "x.zip", [said()])
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("code/a", "x", method)
    assert refusal(file) == "its code/a is compressed in a way that is not taken"


def test_any_changed_bit_of_an_archive_is_no_more_than_wrong(tmp_path: Path) -> None:
    """A flag may ask for what `zipfile` does not know: encryption, patches, other ways of packing."""
    file = write_archive(tmp_path / "x.zip", [said()], [note()])
    whole = file.read_bytes()
    for place in range(0, len(whole), 2):
        for bit in (1, 0x20, 0x40):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            try:
                archive = open_archive(file, MOST)
            except ArchiveError:
                continue
            for log in archive.logs:
                problem_with(archive, log)
            problem_with_rest(archive)


def test_an_archive_unpacks_to_so_much(tmp_path: Path) -> None:
    file = write_archive(tmp_path / "x.zip", [said()], members={"code/a": "x" * 1000})
    with zipfile.ZipFile(file) as archive:
        size = sum(each.file_size for each in archive.infolist())
    assert open_archive(file, size).session_id == SESSION
    assert refusal(file, size - 1) == f"unpacked it would have more than {size - 1:,} bytes"


def test_a_manifest_has_so_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_archive(tmp_path / "x.zip")
    with zipfile.ZipFile(file) as archive:
        size = archive.getinfo("session.json").file_size
    monkeypatch.setattr(reader, "_MAX_MANIFEST", size)
    open_archive(file, MOST)
    monkeypatch.setattr(reader, "_MAX_MANIFEST", size - 1)
    assert refusal(file) == "its session.json is too large"


# What is wrong with a log


def problem(file: Path, log: Any = "shared") -> str | None:
    return problem_with(open_archive(file, MOST), log)


def test_a_log_that_is_whole_has_no_problem(tmp_path: Path) -> None:
    for name, shared, private in (
        ("a", [], None),
        ("b", [said("ñ"), said("</script>")], []),
        ("c", [said(str(n)) for n in range(9)], [note(), note()]),
    ):
        file = write_archive(tmp_path / name, shared, private)
        archive = open_archive(file, MOST)
        assert archive.logs == (["shared"] if private is None else ["shared", "private"])
        for log in archive.logs:
            assert problem_with(archive, log) is None
        assert len(list(archive.lines("shared"))) == len(shared)


LINES = [json.dumps(each) for each in linked("shared", [said("a"), said("b"), said("c")])[0]]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (LINES[1:], "entry 1 is missing"),
        ([LINES[0], LINES[2]], "entry 2 is missing"),
        (LINES[:2], "the log ends at entry 2, and had 3"),
        ([LINES[0], LINES[0], *LINES[1:]], "entry 2 is missing"),
        ([*LINES, LINES[2]], "entry 4 is missing"),
        ([LINES[1], LINES[0], LINES[2]], "entry 1 is missing"),
        ([LINES[0].replace('"a"', '"x"'), *LINES[1:]], "entry 1 was changed"),
        ([LINES[0].replace('"hash": "', '"hash": "0'), *LINES[1:]], "entry 1 was changed"),
        ([LINES[0].replace('"hash"', '"other"'), *LINES[1:]], "entry 1 was changed"),
        (["{", *LINES[1:]], "a line is not JSON"),
        (["[" * 100_000], "a line is not JSON"),
        (["[]"], "a line is no entry"),
        (["{}"], "a line is no entry"),
        (['{"seq": 1, "seq": 1}'], "a line is not JSON"),
        (["NaN"], "a line is not JSON"),
        ([LINES[0].replace('"seq": 1', '"seq": "1"')], "entry 1 is missing"),
    ],
)
def test_what_is_wrong_with_a_log_is_said(tmp_path: Path, lines: list[str], why: str) -> None:
    whole = [said("a"), said("b"), said("c")]
    changed = {"timeline.jsonl": "\n".join(lines)}
    assert problem(write_archive(tmp_path / "x.zip", whole, members=changed)) == why


def test_blank_lines_are_no_entries(tmp_path: Path) -> None:
    spaced = {"timeline.jsonl": "\n\n" + "\n \n".join(LINES) + "\n\n\n"}
    whole = [said("a"), said("b"), said("c")]
    assert problem(write_archive(tmp_path / "x.zip", whole, members=spaced)) is None


@pytest.mark.parametrize(
    ("logs", "why"),
    [
        ({"shared": {"entries": 2, "hash": ""}}, "the log ends at entry 1, and had 2"),
        ({"shared": {"entries": 1, "hash": "0"}}, "the last hash is not the one"),
    ],
)
def test_the_manifest_names_the_end_of_each_log(tmp_path: Path, logs: Any, why: str) -> None:
    file = write_archive(tmp_path / "x.zip", [said()], manifest={"logs": logs})
    assert why in str(problem(file))


def test_a_log_that_is_missing_or_no_text_is_said(tmp_path: Path) -> None:
    file = write_archive(tmp_path / "x.zip", [said()])
    assert "notes.jsonl cannot be read" in str(problem(file, "private"))
    no_text = Path(f"{file}.other")
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(no_text, "w") as archive:
        archive.writestr("session.json", whole.read("session.json"))
        archive.writestr("timeline.jsonl", b"\xff\xfe\n")
    assert "timeline.jsonl cannot be read" in str(problem(no_text))


def test_a_line_has_so_many_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_MAX_LINE", 600)
    assert problem(write_archive(tmp_path / "a", [said("x" * 300)])) is None
    assert problem(write_archive(tmp_path / "b", [said("x" * 600)])) == "a line is too long"


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_whatever_a_log_holds_is_no_more_than_wrong(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    manifest = {"format": FORMAT, "version": VERSION, "session": dict(ABOUT)}
    manifest |= {"people": PEOPLE, "logs": {"shared": {"entries": 1, "hash": ""}}}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("session.json", json.dumps(manifest))
        archive.writestr("timeline.jsonl", content)
    assert problem(file) is not None


# What is written is read


class Recorded:
    """A session that was recorded here, and exports of it."""

    def __init__(self, rows: Rows, session: InterviewSession) -> None:
        self.rows = rows
        self.session = session

    async def gather(self, *, private: bool) -> Exported:
        """Return what an export holds."""
        return await gather_from(
            self.rows.database,
            TokenSigner(b"k" * 32),
            lambda: NOON,
            self.session,
            recent=Recent(0),
            reader=None,
            with_private=private,
        )

    async def export(self, folder: Path, kind: str, *, private: bool = True) -> Path:
        """Write an export."""
        gathered = await self.gather(private=private)
        file = folder / f"session.{kind}"
        stream = (
            stream_archive(self.rows.database, gathered)
            if kind == "zip"
            else stream_html(self.rows.database, gathered, PLAYER)
        )
        file.write_bytes(b"".join([piece async for piece in stream]))
        return file


@pytest.fixture
async def recorded(rows: Rows) -> Recorded:
    session = await rows.session(title="Two </script> Süm", private_head=1)
    ana = await rows.person(session, "Ana <b>", Role.HOST)
    await rows.person(session, "Waits", admitted_at=None)
    document = Document()
    update = document.edit(lambda it: it.put_file("main.py", "python", "print('</script>')\n"))
    typist = Typist(7)
    entries = [EditEntry(ana.id, update), EditEntry(ana.id, typist.type("x"))]
    session = await rows.entries(session, *entries)
    await rows.put(
        PrivateEntry(
            session_id=session.id,
            seq=1,
            at=NOON,
            kind="note",
            participant_id=ana.id,
            anchor=1,
            data={"text": "s3cret\u2028"},
        )
    )
    return Recorded(rows, session)


@pytest.mark.parametrize("kind", ["zip", "html"])
@pytest.mark.parametrize("private", [False, True])
async def test_what_is_exported_is_whole_and_holds_what_its_reader_may_see(
    recorded: Recorded, tmp_path: Path, kind: str, private: bool
) -> None:
    file = await recorded.export(tmp_path, kind, private=private)
    archive = open_archive(file, MOST)
    assert archive.session_id == recorded.session.public_id
    assert archive.logs == (["shared", "private"] if private else ["shared"])
    for log in archive.logs:
        assert problem_with(archive, log) is None
    assert problem_with_rest(archive) is None
    assert archive.scores() == []
    kinds = [each["kind"] for each in archive.lines("shared")]
    assert kinds == ["edit", "edit"]
    names = [each["name"] for each in archive.manifest["people"]]
    assert names == ["Ana <b>"], "who only waited took no part"
    if not private:
        assert "s3cret" not in _text(file)
        assert "candidate_name" not in archive.manifest["session"]


def _text(file: Path) -> str:
    if not zipfile.is_zipfile(file):
        return file.read_text()
    with zipfile.ZipFile(file) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.parametrize("kind", ["zip", "html"])
async def test_any_changed_piece_of_an_export_is_found(
    recorded: Recorded, tmp_path: Path, kind: str
) -> None:
    file = await recorded.export(tmp_path, kind)
    whole = file.read_bytes()
    for place in range(0, len(whole), 97):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            archive = open_archive(file, MOST)
            found = [problem_with(archive, log) for log in archive.logs]
            if any(found) or problem_with_rest(archive) is not None:
                continue
        except ArchiveError:
            continue
        assert kind == "zip", f"byte {place} of the page"
        assert not _differs(file, whole, tmp_path), f"byte {place}"


def _differs(file: Path, whole: bytes, folder: Path) -> bool:
    """Tell whether something that is read of an archive is another; what nobody reads may be."""
    before = folder / "before.zip"
    before.write_bytes(whole)
    with zipfile.ZipFile(before) as one, zipfile.ZipFile(file) as other:
        return {name: one.read(name) for name in one.namelist()} != {
            name: other.read(name) for name in other.namelist()
        }


async def test_a_page_ends_with_the_hash_of_what_is_before_it(
    recorded: Recorded, tmp_path: Path
) -> None:
    content = (await recorded.export(tmp_path, "html")).read_bytes()
    before, _, seal = content.rpartition(b"<!--sha256:")
    assert seal == f"{hashlib.sha256(before).hexdigest()}-->\n".encode()
    assert content.count(b"</script>") == content.count(b"<script"), "no text ends an element"


async def test_a_player_without_a_place_for_its_data_is_none(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "PLAYER", "<html></html>")
    with pytest.raises(ValueError, match="no place for its data"):
        await recorded.export(tmp_path, "html")


async def test_the_code_in_an_archive_is_what_the_log_comes_to(
    recorded: Recorded, tmp_path: Path
) -> None:
    file = await recorded.export(tmp_path, "zip")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("code/more.py", "x")
    assert problem_with_rest(open_archive(file, MOST)) == "code/more.py is not in the log"
    update = base64.b64encode(
        Document().edit(lambda it: it.put_file("main.py", "python", "x"))
    ).decode()
    told = [entry("edit", {"update": update}, ANA)]
    for code, why in (
        ({}, "code/main.py is not what the log comes to"),
        ({"code/main.py": "y"}, "code/main.py is not what the log comes to"),
        ({"code/main.py": "x"}, None),
    ):
        made = write_archive(tmp_path / "made.zip", told, members=code)
        assert problem_with_rest(open_archive(made, MOST)) == why


async def test_a_report_is_written_of_everything(recorded: Recorded) -> None:
    gathered = await recorded.gather(private=True)
    html = await write_report(recorded.rows.database, gathered)
    assert "s3cret" in html
    assert "Ana <b>" not in html, "a name is text"
    assert "Ana &lt;b&gt;" in html


NAMES = st.lists(st.text(max_size=20), unique=True, max_size=8)


@given(NAMES)
def test_no_name_of_a_file_leads_out_of_an_archive(names: list[str]) -> None:
    members = list(code_members({name: name for name in sorted(names)}))
    written = [name for name, _ in members]
    assert len({name.casefold() for name in written}) == len(names)
    for name in written:
        parts = name.split("/")
        assert parts[0] == "code"
        assert not {"", ".", ".."} & set(parts)
        assert "\\" not in name
        assert "\0" not in name
        name.encode()


def test_an_archive_knows_its_session() -> None:
    assert Archive(Path("x"), {"session": {"session_id": 5}, "logs": {}}).session_id == "5"
    assert Archive(Path("x"), {"session": {}, "logs": {"private": 1, "other": 2}}).logs == [
        "private"
    ]
