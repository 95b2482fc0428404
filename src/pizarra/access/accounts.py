"""Accounts as parameters: who is signed in, and who may look after the others."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from pizarra.access.credentials import Caller
from pizarra.access.dependencies import CallerDep
from pizarra.access.identity import Actor
from pizarra.answers.codes import Code
from pizarra.errors import Forbidden, Unauthorized


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody with an account."""

    actor: Actor
    caller: Caller


async def get_signed(caller: CallerDep) -> Signed:
    """Give who is signed in.

    Raises:
        Unauthorized: nobody is.
    """
    if caller.account is None:
        raise Unauthorized("Sign in first.", code=Code.SIGN_IN_FIRST)
    return Signed(caller.account, caller)


SignedIn = Annotated[Signed, Depends(get_signed)]


async def get_in_person(signed: SignedIn) -> Signed:
    """Give who is signed in with a browser, or with an API token that may do everything its account may.

    Raises:
        Forbidden: an API token of a smaller scope.
    """
    if signed.actor.scope != "admin":
        raise Forbidden(
            "This API token may not look after accounts. Make one with the scope `admin`.",
            code=Code.TOKEN_SCOPE_TOO_SMALL,
        )
    return signed


InPerson = Annotated[Signed, Depends(get_in_person)]


async def get_administrator(signed: InPerson) -> Signed:
    """Give an administrator.

    Raises:
        Forbidden: somebody else.
    """
    if not signed.actor.may_administer:
        raise Forbidden("Only administrators can do this.", code=Code.ADMINISTRATORS_ONLY)
    return signed


Administrator = Annotated[Signed, Depends(get_administrator)]
