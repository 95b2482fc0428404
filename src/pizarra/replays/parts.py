"""What replay links take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.http.rate_limits import Rates


class ReplayParts(Parts, Protocol):
    """Those that say who somebody is, and:"""

    rates: Rates


ReplayPartsDep = Annotated[ReplayParts, Depends(get_parts)]
