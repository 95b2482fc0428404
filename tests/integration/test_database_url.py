"""PostgreSQL as providers hand its address out: libpq's parameters, TLS, several hosts; what is said when it fails."""

import contextlib
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tests.harness.authority import Authority
from tests.harness.postgres import Postgres, find_programs
from tests.harness.program import pizarra

from pizarra.config import Settings
from pizarra.database import connect
from pizarra.storage.addresses import DatabaseUrlError, database_url, without_secret
from pizarra.storage.failures import DATABASE_ERRORS, reason_of


class SecureCluster:
    """A PostgreSQL that speaks TLS as `localhost`, and what its clients need."""

    def __init__(self, cluster: Postgres, authority: Authority, stranger: Authority) -> None:
        self.cluster = cluster
        self.values = {
            "port": cluster.port,
            "ca": authority.certificate,
            "other": stranger.certificate,
            **dict(zip(("cert", "key"), authority.issue("postgres"), strict=True)),
        }

    def url(self, template: str) -> str:
        return template.format(**self.values)


@pytest.fixture(scope="module")
def secure() -> Iterator[SecureCluster]:
    programs = find_programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="pizarra-tls-"))
    try:
        authority, stranger = Authority(folder / "authority"), Authority(folder / "stranger")
        certificate, key = authority.issue("localhost")
        cluster = Postgres(programs, folder)
        cluster.create_cluster()
        with (folder / "data/postgresql.conf").open("a") as settings:
            settings.write(
                f"ssl = on\nssl_cert_file = '{certificate}'\nssl_key_file = '{key}'\n"
                f"ssl_ca_file = '{authority.certificate}'\nlisten_addresses = 'localhost'\n"
            )
        rules = folder / "data/pg_hba.conf"
        rules.write_text(f"hostssl template1 all all cert\n{rules.read_text()}")
        cluster.start()
        yield SecureCluster(cluster, authority, stranger)
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def ask(url: str, *questions: str) -> list[object]:
    """Return what a database at `url` answers."""
    database = connect(Settings(database_url=url))
    try:
        async with database.read() as db:
            return [await db.scalar(text(question)) for question in questions]
    finally:
        await database.dispose()


_IS_SECURE = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.mark.parametrize(
    ("parameters", "secure_line"),
    [
        ("sslmode=disable", False),
        ("sslmode=allow", False),
        ("sslmode=prefer", True),
        ("sslmode=require", True),
        ("ssl=require", True),
        ("sslmode=verify-ca&sslrootcert={ca}", True),
        ("sslmode=verify-full&sslrootcert={ca}", True),
        ("sslmode=require&channel_binding=prefer&gssencmode=disable&sslsni=1", True),
    ],
)
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
async def test_tls(secure: SecureCluster, scheme: str, parameters: str, secure_line: bool) -> None:
    url = secure.url(f"{scheme}://postgres@localhost:{{port}}/postgres?{parameters}")
    assert await ask(url, _IS_SECURE) == [secure_line]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("localhost:{port}/postgres?sslmode=verify-ca&sslrootcert={other}", "certificate"),
        ("localhost:{port}/postgres?sslmode=verify-full&sslrootcert={other}", "certificate"),
        ("127.0.0.1:{port}/postgres?sslmode=verify-full&sslrootcert={ca}", "127.0.0.1"),
        ("localhost:{port}/template1?sslmode=require", "certificate"),
    ],
)
async def test_tls_that_does_not_hold(secure: SecureCluster, address: str, says: str) -> None:
    with pytest.raises(DATABASE_ERRORS) as caught:
        await ask(secure.url(f"postgres://postgres@{address}"), "SELECT 1")
    assert says in reason_of(caught.value)


async def test_a_certificate_of_ones_own(secure: SecureCluster) -> None:
    address = "postgres://postgres@localhost:{port}/template1?sslmode=verify-full&sslrootcert={ca}"
    assert await ask(secure.url(address + "&sslcert={cert}&sslkey={key}"), _IS_SECURE) == [True]


async def test_a_server_without_tls(cluster: Postgres) -> None:
    with pytest.raises(DATABASE_ERRORS) as caught:
        await ask(cluster.create_database() + "?sslmode=require", "SELECT 1")
    assert "SSL" in reason_of(caught.value)


async def test_what_is_for_the_server(cluster: Postgres) -> None:
    url = cluster.create_database()
    shows = ("SHOW application_name", "SHOW statement_timeout")
    assert await ask(
        f"{url}?application_name=pizarra%20one&options=-c%20statement_timeout%3D7s", *shows
    ) == [
        "pizarra one",
        "7s",
    ]
    assert (await ask(f"{url}?fallback_application_name=two", shows[0])) == ["two"]


async def test_several_hosts(cluster: Postgres) -> None:
    name = cluster.create_database().rpartition("/")[2]
    hosts = f"127.0.0.1:1,127.0.0.1:{cluster.port}"
    for attributes in ("any", "read-write", "primary", "prefer-standby"):
        url = f"postgres://postgres@{hosts}/{name}?target_session_attrs={attributes}"
        assert await ask(url, "SELECT current_database()") == [name]
    with pytest.raises(DATABASE_ERRORS):
        await ask(f"postgres://postgres@{hosts}/{name}?target_session_attrs=standby", "SELECT 1")
    assert (
        without_secret(database_url(Settings(database_url=url)))
        == f"postgresql://postgres@{hosts}/{name}"
    )


def test_an_at_in_a_password_is_named_and_not_shown(tmp_path: Path) -> None:
    url = "postgres://ana:hun@ter2@db.invalid/x"
    for command in (("serve", "--port", "0"), ("db", "check"), ("user", "list"), ("doctor",)):
        done = pizarra(
            *command,
            "--data-dir",
            tmp_path,
            "--database-url",
            url,
            environment={"PIZARRA_RUNNER": "workers"},  # the doctor tries no languages then
        )
        assert done.returncode == 1
        assert "write an @ in a name or password as %40" in done.stdout + done.stderr
        assert "ter2" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        (
            "sslmode=yes",
            r"sslmode=yes; write one of disable, allow, prefer, require, verify-ca, verify-full",
        ),
        ("target_session_attrs=master", r"write one of any, read-write"),
        ("channel_binding=require", r"channel_binding=require, which .* cannot do\. Leave it out"),
        ("gssencmode=require", r"gssencmode=require, which .* cannot do"),
        ("tcp_user_timeout=5", r"tcp_user_timeout=5, which .* does not know"),
        ("connect_timeout=soon", r"connect_timeout=soon; write a whole number"),
        ("sslrootcert=/no/such/file", r"sslrootcert=/no/such/file, and there is no such file"),
        ("sslrootcert=system&sslmode=require", r"With sslrootcert=system"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, parameters: str, says: str) -> None:
    with pytest.raises(DatabaseUrlError, match=says):
        database_url(Settings(database_url=f"postgres://ana:hunter2@localhost/x?{parameters}"))
    done = pizarra(
        "db",
        "check",
        "--data-dir",
        tmp_path,
        "--database-url",
        f"postgres://ana:hunter2@h/x?{parameters}",
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert re.search(says, line)
    assert "hunter2" not in line


async def test_pool_sizes_are_settings(cluster: Postgres) -> None:
    url = cluster.create_database()
    database = connect(
        Settings(
            database_url=url, database_pool=1, database_pool_more=1, database_pool_seconds=0.05
        )
    )
    try:
        async with database.engine.connect(), database.engine.connect():
            with pytest.raises(PoolTimeout):
                async with database.engine.connect():
                    pass
        async with database.engine.connect() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
    finally:
        await database.dispose()


@contextlib.contextmanager
def listening(answer: bool) -> Iterator[int]:
    """Give a port where somebody listens who is no PostgreSQL: hangs up at once, or says nothing at all."""
    taken = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    near, _ = listener.accept()
                    if answer:
                        near.close()
                    else:
                        taken.append(near)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for each in taken:
        each.close()


@pytest.mark.parametrize("kind", ["nobody", "hangs up", "silent", "no such host"])
@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("db", "upgrade"), ("db", "check"), ("user", "list")]
)
def test_an_absent_postgresql_is_one_line(
    tmp_path: Path, kind: str, command: tuple[str, ...]
) -> None:
    with contextlib.ExitStack() as stack:
        host = {"nobody": "127.0.0.1:1", "no such host": "nowhere.invalid"}.get(kind)
        if host is None:
            host = f"127.0.0.1:{stack.enter_context(listening(kind == 'hangs up'))}"
        url = f"postgres://ana:hunter2@{host}/x?connect_timeout=1"
        done = pizarra(
            *command, environment={"DATABASE_URL": url, "PIZARRA_DATA_DIR": str(tmp_path)}
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("pizarra: ")
    assert f"postgresql://ana@{host}/x cannot be used: " in line
    assert not line.endswith(": ")
    assert "hunter2" not in line
    if kind == "silent":
        assert "does not answer in time" in line


def test_doctor_says_it_in_one_line_too(tmp_path: Path) -> None:
    url = "postgres://ana:hunter2@127.0.0.1:1/x"
    done = pizarra(
        "doctor",
        "--data-dir",
        tmp_path,
        "--database-url",
        url,
        environment={"PIZARRA_RUNNER": "workers"},
    )
    assert "Traceback" not in done.stderr
    assert re.search(
        r"^✗ database: postgresql://ana@127\.0\.0\.1:1/x: .+\n    Start it, or mend",
        done.stdout,
        re.MULTILINE,
    )
