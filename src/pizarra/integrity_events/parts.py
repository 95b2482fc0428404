"""What happens between people, and what it takes of the application."""

from typing import Protocol

from pizarra.access.parts import Parts
from pizarra.integrity_events.absence import Absences


class IntegrityParts(Parts, Protocol):
    """Those of every feature, and:"""

    absences: Absences
