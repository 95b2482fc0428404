"""Signing in and out: rate-limited, as slow for unknown names as for known ones, and never saying which it was."""

from fastapi import Request, Response

from pizarra.accounts import service as accounts
from pizarra.audit.service import note
from pizarra.errors import InvalidInput, Unauthorized
from pizarra.models import Account
from pizarra.participants.trust import SECURE_SIGN_IN_COOKIE, SIGN_IN_COOKIE, Caller
from pizarra.services import Services

_WINDOW_SECONDS = 300


async def count_attempt(services: Services, caller: Caller) -> None:
    """Count a try to get in.

    Raises:
        Forbidden: another site's page tries it. TooManyRequests: there were too many from this address.
    """
    caller.require_own_origin()
    limit = services.settings.sign_in_attempts_per_address
    await services.rates.spend("sign-in address", caller.address, limit=limit, seconds=_WINDOW_SECONDS)


async def check_password(services: Services, name: str, password: str, caller: Caller) -> Account:
    """Return the account whose name and password these are.

    Raises:
        Unauthorized: there is no such pair. TooManyRequests: too many were tried.
    """
    login = accounts.login_name(name)
    limit = {"limit": services.settings.sign_in_attempts_per_name, "seconds": _WINDOW_SECONDS}
    await count_attempt(services, caller)
    await services.rates.spend("sign-in name", login, **limit)
    async with services.database.read() as db:
        account = await accounts.find_account(db, login)
    stored = account.password_hash if account is not None and account.disabled_at is None else None
    matches = await services.passwords.matches(stored, password)
    if account is None or not matches:
        async with services.database.write() as db:
            note(db, services.clock(), "sign_in.failed", actor=login, address=caller.address)
        raise Unauthorized("The name or the password is wrong.")
    await services.rates.forgive("sign-in name", login, **limit)
    return account


async def hash_new_password(services: Services, password: str) -> str:
    """Return what is stored of a new password.

    Raises:
        InvalidInput: it is too short.
    """
    shortest = services.settings.min_password_length
    if len(password) < shortest:
        raise InvalidInput(f"password: must have at least {shortest} characters")
    return await services.passwords.hash(password)


def set_cookie(request: Request, response: Response, services: Services, secret: str) -> None:
    """Have the browser keep a sign-in."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        SECURE_SIGN_IN_COOKIE if secure else SIGN_IN_COOKIE,
        secret,
        max_age=services.settings.sign_in_days * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def forget_cookie(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(SIGN_IN_COOKIE, httponly=True, samesite="lax")
    response.delete_cookie(SECURE_SIGN_IN_COOKIE, httponly=True, samesite="lax", secure=True)
