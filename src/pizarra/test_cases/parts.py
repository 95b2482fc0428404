"""What tests take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.test_cases.evaluator import Evaluator


class TestParts(Parts, Protocol):
    """Those of every feature, and:"""

    evaluator: Evaluator


TestPartsDep = Annotated[TestParts, Depends(get_parts)]
