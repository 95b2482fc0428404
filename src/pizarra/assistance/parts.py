"""What the editor's questions take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.assistance.turns import Turns


class AssistanceParts(Parts, Protocol):
    """Those of every feature, and:"""

    turns: Turns


AssistancePartsDep = Annotated[AssistanceParts, Depends(get_parts)]
