"""Builds the parts of a server from its settings, and tells each of those whom it concerns."""

import time

from pizarra.access.disk import Disk
from pizarra.access.revalidation import Revalidation
from pizarra.access.signing_key import signing_key
from pizarra.access.worker_tokens import ConnectedWorkers
from pizarra.accounts.oidc import Provider
from pizarra.accounts.passwords import Passwords
from pizarra.assistance.formatting_leases import FormattingLeases
from pizarra.cluster.bus import ClusterBus
from pizarra.cluster.connected import ConnectedPeople
from pizarra.cluster.nodes import Nodes, key_hash
from pizarra.cluster.postgres_bus import PostgresBus
from pizarra.cluster.siblings import Siblings
from pizarra.collab.hub import Hub
from pizarra.collab.limits import ConnectionLimits, RoomLimits
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.execution.elsewhere import RunsElsewhere
from pizarra.execution.limits import terminal_limits
from pizarra.execution.supervisor import RunSupervisor
from pizarra.exports.slots import ExportSlots
from pizarra.health.readiness import Readiness
from pizarra.http.address_limit import AddressLimit
from pizarra.http.idempotency import Idempotency
from pizarra.http.metrics import Metrics
from pizarra.http.rate_limits import Rates
from pizarra.integrity_events.absence import Absences
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner
from pizarra.questions.package_queue import PackageQueue
from pizarra.questions.proving import Prover
from pizarra.questions.samples import Samples
from pizarra.realtime.arriving import Arriving
from pizarra.realtime.from_elsewhere import Teller
from pizarra.realtime.joining import Joining
from pizarra.realtime.room_events import RoomEvents
from pizarra.realtime.roster import Roster
from pizarra.runs.preparing import Preparer
from pizarra.runs.reruns import Reruns
from pizarra.runs.reruns_elsewhere import RerunsElsewhere
from pizarra.sandbox import libraries
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.settings import RunnerSettings
from pizarra.sandbox.toolchains import default_folder
from pizarra.services import Services
from pizarra.sessions.language import LanguageWatcher
from pizarra.test_cases.evaluator import Evaluator
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.append.recent import Recent


def build_preparer(settings: Settings) -> Preparer:
    """Return what has programs compiled ahead of time."""
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
    revalidation = Revalidation(database, clock, settings.access_check_seconds)
    preparer, signer = build_preparer(settings), TokenSigner(signing_key(settings))
    nodes = Nodes(database, key_hash(signer), settings.node_dead_seconds)
    bus, teller = build_bus(settings, database, nodes, signer, metrics), Teller(database, clock)
    events = RoomEvents(metrics, watcher, preparer, teller)
    hub = watcher.hub = Hub(journal, room_limits(settings), events, bus)
    preparer.attach(hub, runner := _runner(settings, metrics))
    parts = (settings, database, disk, journal, hub, runner, clock, metrics)
    runs = RunSupervisor(*parts, node=nodes.id, elsewhere=RunsElsewhere(bus, database, settings))
    teller.is_followed, teller.on_rights = runs.is_own, revalidation.look
    connected = ConnectedPeople(database, nodes, hub.people_here)
    runs.on_end = (evaluator := Evaluator(settings, database, hub, runner, clock)).ask
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
        workers=ConnectedWorkers(database),
        runs=runs,
        evaluator=evaluator,
        prover=Prover(settings, database, runner, clock),
        packages=PackageQueue(settings),
        samples=Samples(settings, database, hub, runner, clock),
        reruns=(reruns := Reruns(runner, clock, settings)),
        reruns_elsewhere=connect_cluster(nodes, bus, journal, hub, runs, reruns, connected),
        metrics=metrics,
        address_limit=AddressLimit(settings.max_connections_per_address),
        arriving=Arriving(settings.max_arriving_bytes_per_room),
        joining=Joining(database, hub, bus, settings.database_pool),
        rates=build_rates(settings, signer),
        export_slots=ExportSlots(settings.max_exports_per_person, settings.max_exports_per_session),
        refused=_refusals(settings),
        idempotency=Idempotency(clock, settings.max_idempotency_keys, settings.idempotency_hours),
        formatting=FormattingLeases(clock, settings.format_turn_seconds),
        passwords=Passwords(settings.max_sign_ins_waiting),
        revalidation=revalidation,
        oidc=_provider(settings),
        readiness=Readiness(database, settings.readiness_seconds, settings.readiness_wait_seconds),
    )


def _runner(settings: Settings, metrics: Metrics) -> RunnerClient:
    """Return what runs programs: this machine, workers that dial in, or both."""
    wanted = (runner_settings(settings), terminal_limits(settings), settings.runner_socket)
    runner = RunnerClient(*wanted, embedded=settings.runner != "workers")
    runner.on_held, runner.on_sent = metrics.runner_holds.inc, metrics.count_run
    return runner


def _refusals(settings: Settings) -> TokenBuckets:
    """Return what counts how often people are refused something on sockets."""
    most = settings.max_refusals_per_minute
    return TokenBuckets(most / 60, most, time.monotonic)


def _provider(settings: Settings) -> Provider | None:
    """Return the identity provider that the settings name, or None."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    # Its libraries are a twentieth of what is imported at a start.
    from pizarra.accounts.oidc_provider import OidcProvider

    return OidcProvider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


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
    journal.commits.on_entries, nodes.on_gone = hub.committed, hub.forget_node
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
        snapshot_bytes=settings.snapshot_bytes,
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
