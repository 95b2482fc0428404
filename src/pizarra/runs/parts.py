"""What runs take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import get_parts
from pizarra.execution.parts import ExecutionParts
from pizarra.http.idempotency import Idempotency
from pizarra.runs.reruns import Reruns
from pizarra.runs.reruns_elsewhere import RerunsElsewhere
from pizarra.sandbox.runner.client import RunnerClient


class RunParts(ExecutionParts, Protocol):
    """Those of whoever stops programs, and:"""

    runner: RunnerClient
    idempotency: Idempotency
    reruns: Reruns
    reruns_elsewhere: RerunsElsewhere


RunPartsDep = Annotated[RunParts, Depends(get_parts)]
