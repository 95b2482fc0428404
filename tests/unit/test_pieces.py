"""Output pieces, file names, log masking, settings: small parts with rules of their own."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.accounts.guessable import is_guessable
from pizarra.config import Settings
from pizarra.execution.output import OutputCollector, Piece
from pizarra.kit import strict_json
from pizarra.kit.masking import mask
from pizarra.kit.network import neighbourhood
from pizarra.kit.paths import is_safe_path
from pizarra.kit.text import visible
from pizarra.models.base import instant, instant_text
from pizarra.sandbox.isolation.seccomp import denylist
from pizarra.sandbox.languages import languages
from pizarra.storage.addresses import DatabaseUrlError, database_url


@given(st.text(), st.lists(st.integers(0, 200)))
def test_output_cut_anywhere_reads_the_same(text: str, cuts: list[int]) -> None:
    raw = text.encode("utf-8", errors="replace")
    collector = OutputCollector()
    edges = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    for start, end in pairwise(edges):
        collector.add("stdout", raw[start:end])
    collector.finish()
    expected = raw.decode().replace("\0", "␀")
    assert "".join(piece.text for piece in collector.drain()) == expected


def test_streams_keep_their_order() -> None:
    collector = OutputCollector()
    for stream, data in (("stdout", b"a"), ("stdout", b"b"), ("stderr", b"c"), ("stdout", b"d")):
        collector.add(stream, data)
    assert collector.drain() == [Piece("stdout", "ab"), Piece("stderr", "c"), Piece("stdout", "d")]
    assert collector.drain() == []


@pytest.mark.parametrize(
    "path", ["main.py", "pkg/solver.py", "a b.py", "ñandú.py", "a/b/c/d.txt", ".hidden"]
)
def test_plain_relative_paths_are_safe(path: str) -> None:
    assert is_safe_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "",
            "/etc/passwd",
            "..",
            "../x",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            "x" * 201,
            "a\nb",
            "a\0b",
            "é" * 130 + "/x",
        ),
        # What another system, or a program that looks at the folder, takes for something else
        *(
            ".git/config",
            ".git",
            "a/.vscode/tasks.json",
            ".GIT/x",
            "\uff0egit/x",
            "HEAD",
            "sub/head",
            "desktop.ini",
        ),
        *(
            "..\\..\\evil.bat",
            "C:evil.txt",
            "x:stream",
            "CON",
            "nul.txt",
            "aux/b",
            "COM\u00b9",
            "a<b>.txt",
            "x.lnk",
        ),
        *("trailing.", "trailing ", "-rf", "~root", "\u202egpj.exe", "\u3164"),
    ],
)
def test_other_paths_are_not(path: str) -> None:
    assert not is_safe_path(path)


@pytest.mark.parametrize(
    "name",
    ["\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\u200d\u200d", "\u0301", "\u034f", "\ufe0f"],
)
def test_a_name_that_nobody_sees_is_none(name: str) -> None:
    assert visible(name) == ""
    assert visible(f"Zo{name[0]}ë").startswith("Zo")


def test_names_stay_as_people_write_them() -> None:
    for name in ("Zoë", "O'Brien", "नमस्ते", "می\u200cخواهم", "👩\u200d💻", "❤\ufe0f", "\U0001fae8"):
        assert visible(name) == name
    assert visible(" Z\u3164oë \n M.\u202e ") == "Zoë M."


@pytest.mark.parametrize(
    ("password", "guessable"),
    [
        *(
            ("1234567890", True),
            ("password1234", True),
            ("aaaaaaaaaaaa", True),
            ("zoe@example.org1", True),
        ),
        *(
            ("qwertyuiop", True),
            ("orange elephants whisper", False),
            ("kmskdlqpwm", False),
            ("correct horse", False),
        ),
        # What everybody knows of the account is no part of a password, whatever follows it.
        *(
            ("zoe@example.org123", True),
            ("zoe@example.org1987", True),
            ("Zoe.Martínez.2026", True),
            ("2026-example.org", True),
            ("zoe and six orange elephants", False),
            ("martinet 4821", False),
        ),
    ],
)
def test_the_first_passwords_that_somebody_tries_are_told(password: str, guessable: bool) -> None:
    assert is_guessable(password, "zoe@example.org", "Zoë Martínez") is guessable


@pytest.mark.parametrize(
    "key", ["a" * 64, "abcdefgh" * 4, "0101010101" * 4, "change me please" * 2]
)
def test_a_key_that_somebody_made_up_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="can be guessed"):
        Settings(secret_key=key)
    assert Settings(secret_key="5f0c9be1d7a34e2688b1c0fd43aa9e72").secret_key


def test_an_ipv6_network_is_one_address() -> None:
    assert (
        neighbourhood("2001:db8:1:2::1")
        == neighbourhood("2001:db8:1:2:ffff::9")
        != neighbourhood("2001:db8:1:3::1")
    )
    assert neighbourhood("fe80::1%eth0") == neighbourhood("fe80::2")
    assert (
        neighbourhood("::ffff:192.0.2.1")
        == neighbourhood("192.0.2.1")
        == "192.0.2.1"
        != neighbourhood("192.0.2.2")
    )


@pytest.mark.parametrize(
    "text",
    ['{"x":1e999}', '{"x":-1e999}', '{"x":NaN}', '{"a":[Infinity]}', '{"a":1,"a":2}', "[1,]"],
)
def test_what_no_browser_reads_is_not_json(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        strict_json.decode(text)
    assert strict_json.decode('{"x": 1.5e3, "y": [null, "\\ud83d"]}') == {
        "x": 1500.0,
        "y": [None, "\ud83d"],
    }


def test_secrets_are_masked_in_logs() -> None:
    assert "hunter2" not in mask("could not connect to postgresql://pizarra:hunter2@db:5432/x")
    assert "abc.def" not in mask("GET /ws/1?token=abc.def&x=1")
    assert "s3cret" not in mask("{'password': 's3cret'}")
    assert mask("nothing to hide") == "nothing to hide"


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("sqlite:////var/x.db", "sqlite+embedded:////var/x.db"),
    ],
)
def test_database_urls_are_patched(given_url: str, expected: str) -> None:
    url = database_url(Settings(database_url=given_url))
    assert url.render_as_string(hide_password=False) == expected


@pytest.mark.parametrize("bad", ["mysql://x/y", "nonsense", "sqlite://", "://"])
def test_other_database_urls_say_what_to_write(bad: str) -> None:
    with pytest.raises(DatabaseUrlError, match=r"SQLite|postgresql://|names a file"):
        database_url(Settings(database_url=bad))


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIZARRA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PIZARRA_CORS_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("DATABASE_URL", "postgres://x/y")
    settings = Settings()
    assert settings.data_dir == tmp_path
    assert settings.cors_origins == ["https://a.example", "https://b.example"]
    assert settings.database_url == "postgres://x/y"
    monkeypatch.setenv("PIZARRA_DATABASE_URL", "postgres://ours/z")
    assert Settings().database_url == "postgres://ours/z"


def test_every_language_has_a_starter_and_a_file() -> None:
    assert list(languages()) == ["python", "javascript", "typescript", "java", "cpp"]
    mains = [spec.main for spec in languages().values()]
    assert mains == ["main.py", "main.js", "main.ts", "Main.java", "main.cpp"]
    assert all(
        "Hello from Pizarra" in spec.starter and "\r" not in spec.starter
        for spec in languages().values()
    )


def test_the_denylist_is_a_whole_program_for_both_processors() -> None:
    for machine in ("x86_64", "aarch64"):
        for strict in (True, False):
            program = denylist(count_memory=strict, machine=machine)
            assert len(program) % 8 == 0
            assert 100 < len(program) // 8 < 4096
    with pytest.raises(KeyError):
        denylist(count_memory=True, machine="riscv64")


@pytest.mark.parametrize("stored", [0, 1, 999_999, 1_000_000, 1_800_000_000_000_001, -1])
def test_an_instant_is_written_as_iso_8601_in_utc(stored: int) -> None:
    assert instant_text(stored) == f"{instant(stored).isoformat()[:-6]}Z"
