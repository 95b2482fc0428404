"""What the application is made of, as one value that requests and sockets reach through `app.state.services`."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from pizarra.accounts.oidc import Provider
from pizarra.accounts.passwords import Passwords
from pizarra.attendance import Attendance
from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.gate import Gate
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner
from pizarra.metrics import Metrics
from pizarra.participants.keeper import Keeper
from pizarra.rates import Rates
from pizarra.runs.reruns import Reruns
from pizarra.runs.supervisor import RunSupervisor
from pizarra.sandbox.client import RunnerClient
from pizarra.test_cases.evaluator import Evaluator
from pizarra.timeline.journal import SqlJournal
from pizarra.timeline.recent import Recent


@dataclass(frozen=True, slots=True)
class Services:
    """Built once by `create_app`, started and stopped by its lifespan."""

    settings: Settings
    clock: Clock
    database: Database
    signer: TokenSigner
    recent: Recent
    journal: SqlJournal
    hub: Hub
    attendance: Attendance
    runner: RunnerClient
    runs: RunSupervisor
    reruns: Reruns
    evaluator: Evaluator
    metrics: Metrics
    gate: Gate
    rates: Rates
    passwords: Passwords
    keeper: Keeper
    oidc: Provider | None


def services_of(connection: HTTPConnection) -> Services:
    """Return the services behind a request or a socket."""
    services: Services = connection.app.state.services
    return services
