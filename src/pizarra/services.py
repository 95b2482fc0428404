"""What the application is made of, as one value that requests and sockets reach through `app.state.services`."""

from dataclasses import dataclass

from pizarra.access.disk import Disk
from pizarra.access.revalidation import Revalidation
from pizarra.access.worker_tokens import ConnectedWorkers
from pizarra.accounts.oidc import Provider
from pizarra.accounts.passwords import Passwords
from pizarra.assistance.formatting_leases import FormattingLeases
from pizarra.cluster.bus import ClusterBus
from pizarra.cluster.connected import ConnectedPeople
from pizarra.cluster.nodes import Nodes
from pizarra.cluster.siblings import Siblings
from pizarra.collab.hub import Hub
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.config import Settings
from pizarra.database import Database
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
from pizarra.realtime.joining import Joining
from pizarra.realtime.roster import Roster
from pizarra.runs.reruns import Reruns
from pizarra.runs.reruns_elsewhere import RerunsElsewhere
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.test_cases.evaluator import Evaluator
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.append.recent import Recent


@dataclass(slots=True)
class Services:
    """Built once by `create_app`, started and stopped by its lifespan."""

    settings: Settings
    clock: Clock
    database: Database
    disk: Disk
    signer: TokenSigner
    recent: Recent
    nodes: Nodes
    siblings: Siblings
    bus: ClusterBus
    journal: SqlJournal
    hub: Hub
    connected: ConnectedPeople
    roster: Roster
    absences: Absences
    runner: RunnerClient
    workers: ConnectedWorkers
    runs: RunSupervisor
    reruns: Reruns
    reruns_elsewhere: RerunsElsewhere
    evaluator: Evaluator
    samples: Samples
    prover: Prover
    packages: PackageQueue
    metrics: Metrics
    address_limit: AddressLimit
    arriving: Arriving
    joining: Joining
    rates: Rates
    export_slots: ExportSlots
    refused: TokenBuckets  # requests on sockets, by person
    idempotency: Idempotency
    formatting: FormattingLeases
    passwords: Passwords
    revalidation: Revalidation
    oidc: Provider | None
    readiness: Readiness
