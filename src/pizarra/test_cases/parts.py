"""What tests take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import RoomParts, get_parts
from pizarra.test_cases.evaluator import Evaluator


class TestParts(RoomParts, Protocol):
    """Those of whoever tells a room something, and:"""

    evaluator: Evaluator


TestPartsDep = Annotated[TestParts, Depends(get_parts)]
