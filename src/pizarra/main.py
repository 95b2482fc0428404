"""Puts the application together, and does nothing else."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import configure_mappers
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from pizarra import __version__, websocket
from pizarra.access.signing_key import has_signing_key, warn_of_a_lost_key
from pizarra.answers.wire import Wire
from pizarra.background import Background
from pizarra.cluster.advisory_locks import AdvisoryLock, Chore, if_free
from pizarra.cluster.nodes import Nodes
from pizarra.cluster.siblings import Siblings
from pizarra.composition import build_services
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.errors import install_error_handlers
from pizarra.health.figures import read_figures
from pizarra.http.asgi import OnDemand
from pizarra.http.fast_path import FastPath
from pizarra.http.metrics import Metrics
from pizarra.http.page import install_page
from pizarra.http.security import BodyLimit, HostCheck, SecurityHeaders
from pizarra.http.shell import Shell
from pizarra.http.tracing import trace
from pizarra.kit.clock import Clock, utc_now
from pizarra.kit.watchdog import Watchdog
from pizarra.migrations import migrate
from pizarra.models import InterviewSession
from pizarra.openapi.document import DESCRIPTION, install_openapi
from pizarra.routes import ROUTERS
from pizarra.sessions.retention import Retention
from pizarra.storage.failures import DATABASE_ERRORS
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
        app.router.routes.extend(router.routes)
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
    fast_path = FastPath(settings.json_bounds, settings.public_url)
    app.add_middleware(Shell, metrics=metrics, fast_path=fast_path)
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
        async with if_free(services.database, AdvisoryLock.CHORE, Chore.PACKING) as free:
            if free:
                await sealer.seal_due()  # what it has to read lies in rows still, not in chunks
                await packer.pack_due()

    async def erase_due() -> None:
        async with if_free(services.database, AdvisoryLock.CHORE, Chore.ERASING) as free:
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
        await leave(services.nodes)
        await services.journal.close()
        await services.database.dispose()


async def leave(nodes: Nodes) -> None:
    """Serve no more; without a database the others find out by themselves."""
    try:
        await nodes.leave()
    except DATABASE_ERRORS as error:
        log.warning("not said goodbye: %s", type(error).__name__)


async def warm_up(database: Database) -> None:
    """Import, configure and compile what the first request would wait for, and everybody with it."""
    await run_in_threadpool(configure_mappers)
    async with database.read() as db:
        await db.execute(select(InterviewSession).limit(0))


app = OnDemand(create_app)
