"""What questions take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.disk import Disk
from pizarra.access.parts import get_parts
from pizarra.execution.parts import ExecutionParts
from pizarra.http.idempotency import Idempotency
from pizarra.questions.package_queue import PackageQueue
from pizarra.questions.proving import Prover
from pizarra.questions.samples import Samples
from pizarra.sandbox.runner.client import RunnerClient


class QuestionParts(ExecutionParts, Protocol):
    """Those of whoever runs programs, and:"""

    disk: Disk
    runner: RunnerClient
    idempotency: Idempotency
    samples: Samples
    prover: Prover
    packages: PackageQueue


QuestionPartsDep = Annotated[QuestionParts, Depends(get_parts)]
