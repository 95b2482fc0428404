"""What exports take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import RoomParts, get_parts
from pizarra.exports.slots import ExportSlots
from pizarra.timeline.append.recent import Recent


class ExportParts(RoomParts, Protocol):
    """Those of whoever looks into rooms, and:"""

    recent: Recent
    export_slots: ExportSlots


ExportPartsDep = Annotated[ExportParts, Depends(get_parts)]
