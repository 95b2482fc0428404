"""Starting to serve: everything that can be wrong is found first and said in one sentence."""

import asyncio
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable

import uvicorn

from pizarra.access.signing_key import has_signing_key, signing_key, warn_of_a_lost_key
from pizarra.accounts import links
from pizarra.accounts import service as accounts
from pizarra.cluster.nodes import Nodes, OtherKeyError, key_hash
from pizarra.cluster.siblings import Siblings
from pizarra.composition import runner_settings
from pizarra.config import Settings, misspelt
from pizarra.database import connect
from pizarra.http.protocol import http_protocol
from pizarra.kit.clock import utc_now
from pizarra.kit.garbage import collect_seldom
from pizarra.kit.masking import mask
from pizarra.kit.tokens import DamagedKey, TokenSigner, read_key
from pizarra.main import create_app
from pizarra.migrations import migrate
from pizarra.operations.prefork.runner import SharedRunner
from pizarra.operations.prefork.supervisor import ENDS, Supervisor
from pizarra.operations.web_server import WebServer
from pizarra.realtime.socket_protocol import SocketProtocol
from pizarra.services import Services
from pizarra.storage.addresses import DatabaseUrlError, database_url, without_secret
from pizarra.storage.failures import DATABASE_ERRORS, reason_of, says_full
from pizarra.storage.restored import finish_restore

log = logging.getLogger(__name__)

_NOT_STARTED = "The server did not start; the lines above say why."


class StartError(RuntimeError):
    """The server cannot start; the message says why and what to do."""


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until told to stop; `announce` is called with the address once it answers.

    Raises:
        StartError: something is in the way.
    """
    for name, meant in misspelt(os.environ):
        log.warning("%s is no setting%s", name, f": did you mean {meant}?" if meant else "")
    _check_address(settings)
    _check_data_dir(settings)
    _check_key(settings)
    asyncio.run(check_database(settings))
    listener = _listen(settings)
    on_ready = _announcement(settings, listener.getsockname()[1], announce)
    if settings.workers > 1:
        _serve_from_many(settings, listener, on_ready)
        return
    server = _server(settings, Siblings(), on_ready)
    # uvicorn stops gracefully on these, then raises them again for whoever listened before: nobody.
    for number in ENDS:
        signal.signal(number, lambda *_: None)
    collect_seldom()
    server.run(sockets=[listener])
    if not server.started:
        raise StartError(_NOT_STARTED)


def _serve_from_many(
    settings: Settings, listener: socket.socket, on_ready: Callable[[], None]
) -> None:
    asyncio.run(_make_key(settings))
    runner = None
    if settings.runner_socket is None and settings.runner != "workers":
        runner = SharedRunner(runner_settings(settings))
        settings = settings.model_copy(update={"runner_socket": runner.path})
    siblings = Siblings()
    server = _server(settings, siblings, lambda: None)
    collect_seldom()

    def serve_one(number: int, channel: socket.socket) -> int:
        siblings.attach(number, channel)
        # Until uvicorn listens to these itself, and once it does no more.
        for each in ENDS:
            signal.signal(each, lambda *_: setattr(server, "should_exit", True))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        server.run(sockets=[])
        return 0 if server.started else 1

    try:
        if not Supervisor(settings, listener, runner, serve_one, on_ready).run():
            raise StartError(_NOT_STARTED)
    finally:
        if runner is not None:
            runner.close()


async def _make_key(settings: Settings) -> None:
    """Make the signing key where there is none, once for all processes."""
    if not has_signing_key(settings):
        signing_key(settings)
        database = connect(settings)
        try:
            await warn_of_a_lost_key(settings, database)
        finally:
            await database.dispose()


def _server(settings: Settings, siblings: Siblings, on_ready: Callable[[], None]) -> "WebServer":
    app = create_app(settings, siblings=siblings)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=http_protocol(settings, app.state.metrics.refuse),
        ws=SocketProtocol,
        ws_max_size=settings.max_frame_bytes,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=max(1, int(settings.shutdown_seconds)),
    )

    def on_exit() -> None:
        services: Services | None = getattr(app.state, "services", None)
        if services is not None:
            services.runs.stopping.set()
            services.runner.expect_end()

    return WebServer(config, siblings, on_ready, on_exit, settings.drain_seconds)


def _announcement(
    settings: Settings, port: int, announce: Callable[[str], None]
) -> Callable[[], None]:
    """Return what says that the server is ready, and how the first account is made."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = settings.public_url or f"http://{host}:{port}"
    setup = asyncio.run(setup_link(settings))

    def on_ready() -> None:
        announce(url)
        if setup is not None:
            _offer(settings, url, port, setup)

    return on_ready


def _offer(settings: Settings, url: str, port: int, setup: str) -> None:
    """Say how the first account is made."""
    reachable = (
        url if settings.public_url or not _is_any(settings.host) else f"http://127.0.0.1:{port}"
    )
    elsewhere = (
        ""
        if settings.public_url
        else "From another computer, put this one's name in place of 127.0.0.1. "
    )
    print(  # noqa: T201 - to the person who started it, never into a log
        "Nobody may look after accounts yet. "
        f"Make the first account within {settings.setup_minutes} minutes, once:\n"
        f"  {reachable}/welcome#{setup}\n"
        f"{elsewhere}Later: start again, or `pizarra user add`.",
        flush=True,
    )


def _is_any(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")  # noqa: S104 - compared, not bound


async def setup_link(settings: Settings) -> str | None:
    """Return the secret of a new link that makes the first account; None where it is not needed."""
    if settings.trusts_local:
        return None
    database = connect(settings)
    try:
        async with database.write() as db:
            if await accounts.has_administrator(db):
                return None
            return await links.make_link(db, utc_now(), None, settings.setup_minutes)
    finally:
        await database.dispose()


def _check_address(settings: Settings) -> None:
    if settings.auth == "local" and not settings.trusts_local:
        raise StartError(
            f"{settings.public_url or settings.host} can be reached by others, so everybody must sign in: take "
            "PIZARRA_AUTH=local away. To be trusted without signing in, serve on 127.0.0.1 without a proxy."
        )
    if settings.workers > 1 and settings.database_url is None:
        raise StartError(
            "SQLite is for one web process, which serves hundreds of people: leave --workers out. For more of them "
            "use PostgreSQL: `pizarra db move --to URL` takes everything there, then start with --database-url URL."
        )
    _check_redis(settings)


def _check_redis(settings: Settings) -> None:
    """Refuse an address that cannot be used. Whether anything answers there does not matter: it is a hint."""
    if settings.redis_url is None:
        return
    if settings.database_url is None:
        raise StartError(
            "--redis-url lets several processes serve one PostgreSQL, and this one keeps its data in SQLite. Give "
            "PostgreSQL's address with --database-url, or leave --redis-url out."
        )
    from pizarra.cluster.redis_bus import address_fault

    if (fault := address_fault(settings.redis_url)) is not None:
        raise StartError(f"--redis-url is no address of a Valkey/Redis: {fault}")


def _check_data_dir(settings: Settings) -> None:
    needed = settings.database_url is None or settings.secret_key is None
    if not needed:
        return
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".write-test-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"The data directory {folder} cannot be written ({error.strerror}). "
            "Choose another one with --data-dir, or give this user the right to write there."
        ) from error


def _check_key(settings: Settings) -> None:
    if settings.secret_key is not None:
        return
    try:
        if settings.database_url is None:
            finish_restore(settings)  # of whose key this is about
        if settings.key_path.exists():
            read_key(settings.key_path)
    except DamagedKey as error:
        raise StartError(f"{error}.") from error
    except OSError as error:
        raise StartError(f"{settings.key_path} cannot be read ({error.strerror}).") from error


async def check_database(settings: Settings) -> None:
    """Look whether the database can be used, and bring an embedded or empty one up to date.

    Raises:
        StartError: it cannot.
    """
    try:
        database = connect(settings)
    except DatabaseUrlError as error:
        raise StartError(str(error)) from error
    try:
        await migrate.prepare(database)
        # Without a key one would be made: another than any that is in use.
        known = has_signing_key(settings)
        mine = key_hash(TokenSigner(signing_key(settings))) if known else ""
        await Nodes(database, mine, settings.node_dead_seconds).require_one_key()
    except (migrate.SchemaError, OtherKeyError) as error:
        raise StartError(str(error)) from error
    except DATABASE_ERRORS as error:
        where = without_secret(database_url(settings))
        if says_full(error):
            raise StartError(
                f"The disk of the database at {where} is full. Make room, then start again."
            ) from error
        reason = mask(reason_of(error))
        raise StartError(f"The database at {where} cannot be used: {reason}") from error
    finally:
        await database.dispose()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {settings.port} is taken by another program (perhaps another Pizarra). "
                f"Stop it, or choose another port: pizarra serve --port {settings.port + 1}"
            ) from error
        raise StartError(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}"
        ) from error
    listener.setblocking(False)
    return listener
