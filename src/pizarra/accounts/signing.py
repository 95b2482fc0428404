"""Signing in and out: rate-limited, as slow for unknown names as for known ones, and never saying which it was."""

from fastapi import Request, Response

from pizarra.access.audit import note
from pizarra.access.credentials import SECURE_SIGN_IN_COOKIE, SIGN_IN_COOKIE, Caller
from pizarra.accounts import service as accounts
from pizarra.accounts.guessable import is_guessable
from pizarra.accounts.parts import AccountParts
from pizarra.answers.codes import Code
from pizarra.errors import InvalidInput, Unauthorized
from pizarra.models import Account

_WINDOW_SECONDS = 300


async def count_attempt(services: AccountParts, caller: Caller) -> None:
    """Count a try to get in.

    Raises:
        Forbidden: another site's page tries it. TooManyRequests: there were too many from this address.
    """
    caller.require_own_origin()
    limit = services.settings.sign_in_attempts_per_address
    await services.rates.spend(
        "sign_in_attempts_per_address", caller.neighbourhood, limit=limit, seconds=_WINDOW_SECONDS
    )


async def check_password(
    services: AccountParts, name: str, password: str, caller: Caller, *, own: bool = False
) -> Account:
    """Return the account whose name and password these are; `own`: of whoever is signed in to it.

    Raises:
        Unauthorized: there is no such pair. TooManyRequests: too many were tried.
    """
    login = accounts.login_name(name)
    limit = {"limit": services.settings.sign_in_attempts_per_name, "seconds": _WINDOW_SECONDS}
    await count_attempt(services, caller)
    await services.rates.spend("sign_in_attempts_per_name", login, **limit)
    async with services.database.read() as db:
        account = await accounts.find_account(db, login)
    stored = account.password_hash if account is not None and account.disabled_at is None else None
    matches = await services.passwords.matches(stored, password)
    if account is None or not matches:
        async with services.database.write() as db:
            # Not what was typed: people type their password there.
            tried = account.name if account is not None else "stranger"
            note(db, services.clock(), "sign_in.failed", actor=tried, address=caller.address)
        raise _wrong(own)
    await services.rates.forgive("sign_in_attempts_per_name", login, **limit)
    return account


def _wrong(own: bool) -> Unauthorized:
    if own:
        detail = "The old password is wrong."
        return Unauthorized(detail, code=Code.WRONG_PASSWORD, field="old_password")
    return Unauthorized("The name or the password is wrong.", code=Code.WRONG_PASSWORD)


def require_same_password(account: Account, verified: str | None, *, own: bool = False) -> None:
    """Refuse a password that was right when it was looked at, and is not the account's any more.

    Raises:
        Unauthorized: it has another one, or none.
    """
    if account.password_hash is None or account.password_hash != verified:
        raise _wrong(own)


async def hash_new_password(services: AccountParts, password: str, *names: str) -> str:
    """Return what is stored of a new password of the account that is called so.

    Raises:
        InvalidInput: it is too short, or among the first that somebody would try.
    """
    shortest = services.settings.min_password_length
    if len(password) < shortest:
        raise InvalidInput(
            f"password: must have at least {shortest} characters", code=Code.PASSWORD_TOO_SHORT
        )
    if is_guessable(password, *names):
        raise InvalidInput(
            "password: this is one of the first that somebody would try. Take a few words of your own",
            code=Code.PASSWORD_GUESSABLE,
        )
    return await services.passwords.hash(password)


def set_cookie(request: Request, response: Response, days: int, secret: str) -> None:
    """Have the browser keep a sign-in for some days."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        SECURE_SIGN_IN_COOKIE if secure else SIGN_IN_COOKIE,
        secret,
        max_age=days * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def forget_cookie(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(SIGN_IN_COOKIE, httponly=True, samesite="lax")
    response.delete_cookie(SECURE_SIGN_IN_COOKIE, httponly=True, samesite="lax", secure=True)
