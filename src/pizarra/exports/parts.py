"""What exports take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.exports.slots import ExportSlots


class ExportParts(Parts, Protocol):
    """Those of every feature, and:"""

    export_slots: ExportSlots


ExportPartsDep = Annotated[ExportParts, Depends(get_parts)]
