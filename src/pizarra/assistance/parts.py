"""What the editor's questions take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import get_parts
from pizarra.assistance.formatting_leases import FormattingLeases
from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.http.rate_limits import Rates
from pizarra.sandbox.runner.client import RunnerClient


class AssistanceParts(Protocol):
    """All that is needed to answer them."""

    settings: Settings
    database: Database
    hub: Hub
    runner: RunnerClient
    rates: Rates
    formatting: FormattingLeases


AssistancePartsDep = Annotated[AssistanceParts, Depends(get_parts)]
