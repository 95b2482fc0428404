"""Accounts in the database: who is found by which name, what ends with a password, and who stays the last to rule."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.harness.rows import NOON, Rows, actor

from pizarra.accounts import service as accounts
from pizarra.accounts.api_tokens import create_token, list_tokens, revoke_token
from pizarra.accounts.own import end_sign_in, find_own, forget_sign_in, list_sign_ins
from pizarra.answers.codes import Code
from pizarra.database import Database
from pizarra.errors import AppError, Conflict, InvalidInput, NotFound, Unauthorized
from pizarra.kit.tokens import hash_secret
from pizarra.models import Account, AccountRole, ApiToken, OneTimeLink, Scope, SignIn, Team
from pizarra.models.account import MAX_DISPLAY_NAME, MAX_LOGIN_NAME

DAY = timedelta(days=1)


async def make(database: Database, team: Team, name: str, **changes: Any) -> Account:
    wanted = {"display_name": "", "role": AccountRole.INTERVIEWER, "team": team}
    async with database.write() as db:
        return await accounts.create_account(db, NOON, name=name, **{**wanted, **changes})


async def signed_in(database: Database, account: Account, **changes: Any) -> str:
    async with database.write() as db:
        return await accounts.sign_in(
            db,
            await accounts.account_of(db, account.id),
            changes.pop("now", NOON),
            **{"days": 7, "browser": "Firefox", **changes},
        )


async def everything_of(database: Database, account: Account) -> tuple[int, int, int]:
    """Return how many sign-ins, API tokens that hold and links an account has."""
    async with database.read() as db:
        tokens = await list_tokens(db, account.id)
        links = await db.scalars(select(OneTimeLink).where(OneTimeLink.account_id == account.id))
        return len(await list_sign_ins(db, account.id)), len(tokens), len(links.all())


async def give_everything(rows: Rows, account: Account) -> None:
    """Have an account signed in twice, with an API token and a link."""
    for _ in range(2):
        await signed_in(rows.database, account)
    async with rows.database.write() as db:
        await create_token(db, account.id, NOON, name="ci", scope=Scope.READ)
    await rows.put(
        OneTimeLink(
            account_id=account.id,
            secret_hash=hash_secret(account.public_id),
            expires_at=NOON + DAY,
        )
    )


# Names


@given(st.text(max_size=60))
def test_a_name_is_stored_as_it_is_compared(name: str) -> None:
    stored = accounts.login_name(name)
    assert accounts.login_name(stored) == stored
    assert accounts.login_name(f"  {name}\t") == stored


@pytest.mark.parametrize(
    "typed", ["ana@example.com", "ANA@example.com", " ana@example.com ", "ana\u200b@example.com"]
)
async def test_somebody_is_found_however_they_type_their_name(rows: Rows, typed: str) -> None:
    ana = await make(rows.database, await rows.team(), "Ana@Example.com")
    async with rows.database.read() as db:
        found = await accounts.find_account(db, typed)
    assert found is not None
    assert (found.id, found.name) == (ana.id, "ana@example.com")


async def test_nobody_is_found_by_a_part_of_a_name_or_a_pattern(rows: Rows) -> None:
    await make(rows.database, await rows.team(), "ana@example.com")
    async with rows.database.read() as db:
        for other in ("ana", "ana@example.co", "%", "ana_example.com", ""):
            assert await accounts.find_account(db, other) is None


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "\u3164"])
async def test_a_name_that_nobody_sees_is_none(rows: Rows, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await make(rows.database, await rows.team(), name)
    assert refused.value.code is Code.NAME_MISSING


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("a" * MAX_LOGIN_NAME, True),
        ("a" * (MAX_LOGIN_NAME + 1), False),
        (" " + "a" * MAX_LOGIN_NAME, True),
        ("ß" * (MAX_LOGIN_NAME // 2), True),
        ("ß" * (MAX_LOGIN_NAME // 2 + 1), False),  # each is two letters when it is compared
    ],
)
async def test_a_name_is_as_long_as_it_is_stored(rows: Rows, name: str, fits: bool) -> None:
    making = make(rows.database, await rows.team(), name)
    if fits:
        assert len((await making).name) == MAX_LOGIN_NAME
        return
    with pytest.raises(InvalidInput) as refused:
        await making
    assert refused.value.code is Code.TEXT_TOO_LONG


@pytest.mark.parametrize("other", ["ana@example.com", "ANA@EXAMPLE.COM", " ana@example.com"])
async def test_a_name_is_had_once(rows: Rows, other: str) -> None:
    team = await rows.team()
    await make(rows.database, team, "ana@example.com")
    with pytest.raises(Conflict) as refused:
        await make(rows.database, team, other)
    assert refused.value.code is Code.NAME_TAKEN
    assert "ana@example.com" in refused.value.detail


async def test_of_two_who_take_a_name_at_once_one_has_it(rows: Rows) -> None:
    team = await rows.team()
    done = await asyncio.gather(
        *(make(rows.database, team, name) for name in ("zoe", "Zoe", "ZOE", "zoe ")),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["Account", *["Conflict"] * 3]


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("", "ana"),
        ("  ", "ana"),
        ("\u200b", "ana"),
        (" Ana  María ", "Ana María"),
        ("x" * (MAX_DISPLAY_NAME + 1), "x" * MAX_DISPLAY_NAME),
    ],
)
async def test_what_others_see_of_a_name(rows: Rows, given_name: str, shown: str) -> None:
    made = await make(rows.database, await rows.team(), "ana@example.com", display_name=given_name)
    assert made.display_name == shown


async def test_a_new_account_opens_nothing_yet(rows: Rows) -> None:
    team = await rows.team()
    made = await rows.reread(await make(rows.database, team, "ana", role=AccountRole.ADMIN))
    assert (made.password_hash, made.subject, made.disabled_at) == (None, None, None)
    assert (made.role, made.team_id, made.created_at) == ("admin", team.id, NOON)


# Finding


async def test_somebody_the_identity_provider_knows_is_found_by_its_name_for_them(
    rows: Rows,
) -> None:
    team = await rows.team()
    ana = await rows.account(team, "ana", subject="issuer|1")
    await rows.account(team, "zoe")
    async with rows.database.read() as db:
        found = await accounts.find_subject(db, "issuer|1")
        assert found is not None
        assert found.id == ana.id
        assert await accounts.find_subject(db, "issuer|2") is None
        assert await accounts.find_subject(db, "") is None


async def test_an_account_that_is_not_there_is_named(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    async with rows.database.write() as db:
        assert (await accounts.get_account(db, ana.public_id)).id == ana.id
        with pytest.raises(NotFound, match=f"Account {'0' * 32} not found") as refused:
            await accounts.get_account(db, "0" * 32)
    assert refused.value.code is Code.ACCOUNT_NOT_FOUND


async def test_accounts_are_listed_by_name_with_their_teams(rows: Rows) -> None:
    first, second = await rows.team("One"), await rows.team("Two")
    for team, name in ((second, "b"), (first, "c"), (second, "a")):
        await rows.account(team, name)
    async with rows.database.read() as db:
        found = [(each.name, team.name) for each, team in await accounts.list_accounts(db)]
    assert found == [("a", "Two"), ("b", "Two"), ("c", "One")]


async def test_a_server_begins_with_nobody(rows: Rows) -> None:
    async def known() -> tuple[bool, bool]:
        async with rows.database.read() as db:
            return await accounts.has_accounts(db), await accounts.has_administrator(db)

    assert await known() == (False, False)
    team = await rows.team()
    await rows.account(team, "ana")
    assert await known() == (True, False), "an interviewer looks after nobody"
    await rows.account(team, "gone", role=AccountRole.ADMIN.value, disabled_at=NOON)
    assert await known() == (True, False), "nor does who is locked out"
    await rows.account(team, "root", role=AccountRole.ADMIN.value)
    assert await known() == (True, True)


async def test_what_somebody_has_of_their_own(rows: Rows) -> None:
    team = await rows.team()
    ana = await rows.account(team)
    async with rows.database.read() as db:
        found = await find_own(db, ana.id)
        assert found is not None
        assert (found[0].id, found[1].id) == (ana.id, team.id)
        assert await find_own(db, ana.id + 1) is None


# Signing in


async def test_a_browser_is_known_by_a_hash_alone(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    first, second = [await signed_in(rows.database, ana, days=3) for _ in range(2)]
    assert first != second
    async with rows.database.read() as db:
        both = await list_sign_ins(db, ana.id)
    assert [each.secret_hash for each in both] == [hash_secret(second), hash_secret(first)]
    assert {each.expires_at for each in both} == {NOON + 3 * DAY}
    assert all(first.encode() not in each.secret_hash for each in both)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Firefox/145", "Firefox/145"),
        ("a\nb\x1b[2Jc\0d", "ab[2Jcd"),
        ("é" * 201, "é" * 200),
        ("\u202egnp.exe", "gnp.exe"),
        ("", ""),
    ],
)
async def test_what_a_browser_says_of_itself_is_kept_as_far_as_it_can_be_shown(
    rows: Rows, said: str, kept: str
) -> None:
    ana = await rows.account(await rows.team())
    await signed_in(rows.database, ana, browser=said)
    async with rows.database.read() as db:
        (only,) = await list_sign_ins(db, ana.id)
    assert only.browser == kept


async def test_sign_ins_that_are_over_go_when_somebody_signs_in(rows: Rows) -> None:
    team = await rows.team()
    ana, zoe = await rows.account(team, "ana"), await rows.account(team, "zoe")
    await signed_in(rows.database, ana, days=1)
    await signed_in(rows.database, ana, days=2)
    await signed_in(rows.database, zoe, now=NOON + DAY - timedelta(microseconds=1))
    assert (await everything_of(rows.database, ana))[0] == 2
    await signed_in(rows.database, zoe, now=NOON + DAY)
    assert (await everything_of(rows.database, ana))[0] == 1, "over at that instant"


async def test_who_was_locked_out_meanwhile_is_told_what_a_wrong_password_is_told(
    rows: Rows,
) -> None:
    ana = await rows.account(await rows.team())
    async with rows.database.write() as db:
        known = await accounts.account_of(db, ana.id)
        known.disabled_at = NOON
    with pytest.raises(Unauthorized) as refused:
        await signed_in(rows.database, ana)
    assert refused.value.code is Code.WRONG_PASSWORD
    assert (await everything_of(rows.database, ana))[0] == 0


async def test_a_browser_signs_another_one_of_its_account_out(rows: Rows) -> None:
    team = await rows.team()
    ana, zoe = await rows.account(team, "ana"), await rows.account(team, "zoe")
    for account in (ana, ana, zoe):
        await signed_in(rows.database, account)
    async with rows.database.read() as db:
        newest, oldest = await list_sign_ins(db, ana.id)
        (others,) = await list_sign_ins(db, zoe.id)
    async with rows.database.write() as db:
        for foreign in (others.public_id, "0" * 32):
            with pytest.raises(NotFound) as refused:
                await end_sign_in(db, ana.id, foreign)
            assert refused.value.code is Code.SIGN_IN_NOT_FOUND
        await end_sign_in(db, ana.id, oldest.public_id)
        await forget_sign_in(db, ana.id, newest.id)
    assert (await everything_of(rows.database, ana))[0] == 0
    assert (await everything_of(rows.database, zoe))[0] == 1


async def test_what_was_asked_by_a_sign_in_that_ended_is_refused(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    await signed_in(rows.database, ana)
    async with rows.database.read() as db:
        (only,) = await list_sign_ins(db, ana.id)
    asks = actor(ana, sign_in_id=only.id)
    async with rows.database.write() as db:
        await accounts.hold_still(db, asks)
        await forget_sign_in(db, ana.id, only.id)
        with pytest.raises(Unauthorized) as refused:
            await accounts.hold_still(db, asks)
    assert refused.value.code is Code.SIGN_IN_FIRST


async def test_what_was_asked_by_a_token_that_was_revoked_is_refused(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    async with rows.database.write() as db:
        token, _ = await create_token(db, ana.id, NOON, name="ci", scope=Scope.WRITE)
    asks = actor(ana, token_id=token.id)
    async with rows.database.write() as db:
        await accounts.hold_still(db, asks)
        await accounts.revoke_tokens(db, ana.id, NOON)
        with pytest.raises(Unauthorized):
            await accounts.hold_still(db, asks)


# What ends with a password


@pytest.mark.parametrize("keeps_one", [False, True])
async def test_another_password_ends_what_the_old_one_opened(rows: Rows, keeps_one: bool) -> None:
    team = await rows.team()
    ana, zoe = await rows.account(team, "ana"), await rows.account(team, "zoe")
    for account in (ana, zoe):
        await give_everything(rows, account)
    async with rows.database.write() as db:
        newest = (await list_sign_ins(db, ana.id))[0]
        known = await accounts.account_of(db, ana.id)
        but = newest.id if keeps_one else None
        await accounts.set_password(db, known, "hash", NOON + DAY, but=but)
    assert await everything_of(rows.database, ana) == (int(keeps_one), 0, 0)
    assert await everything_of(rows.database, zoe) == (2, 1, 1), "others' stay"
    assert (await rows.reread(ana)).password_hash == "hash"


async def test_a_password_can_be_taken_away(rows: Rows) -> None:
    ana = await rows.account(await rows.team(), password_hash="old")
    async with rows.database.write() as db:
        await accounts.set_password(db, await accounts.account_of(db, ana.id), None, NOON)
    assert (await rows.reread(ana)).password_hash is None


async def test_what_was_changed_of_an_account_before_its_password_stays(rows: Rows) -> None:
    """`refresh` reads the row anew: what waits to be written must be written by then."""
    ana = await rows.account(await rows.team())
    async with rows.database.write() as db:
        known = await accounts.account_of(db, ana.id)
        known.display_name = "Another"
        await accounts.set_password(db, known, "hash", NOON)
    assert (await rows.reread(ana)).display_name == "Another"


async def test_a_token_that_was_revoked_before_keeps_its_instant(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    async with rows.database.write() as db:
        token, _ = await create_token(db, ana.id, NOON, name="ci", scope=Scope.READ)
        await revoke_token(db, token.public_id, NOON, account_id=ana.id)
        await accounts.revoke_tokens(db, ana.id, NOON + DAY)
    assert (await rows.reread(token)).revoked_at == NOON


# Who stays


async def test_who_is_locked_out_has_nothing_left_and_comes_back_with_nothing(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    await give_everything(rows, ana)
    async with rows.database.write() as db:
        await accounts.set_disabled(db, await accounts.account_of(db, ana.id), NOON)
    assert await everything_of(rows.database, ana) == (0, 0, 0)
    assert (await rows.reread(ana)).disabled_at == NOON
    async with rows.database.write() as db:
        await accounts.set_disabled(db, await accounts.account_of(db, ana.id), None)
    assert (await rows.reread(ana)).disabled_at is None
    assert await everything_of(rows.database, ana) == (0, 0, 0)


async def disable(database: Database, account: Account) -> str:
    try:
        async with database.write() as db:
            await accounts.set_disabled(db, await accounts.account_of(db, account.id), NOON)
    except AppError as error:
        return str(error.code)
    return "done"


async def test_the_last_administrator_stays(rows: Rows) -> None:
    team, admin = await rows.team(), AccountRole.ADMIN.value
    root = await rows.account(team, "root", role=admin)
    await rows.account(team, "ana")
    await rows.account(team, "locked out", role=admin, disabled_at=NOON)
    assert await disable(rows.database, root) == Code.LAST_ADMINISTRATOR
    assert (await rows.reread(root)).disabled_at is None
    await rows.account(team, "other", role=admin)
    assert await disable(rows.database, root) == "done"


async def test_the_last_two_administrators_cannot_take_each_other_away(rows: Rows) -> None:
    team, admin = await rows.team(), AccountRole.ADMIN.value
    both = [await rows.account(team, name, role=admin) for name in ("one", "two")]
    done = await asyncio.gather(*(disable(rows.database, each) for each in both))
    assert sorted(done) == sorted(["done", Code.LAST_ADMINISTRATOR])


# API tokens


async def test_a_token_is_shown_once(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    async with rows.database.write() as db:
        token, secret = await create_token(db, ana.id, NOON, name="  ci\u200b ", scope=Scope.READ)
        unnamed, other = await create_token(db, ana.id, NOON, name=" ", scope=Scope.ADMIN)
    assert (token.name, unnamed.name) == ("ci", "token")
    assert secret != other
    assert token.secret_hash == hash_secret(secret)
    assert token.used_at is None


async def test_a_token_is_revoked_by_its_account_or_an_administrator(rows: Rows) -> None:
    team = await rows.team()
    ana, zoe = await rows.account(team, "ana"), await rows.account(team, "zoe")
    async with rows.database.write() as db:
        first, _ = await create_token(db, ana.id, NOON, name="1", scope=Scope.READ)
        second, _ = await create_token(db, ana.id, NOON, name="2", scope=Scope.READ)
        await create_token(db, zoe.id, NOON, name="3", scope=Scope.READ)
        assert [each.name for each in await list_tokens(db, None)] == ["1", "2", "3"]
        assert [each.name for each in await list_tokens(db, ana.id)] == ["1", "2"]
        with pytest.raises(NotFound) as refused:
            await revoke_token(db, first.public_id, NOON, account_id=zoe.id)
        assert refused.value.code is Code.TOKEN_NOT_FOUND
        await revoke_token(db, first.public_id, NOON, account_id=ana.id)
        await revoke_token(db, second.public_id, NOON, account_id=None)
        for gone in (first.public_id, second.public_id, "0" * 32):
            with pytest.raises(NotFound, match=f"Token {gone} not found"):
                await revoke_token(db, gone, NOON, account_id=None)
        assert [each.name for each in await list_tokens(db, None)] == ["3"]


async def test_what_an_account_has_goes_with_it(rows: Rows) -> None:
    ana = await rows.account(await rows.team())
    await give_everything(rows, ana)
    async with rows.database.write() as db:
        await db.delete(await accounts.account_of(db, ana.id))
    async with rows.database.read() as db:
        for table in (SignIn, ApiToken, OneTimeLink):
            assert (await db.scalars(select(table.id))).all() == []
