"""What accounts take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.access.revalidation import Revalidation
from pizarra.accounts.oidc import Provider
from pizarra.accounts.passwords import Passwords
from pizarra.http.rate_limits import Rates


class AccountParts(Parts, Protocol):
    """Those that say who somebody is, and:"""

    revalidation: Revalidation
    rates: Rates
    passwords: Passwords
    oidc: Provider | None


AccountPartsDep = Annotated[AccountParts, Depends(get_parts)]
