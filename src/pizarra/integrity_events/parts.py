"""What happens between people, and what it takes of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import RoomParts, get_parts
from pizarra.http.rate_limits import Rates
from pizarra.integrity_events.absence import Absences
from pizarra.timeline.append.journal import SqlJournal


class IntegrityParts(RoomParts, Protocol):
    """Those of whoever tells a room something, and:"""

    journal: SqlJournal
    rates: Rates
    absences: Absences


IntegrityPartsDep = Annotated[IntegrityParts, Depends(get_parts)]
