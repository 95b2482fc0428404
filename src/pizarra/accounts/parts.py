"""What accounts take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.accounts.oidc import Provider
from pizarra.accounts.passwords import Passwords


class AccountParts(Parts, Protocol):
    """Those of every feature, and:"""

    passwords: Passwords
    oidc: Provider | None


AccountPartsDep = Annotated[AccountParts, Depends(get_parts)]
