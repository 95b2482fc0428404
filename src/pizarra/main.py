"""Puts the application together, and does nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from pizarra import __version__, migrate, websocket
from pizarra.accounts.oidc import provider_of
from pizarra.accounts.passwords import Passwords
from pizarra.attendance import Attendance
from pizarra.chores import Chores
from pizarra.collab.hub import Hub
from pizarra.collab.limits import ConnectionLimits, RoomLimits
from pizarra.config import Settings
from pizarra.database import connect
from pizarra.errors import install_error_handlers
from pizarra.gate import Gate
from pizarra.kit.clock import Clock, utc_now
from pizarra.kit.tokens import TokenSigner, load_or_create_key
from pizarra.logs import RequestLog
from pizarra.metrics import Metrics
from pizarra.openapi import DESCRIPTION, install_openapi
from pizarra.page import install_page
from pizarra.participants.keeper import Keeper
from pizarra.rates import Rates
from pizarra.retention import Retention
from pizarra.room_events import RoomEvents
from pizarra.routes import ROUTERS
from pizarra.runs.limits import pipe_limits, terminal_limits
from pizarra.runs.preparing import Preparer
from pizarra.runs.reruns import Reruns
from pizarra.runs.supervisor import RunSupervisor
from pizarra.sandbox.client import RunnerClient, RunnerConfig
from pizarra.sandbox.toolchains import default_folder
from pizarra.security import BodyLimit, HostCheck, SecurityHeaders
from pizarra.services import Services
from pizarra.sessions.language import LanguageWatcher
from pizarra.test_cases.evaluator import Evaluator
from pizarra.timeline.journal import SqlJournal
from pizarra.timeline.packing import Packer
from pizarra.timeline.recent import Recent
from pizarra.timeline.sealing import Sealer


def create_app(settings: Settings, clock: Clock = utc_now) -> FastAPI:
    """Return the application. Nothing is opened before its lifespan starts."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = build_services(settings, clock, metrics)
        app.state.services = services
        await migrate.prepare(services.database)
        await services.runs.recover()
        services.hub.start()
        services.runner.start()
        services.keeper.start()
        retention = Retention(settings, services.database, services.hub, clock)
        sealer = Sealer(services.database, services.signer, clock, services.recent)
        packer = Packer(services.database, services.recent)

        async def pack_due() -> None:
            await sealer.seal_due()  # what it has to read lies in rows still, not in chunks
            await packer.pack_due()

        chores = Chores(metrics.chore_seconds)
        chores.every(settings.retention_check_seconds, "erasing", retention.erase_due, at_once=True)
        chores.every(settings.seal_seconds, "sealing", sealer.seal_due)
        chores.every(settings.pack_seconds, "packing", pack_due)
        chores.add(metrics.watch_loop())
        chores.add(services.evaluator.work())
        try:
            yield
        finally:
            chores.stop()
            await services.keeper.stop()
            await services.hub.stop()
            await services.runner.stop()
            await services.runs.stop()
            await services.journal.close()
            await services.database.dispose()

    app = FastAPI(
        title="Pizarra",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.router.routes.append(websocket.ROUTE)
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    install_openapi(app)
    install_page(app)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.own_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_credentials=True,
        expose_headers=["X-Request-ID"],
    )
    app.add_middleware(SecurityHeaders)
    if settings.public_url is not None:
        app.add_middleware(HostCheck, public_url=settings.public_url)
    app.add_middleware(RequestLog, metrics=metrics)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


def build_services(settings: Settings, clock: Clock, metrics: Metrics) -> Services:
    """Return the parts of the application, connected but not started.

    Raises:
        DatabaseUrlError: the database address cannot be used.
        OSError: the data directory cannot be written.
    """
    database = connect(settings)
    recent = Recent(settings.recent_bytes)
    journal = SqlJournal(database, clock, settings.commit_window_ms / 1000, metrics.commit, recent)
    watcher = LanguageWatcher(database, clock)
    preparer = Preparer(settings.prepare_seconds)
    hub = Hub(journal, room_limits(settings), RoomEvents(metrics, watcher, preparer))
    watcher.hub = hub
    runner = RunnerClient(
        RunnerConfig(
            slots=settings.runner_slots,
            queue=settings.runner_queue,
            warm=settings.runner_warm,
            cache_bytes=settings.runner_cache_bytes,
            language_servers=settings.max_language_servers,
            compile_seconds=settings.compile_seconds,
            compile_memory_bytes=settings.compile_memory_bytes,
            first_uid=settings.runner_first_uid,
            sandbox=settings.sandbox,
            sandbox_dir=settings.sandbox_dir,
            tools=settings.cache_dir or default_folder(),
            terminal_limits=terminal_limits(settings),
            socket_path=settings.runner_socket,
        )
    )
    preparer.attach(hub, runner)
    runs = RunSupervisor(settings, database, journal, hub, runner, clock, metrics)
    evaluator = Evaluator(settings, database, hub, runner, runs, clock)
    runs.on_end = evaluator.ask
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        signer=TokenSigner(signing_key(settings)),
        recent=recent,
        journal=journal,
        hub=hub,
        attendance=Attendance(journal),
        runner=runner,
        runs=runs,
        evaluator=evaluator,
        reruns=Reruns(
            runner,
            clock,
            pipe_limits(settings),
            kept=settings.max_reruns_kept,
            per_address=settings.max_runs_per_address,
        ),
        metrics=metrics,
        gate=Gate(settings.max_connections_per_address),
        rates=Rates(),
        passwords=Passwords(),
        keeper=Keeper(database, clock, settings.access_check_seconds),
        oidc=provider_of(settings),
    )


def signing_key(settings: Settings) -> bytes:
    """Return the key that invitations and credentials are derived from."""
    if settings.secret_key is not None:
        return settings.secret_key.encode()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return load_or_create_key(settings.data_dir / "secret.key")


def room_limits(settings: Settings) -> RoomLimits:
    """Return the limits of rooms."""
    return RoomLimits(
        document_text_bytes=settings.max_text_bytes,
        document_bytes=settings.max_document_bytes,
        connections=settings.max_connections_per_room,
        clients_per_person=settings.max_clients_per_person,
        pending_updates=settings.max_pending_updates,
        batch_updates=settings.batch_updates,
        snapshot_updates=settings.snapshot_updates,
        commit_retries=settings.commit_retries,
        presence_bytes=settings.max_presence_bytes,
        presence_tick_seconds=settings.presence_tick_ms / 1000,
        idle_seconds=settings.room_idle_seconds,
        follow_seconds=settings.follow_seconds,
        connection=ConnectionLimits(
            outbox_bytes=settings.max_outbox_bytes,
            updates_per_second=settings.max_updates_per_second,
            presence_per_second=settings.max_presence_per_second,
            syncs_per_second=settings.max_syncs_per_second,
            clients=settings.max_clients_per_connection,
            keepalive_seconds=settings.keepalive_seconds,
            silence_seconds=settings.silence_seconds,
            probe_seconds=settings.probe_seconds,
        ),
    )
