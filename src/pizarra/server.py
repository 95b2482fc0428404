"""Starting to serve: everything that can be wrong is found first and said in one sentence."""

import asyncio
import errno
import gc
import os
import signal
import socket
from collections.abc import Callable

import uvicorn

from pizarra import migrate
from pizarra.accounts import service as accounts
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, DatabaseUrlError, connect, database_url
from pizarra.kit.clock import utc_now
from pizarra.logs import mask
from pizarra.main import create_app
from pizarra.socket_protocol import SocketProtocol, http_protocol


class StartError(RuntimeError):
    """The server cannot start; the message says why and what to do."""


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until told to stop; `announce` is called with the address once it answers.

    Raises:
        StartError: something is in the way.
    """
    _check_address(settings)
    _check_data_dir(settings)
    asyncio.run(check_database(settings))
    listener = _listen(settings)
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http=http_protocol(settings.request_head_seconds),
        ws=SocketProtocol,
        ws_max_size=settings.max_frame_bytes,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=max(1, int(settings.shutdown_seconds)),
    )
    url = settings.public_url or f"http://{host}:{port}"
    setup = asyncio.run(setup_link(settings))

    def on_ready() -> None:
        announce(url)
        if setup is not None:
            reachable = url if settings.public_url or not _is_any(settings.host) else f"http://127.0.0.1:{port}"
            print(  # noqa: T201 - to the person who started it, never into a log
                "Nobody may look after accounts yet. "
                f"Make the first account within {settings.setup_minutes} minutes, once:\n"
                f"  {reachable}/welcome#{setup}\n"
                "From another computer, put this one's name in place of 127.0.0.1. Later: start again, or "
                "`pizarra user add`.",
                flush=True,
            )

    server = _Server(config, on_ready)
    # uvicorn stops gracefully on these, then raises them again for whoever listened before: nobody.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    collect_seldom()
    server.run(sockets=[listener])
    if not server.started:
        raise StartError("The server did not start; the lines above say why.")


def collect_seldom() -> None:
    """Have the garbage collector leave alone what was imported: it stays, and every frame makes some garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


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
            return await accounts.make_link(db, utc_now(), None, settings.setup_minutes)
    finally:
        await database.dispose()


class _Server(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _check_address(settings: Settings) -> None:
    if settings.auth == "local" and not settings.trusts_local:
        raise StartError(
            f"{settings.public_url or settings.host} can be reached by others, so everybody must sign in: take "
            "PIZARRA_AUTH=local away. To be trusted without signing in, serve on 127.0.0.1 without a proxy."
        )
    if settings.workers > 1:
        raise StartError(
            "This version serves from one process. Leave --workers out; one process serves hundreds of people."
        )
    if settings.redis_url is not None:
        raise StartError("This version has no use for Valkey/Redis yet. Leave --redis-url out.")


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
    except migrate.SchemaError as error:
        raise StartError(str(error)) from error
    except DATABASE_ERRORS as error:
        where = database_url(settings).render_as_string(hide_password=True)
        reason = mask(str(getattr(error, "orig", None) or error)).splitlines()[0]
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
        raise StartError(f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}") from error
    listener.setblocking(False)
    return listener
