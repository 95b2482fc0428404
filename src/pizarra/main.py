"""Puts the application together, and does nothing else."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import configure_mappers
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from pizarra import __version__, websocket
from pizarra.access.disk import Disk
from pizarra.access.revalidation import Revalidation
from pizarra.access.worker_tokens import WorkerKeeper
from pizarra.accounts.oidc import provider_of
from pizarra.accounts.passwords import Passwords
from pizarra.answers.wire import Wire
from pizarra.assistance.turns import Turns
from pizarra.background import Background
from pizarra.cluster.bus import ClusterBus
from pizarra.cluster.connected import ConnectedPeople
from pizarra.cluster.nodes import Nodes, key_hash
from pizarra.cluster.postgres_bus import PostgresBus
from pizarra.cluster.siblings import Siblings
from pizarra.cluster.turns import Chore, Turn, if_free
from pizarra.collab.hub import Hub
from pizarra.collab.limits import ConnectionLimits, RoomLimits
from pizarra.collab.rate import Rates as Buckets
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, Database, connect
from pizarra.errors import install_error_handlers
from pizarra.execution.elsewhere import RunsElsewhere
from pizarra.execution.limits import terminal_limits
from pizarra.execution.supervisor import RunSupervisor
from pizarra.exports.slots import ExportSlots
from pizarra.health.figures import read_figures
from pizarra.health.readiness import Readiness
from pizarra.http.address_limit import AddressLimit
from pizarra.http.asgi import OnDemand
from pizarra.http.fast_road import FastRoad
from pizarra.http.idempotency import Idempotency
from pizarra.http.metrics import Metrics
from pizarra.http.page import install_page
from pizarra.http.rate_limits import Rates
from pizarra.http.security import BodyLimit, HostCheck, SecurityHeaders
from pizarra.http.shell import Shell
from pizarra.http.tracing import trace
from pizarra.integrity_events.absence import Absences
from pizarra.kit.clock import Clock, utc_now
from pizarra.kit.text import counted
from pizarra.kit.tokens import TokenSigner, load_or_create_key
from pizarra.kit.watchdog import Watchdog
from pizarra.migrations import migrate
from pizarra.models import InterviewSession
from pizarra.openapi.document import DESCRIPTION, install_openapi
from pizarra.questions.package_line import PackageLine
from pizarra.questions.proving import Prover
from pizarra.questions.samples import Samples
from pizarra.realtime.room_events import RoomEvents
from pizarra.realtime.roster import Roster
from pizarra.realtime.telling import Teller
from pizarra.routes import ROUTERS
from pizarra.runs.preparing import Preparer
from pizarra.runs.reruns import Reruns
from pizarra.runs.reruns_elsewhere import RerunsElsewhere
from pizarra.sandbox import libraries
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.settings import RunnerSettings
from pizarra.sandbox.toolchains import default_folder
from pizarra.services import Services
from pizarra.sessions.language import LanguageWatcher
from pizarra.sessions.retention import Retention
from pizarra.test_cases.evaluator import Evaluator
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.integrity.sealing import Sealer
from pizarra.timeline.packing.packer import Packer

log = logging.getLogger(__name__)


def create_app(
    settings: Settings | None = None, clock: Clock = utc_now, siblings: Siblings | None = None
) -> FastAPI:
    """Return the application, by default with the settings of the environment, as the one process that serves.

    Nothing is opened before its lifespan starts.
    """
    settings = settings or Settings()
    known = siblings or Siblings()
    metrics = Metrics()

    app = FastAPI(
        title="Pizarra",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lambda app: _lifespan(app, settings, clock, metrics, known),
        generate_unique_id_function=lambda route: route.name,
        openapi_url=None,  # ours is served by `install_openapi`
        docs_url=None,
        redoc_url=None,
        # It would write whole addresses into spans, invitations among them: see `http/tracing.py`.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.metrics = metrics
    app.router.routes.append(websocket.WORKER_ROUTE)
    app.router.routes.append(websocket.ROUTE)
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    install_openapi(app)
    app.router.routes.append(websocket.ELSEWHERE)
    install_page(app)
    _add_middlewares(app, settings, metrics)
    return app


def _add_middlewares(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Have requests meet the last one first."""
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.max_body_bytes,
        json=settings.json_bounds,
        archives={"/api/questions/import": settings.max_package_bytes},
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.own_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        allow_credentials=True,
        expose_headers=[
            "X-Request-ID",
            "Location",
            "Link",
            "X-Total-Count",
            "ETag",
            "Retry-After",
            "WWW-Authenticate",
        ],
    )
    app.add_middleware(SecurityHeaders)
    if settings.public_url is not None:
        app.add_middleware(HostCheck, public_url=settings.public_url)
    app.add_middleware(Wire)
    fast_road = FastRoad(settings.json_bounds, settings.public_url)
    app.add_middleware(Shell, metrics=metrics, fast_road=fast_road)
    if settings.tracing:
        trace(app)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)


@asynccontextmanager
async def _lifespan(
    app: FastAPI, settings: Settings, clock: Clock, metrics: Metrics, siblings: Siblings
) -> AsyncIterator[None]:
    had_key = has_signing_key(settings)
    services = build_services(settings, clock, metrics, siblings)
    app.state.services = services
    siblings.figures = lambda: read_figures(services)
    await migrate.prepare(services.database)
    if not had_key:
        await warn_of_a_lost_key(settings, services.database)
    await services.nodes.join()
    build_routes(app)
    await warm_up(services.database)
    watchdog = Watchdog(lambda _seconds: metrics.loop_holds.inc()).start()
    services.hub.start()
    services.runner.on_held = metrics.runner_holds.inc
    services.runner.start()
    services.revalidation.start()
    retention = Retention(settings, services.database, services.disk, services.hub, clock)
    sealer = Sealer(services.database, services.signer, clock, services.recent)
    packer = Packer(services.database, services.recent)

    async def pack_due() -> None:
        async with if_free(services.database, Turn.CHORE, Chore.PACKING) as free:
            if free:
                await sealer.seal_due()  # what it has to read lies in rows still, not in chunks
                await packer.pack_due()

    async def erase_due() -> None:
        async with if_free(services.database, Turn.CHORE, Chore.ERASING) as free:
            if free:
                await retention.erase_due()

    background = Background(metrics.chore_seconds)
    background.every(settings.retention_check_seconds, "erasing", erase_due, at_once=True)
    background.every(settings.seal_seconds, "sealing", sealer.seal_due)
    background.every(settings.pack_seconds, "packing", pack_due)
    background.every(settings.node_beat_seconds, "nodes", services.nodes.beat)
    background.every(settings.node_beat_seconds, "connected", services.connected.tell)
    background.every(settings.access_check_seconds, "workers", services.workers.look)
    background.every(60, "forgetting", services.reruns.forget_old)
    background.every(10, "room", services.disk.look, at_once=True)
    background.add(metrics.watch_loop())
    background.add(services.evaluator.work())
    background.add(services.bus.work())
    try:
        yield
    finally:
        watchdog.stop()
        await background.stop()
        await services.revalidation.stop()
        services.readiness.stop()
        await services.samples.stop()
        await services.prover.stop()
        services.packages.stop()
        await services.rates.stop()
        await services.hub.stop()
        await services.runner.stop()
        await services.runs.stop()
        await leave(services)
        await services.journal.close()
        await services.database.dispose()


async def leave(services: Services) -> None:
    """Serve no more; without a database the others find out by themselves."""
    try:
        await services.nodes.leave()
    except DATABASE_ERRORS as error:
        log.warning("not said goodbye: %s", type(error).__name__)


def build_routes(app: FastAPI) -> None:
    """Have FastAPI prepare all routes now: else it does while somebody's first request holds the event loop."""
    scope = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []}
    for route in app.router.routes:
        route.matches(dict(scope))


async def warm_up(database: Database) -> None:
    """Import, configure and compile what the first request would wait for, and everybody with it."""
    await run_in_threadpool(configure_mappers)
    async with database.read() as db:
        await db.execute(select(InterviewSession).limit(0))


def _preparer(settings: Settings) -> Preparer:
    return Preparer(
        settings.prepare_seconds, settings.run_source_files, settings.prepare_command_seconds
    )


def build_services(
    settings: Settings, clock: Clock, metrics: Metrics, siblings: Siblings
) -> Services:
    """Return the parts of the application, connected but not started.

    Raises:
        DatabaseUrlError: the database address cannot be used.
        OSError: the data directory cannot be written.
    """
    database = connect(settings, statement_seconds=settings.database_seconds)
    disk, recent = Disk(settings), Recent(settings.recent_bytes)
    journal = SqlJournal(database, clock, settings.commit_window_ms / 1000, metrics.commit, recent)
    watcher = LanguageWatcher(database, clock)
    preparer, signer = _preparer(settings), TokenSigner(signing_key(settings))
    nodes = Nodes(database, key_hash(signer), settings.node_dead_seconds)
    bus, teller = build_bus(settings, database, nodes, signer, metrics), Teller(database, clock)
    events = RoomEvents(metrics, watcher, preparer, teller)
    hub = watcher.hub = Hub(journal, room_limits(settings), events, bus)
    preparer.attach(hub, runner := _runner(settings, metrics))
    parts = (settings, database, disk, journal, hub, runner, clock, metrics)
    runs = RunSupervisor(*parts, node=nodes.id, elsewhere=RunsElsewhere(bus))
    teller.is_followed = runs.is_own
    reruns = Reruns(runner, clock, settings)
    connected = ConnectedPeople(database, nodes, hub.people_here)
    asked = connect_cluster(nodes, bus, journal, hub, runs, reruns, connected)
    evaluator = Evaluator(settings, database, hub, runner, clock)
    runs.on_end = evaluator.ask
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        disk=disk,
        signer=signer,
        recent=recent,
        nodes=nodes,
        siblings=siblings,
        bus=bus,
        journal=journal,
        hub=hub,
        connected=connected,
        roster=Roster(journal),
        absences=Absences(journal, clock),
        runner=runner,
        workers=WorkerKeeper(database),
        runs=runs,
        evaluator=evaluator,
        prover=Prover(settings, database, runner, clock),
        packages=PackageLine(settings),
        samples=Samples(settings, database, hub, runner, clock),
        reruns=reruns,
        reruns_elsewhere=asked,
        metrics=metrics,
        address_limit=AddressLimit(settings.max_connections_per_address),
        rates=build_rates(settings, signer),
        export_slots=ExportSlots(settings.max_exports_per_person, settings.max_exports_per_session),
        refused=_refusals(settings),
        idempotency=Idempotency(clock, settings.max_idempotency_keys, settings.idempotency_hours),
        turns=Turns(clock, settings.format_turn_seconds),
        passwords=Passwords(settings.max_sign_ins_waiting),
        revalidation=Revalidation(database, clock, settings.access_check_seconds),
        oidc=provider_of(settings),
        readiness=Readiness(database, settings.readiness_seconds, settings.readiness_wait_seconds),
    )


def _runner(settings: Settings, metrics: Metrics) -> RunnerClient:
    """Return what runs programs: this machine, workers that dial in, or both."""
    wanted = (runner_settings(settings), terminal_limits(settings), settings.runner_socket)
    runner = RunnerClient(*wanted, embedded=settings.runner != "workers")
    runner.on_held, runner.on_sent = metrics.runner_holds.inc, metrics.count_run
    return runner


def _refusals(settings: Settings) -> Buckets:
    """Return what counts how often people are refused something on sockets."""
    most = settings.max_refusals_per_minute
    return Buckets(most / 60, most, time.monotonic)


def build_bus(
    settings: Settings, database: Database, nodes: Nodes, signer: TokenSigner, metrics: Metrics
) -> ClusterBus:
    """Return the way to the other processes."""
    count = metrics.bus_messages.add
    most, waiting = settings.max_bus_message_bytes, settings.max_bus_waiting_bytes
    if settings.redis_url is None:
        return PostgresBus(database, nodes, most, waiting, count)
    # Its client takes 0.1 s to import, which only who wants it waits for.
    from pizarra.cluster.redis_bus import RedisBus

    bounds = {"max_message_bytes": most, "max_waiting_bytes": waiting}
    return RedisBus(settings.redis_url, nodes, signer, **bounds, count=count)


def build_rates(settings: Settings, signer: TokenSigner) -> Rates:
    """Return what counts how often somebody tries something."""
    if settings.redis_url is None:
        return Rates()
    from pizarra.http.shared_rates import SharedRates

    return SharedRates(settings.redis_url, signer)


def connect_cluster(
    nodes: Nodes,
    bus: ClusterBus,
    journal: SqlJournal,
    hub: Hub,
    runs: RunSupervisor,
    reruns: Reruns,
    connected: ConnectedPeople,
) -> RerunsElsewhere:
    """Have what the other processes do, and say, reach those whom it concerns; return the way to their reruns."""
    asked = RerunsElsewhere(bus, reruns)

    def hear(node: str, kind: str, subject: str, payload: bytes) -> None:
        if kind.startswith("run."):
            runs.hear(kind, subject, payload)
        elif kind.startswith("rerun."):
            asked.hear(node, kind, subject, payload)
        else:
            hub.hear(node, kind, subject, payload)

    async def give_up() -> None:
        connected.forget_told()
        await runs.give_up()

    bus.on_message, bus.on_open = hear, hub.ask_everywhere
    journal.on_entries, nodes.on_gone = hub.committed, hub.forget_node
    nodes.on_dead, nodes.on_lost = runs.end_orphans, give_up
    return asked


def runner_settings(settings: Settings) -> RunnerSettings:
    """Return what the runner is started with."""
    tools = settings.cache_dir or default_folder()
    return RunnerSettings(
        slots=settings.runner_slots,
        queue=settings.runner_queue,
        resting=settings.runner_resting,
        warm=settings.runner_warm,
        cache_bytes=settings.runner_cache_bytes,
        language_servers=settings.max_language_servers,
        compile_seconds=settings.compile_seconds,
        compile_memory_bytes=settings.compile_memory_bytes,
        first_uid=settings.runner_first_uid,
        sandbox=settings.sandbox,
        sandbox_dir=settings.sandbox_dir,
        tools=tools,
        libraries=settings.libraries_dir or libraries.default_folder(tools),
    )


def signing_key(settings: Settings) -> bytes:
    """Return the key that invitations and credentials are derived from, made if there is none."""
    if settings.secret_key is not None:
        return settings.secret_key.encode()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return load_or_create_key(settings.key_path)


def has_signing_key(settings: Settings) -> bool:
    """Tell whether there is a key already."""
    return settings.secret_key is not None or settings.key_path.exists()


async def warn_of_a_lost_key(settings: Settings, database: Database) -> None:
    """Say what it means that a key was made just now, if there are sessions that were made with another."""
    async with database.read() as db:
        sessions = await db.scalar(select(func.count()).select_from(InterviewSession))
    if sessions:
        log.warning(
            "%s was not there, and the database holds %s made with another key: every invitation sent so far "
            "and every guest's access is void, and what was recorded cannot be shown to be unchanged. Stop, put the "
            "key back from a backup, and start again; or go on and send new links.",
            settings.key_path,
            counted(sessions, "session"),
        )


def room_limits(settings: Settings) -> RoomLimits:
    """Return the limits of rooms."""
    return RoomLimits(
        document_text_bytes=settings.max_text_bytes,
        document_bytes=settings.max_document_bytes,
        connections=settings.max_connections_per_room,
        clients_per_person=settings.max_clients_per_person,
        pending_updates=settings.max_pending_updates,
        batch_updates=settings.batch_updates,
        update_pieces=settings.max_update_pieces,
        pieces_per_place=settings.max_pieces_per_place,
        gap_updates=settings.max_gap_updates,
        gap_bytes=settings.max_gap_bytes,
        files=settings.max_files,
        nested_types=settings.max_nested_types,
        cold_reads_waiting=settings.max_reads_waiting,
        log_bytes=settings.max_log_bytes,
        person_log_burst_bytes=settings.person_log_burst_bytes,
        person_log_bytes_per_second=settings.person_log_bytes_per_second,
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


app = OnDemand(create_app)
