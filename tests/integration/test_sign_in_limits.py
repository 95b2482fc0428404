"""Signing in where time, addresses and limits are the test's own: in this process."""

import asyncio
import contextlib
import re
import statistics
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.actors import PASSWORD
from tests.harness.application import Application, application
from tests.harness.fresh import embed

from pizarra.access.audit import list_entries
from pizarra.accounts import api_tokens, links, teams
from pizarra.accounts import service as accounts
from pizarra.accounts.passwords import Passwords
from pizarra.config import Settings
from pizarra.errors import Unavailable
from pizarra.models import AccountRole

_COOKIE = "pizarra-sign-in"


@pytest.fixture
def many(tmp_path: Path, runner_socket: Path) -> Settings:
    """Settings with accounts and moved limits, for an application in this process."""
    embed(tmp_path)
    return Settings(
        data_dir=tmp_path,
        database_url=None,
        runner_socket=runner_socket,
        log_level="warning",
        auth="accounts",
        sign_in_attempts_per_name=3,
        sign_in_attempts_per_address=8,
    )


@contextlib.asynccontextmanager
async def with_ana(settings: Settings, clock: Any = None) -> AsyncIterator[Application]:
    """Give an application in which Ana is an administrator."""
    async with application(settings, *([clock] if clock else [])) as running:
        services = running.services
        password_hash = await services.passwords.hash(PASSWORD)
        async with services.database.write() as db:
            team = await teams.first_team(db, services.clock())
            role = AccountRole.ADMIN
            ana = await accounts.create_account(
                db,
                services.clock(),
                name="Ana@Example.org",
                display_name="Ana",
                role=role,
                team=team,
            )
            ana.password_hash = password_hash
        yield running


async def test_the_set_up_link_ends_after_fifteen_minutes(many: Settings) -> None:
    now = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    async with application(many, lambda: now) as running:
        services = running.services
        async with services.database.write() as db:
            secret = await links.make_link(db, services.clock(), None, many.setup_minutes)
        body = {"token": secret, "password": PASSWORD, "name": "ana"}
        async with running.client() as visitor:
            now += timedelta(minutes=15)
            assert (await visitor.post("/api/welcome", json=body)).status_code == 404
            now -= timedelta(seconds=1)
            assert (await visitor.post("/api/welcome", json=body)).status_code == 204


async def test_a_second_set_up_link_ends_the_first(many: Settings) -> None:
    async with application(many) as running, running.client() as visitor:
        services = running.services
        async with services.database.write() as db:
            first = await links.make_link(db, services.clock(), None, 15)
            second = await links.make_link(db, services.clock(), None, 15)
        for secret, status in ((first, 404), (second, 204)):
            body = {"token": secret, "password": PASSWORD, "name": "ana"}
            assert (await visitor.post("/api/welcome", json=body)).status_code == status


async def test_wrong_passwords_are_counted_per_name_and_per_address(many: Settings) -> None:
    async with with_ana(many) as running:
        async with running.client(address="192.0.2.1") as attacker:
            for attempt in range(3):
                answer = await attacker.post(
                    "/api/sign-in", json={"name": "ana@example.org", "password": f"no {attempt}"}
                )
                assert answer.status_code == 401
            blocked = await attacker.post(
                "/api/sign-in", json={"name": "ANA@example.org", "password": PASSWORD}
            )
            assert blocked.status_code == 429
            assert "5 minutes" in blocked.json()["detail"]
            for attempt in range(4):
                await attacker.post(
                    "/api/sign-in", json={"name": f"nobody{attempt}", "password": "x"}
                )
            assert (
                await attacker.post("/api/sign-in", json={"name": "new", "password": "x"})
            ).status_code == 429
        async with running.client(address="192.0.2.2") as other:
            assert (
                await other.post("/api/sign-in", json={"name": "new", "password": "x"})
            ).status_code == 401


async def test_known_and_unknown_names_look_and_take_alike(many: Settings) -> None:
    roomy = many.model_copy(
        update={"sign_in_attempts_per_name": 1000, "sign_in_attempts_per_address": 1000}
    )
    async with with_ana(roomy) as running, running.client() as visitor:
        seconds: dict[str, list[float]] = {"ana@example.org": [], "nobody@example.org": []}
        texts = set()
        for name in seconds:
            await visitor.post("/api/sign-in", json={"name": name, "password": "warm-up"})
        for _ in range(6):
            for name, taken in seconds.items():
                started = time.perf_counter()
                answer = await visitor.post(
                    "/api/sign-in", json={"name": name, "password": "wrong"}
                )
                taken.append(time.perf_counter() - started)
                texts.add((answer.status_code, answer.text))
        assert len(texts) == 1
        known, unknown = (statistics.median(each) for each in seconds.values())
        # Without the hash that nobody has, the unknown name takes a hundredth of the known one.
        assert 0.25 < unknown / known < 4


async def test_a_sign_in_ends_after_its_days(many: Settings) -> None:
    now = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    async with with_ana(many, lambda: now) as running, running.client() as ana:
        await ana.post("/api/sign-in", json={"name": "ana@example.org", "password": PASSWORD})
        now += timedelta(days=many.sign_in_days, seconds=-1)
        assert (await ana.get("/api/sessions")).status_code == 200
        now += timedelta(seconds=1)
        assert (await ana.get("/api/sessions")).status_code == 401


async def test_over_tls_cookies_are_bound_to_the_host(many: Settings) -> None:
    async with with_ana(many) as running:
        transport = httpx2.ASGITransport(running.app)
        async with httpx2.AsyncClient(
            transport=transport, base_url="https://pizarra.example.org"
        ) as ana:
            answer = await ana.post(
                "/api/sign-in", json={"name": "ana@example.org", "password": PASSWORD}
            )
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith(f"__Host-{_COOKIE}=")
            assert "Secure" in cookie
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            assert (await ana.get("/api/sessions")).status_code == 200
            secret = ana.cookies[f"__Host-{_COOKIE}"]
            ana.cookies.clear()
            planted = {"cookie": f"{_COOKIE}={secret}"}  # by another host of the domain
            assert (await ana.get("/api/sessions", headers=planted)).status_code == 401


async def test_behind_a_proxy_only_the_listed_one_is_believed(many: Settings) -> None:
    settings = many.model_copy(update={"trusted_proxies": ["10.0.0.0/8"], "auth": None})
    assert not settings.trusts_local
    forwarded = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    async with with_ana(settings) as running:
        for address, seen, scheme in (
            ("10.1.2.3", "203.0.113.9", "https"),
            ("192.0.2.1", "192.0.2.1", "http"),
        ):
            async with running.client(address=address) as ana:
                body = {"name": "ana@example.org", "password": PASSWORD}
                answer = await ana.post("/api/sign-in", json=body, headers=forwarded)
                assert ("Secure" in answer.headers["set-cookie"]) == (scheme == "https")
                secret = re.search(r"sign-in=([^;]+)", answer.headers["set-cookie"])
                assert secret is not None
                prefix = "__Host-" if scheme == "https" else ""
                headers = forwarded | {"cookie": f"{prefix}{_COOKIE}={secret[1]}"}
                entries = (
                    await ana.get("/api/audit?limit=1&action=sign_in", headers=headers)
                ).json()
                assert entries[0]["address"] == seen
                made = (await ana.post("/api/sessions", headers=headers)).json()
                assert made["share_url"].startswith(f"{scheme}://127.0.0.1:8000/j/")


async def test_with_a_public_url_other_hosts_are_refused(many: Settings) -> None:
    settings = many.model_copy(update={"public_url": "https://pizarra.example.org", "auth": None})
    assert not settings.trusts_local
    async with with_ana(settings) as running, running.client() as client:
        for host, status in (
            ("evil.example", 421),
            ("pizarra.example.org", 200),
            ("127.0.0.1:8000", 200),
            ("", 421),
        ):
            answer = await client.get("/health", headers={"host": host})
            assert answer.status_code == status
            if status == 421:  # whoever set a proxy up reads what to mend
                assert "This server is pizarra.example.org, and was" in answer.json()["detail"]
                assert f"asked for as {host or 'nothing'}." in answer.json()["detail"]
                assert "PIZARRA_PUBLIC_URL" in answer.json()["detail"]
        for host in ("10.1.2.3:8000", "[2001:db8::1]:8000"):  # a probe of Kubernetes, a scrape
            codes = [
                (await client.get(path, headers={"host": host})).status_code
                for path in ("/health", "/health/ready", "/metrics", "/api/languages", "/health/x")
            ]
            assert codes == [200, 200, 401, 421, 421]
        await client.post("/api/sign-in", json={"name": "ana@example.org", "password": PASSWORD})
        made = (await client.post("/api/sessions", headers={"host": "pizarra.example.org"})).json()
        assert made["share_url"].startswith("https://pizarra.example.org/j/")


async def test_an_ipv6_network_is_one_address(many: Settings) -> None:
    async with with_ana(many) as running:
        codes = []
        for number in range(9):
            async with running.client(address=f"2001:db8:1:2::{number:x}") as client:
                body = {"name": f"nobody{number}", "password": "wrong password"}
                codes.append((await client.post("/api/sign-in", json=body)).status_code)
        assert codes == [401] * 8 + [429]
        async with running.client(address="2001:db8:1:3::1") as neighbour:
            answer = await neighbour.post(
                "/api/sign-in", json={"name": "ana@example.org", "password": PASSWORD}
            )
        assert answer.status_code == 204


async def test_few_wait_for_their_password_to_be_checked() -> None:
    passwords = Passwords(2)
    tried = await asyncio.gather(
        *(passwords.matches(None, "x") for _ in range(8)), return_exceptions=True
    )
    assert tried.count(False) == 4  # two at once, two that wait
    assert sum(isinstance(each, Unavailable) for each in tried) == 4
    assert await passwords.matches(await passwords.hash("x"), "x")


async def test_what_is_typed_as_a_name_is_not_kept(many: Settings) -> None:
    """People type their password there."""
    async with with_ana(many) as running, running.client() as client:
        for name in ("my secret password", "ANA@example.org"):
            await client.post("/api/sign-in", json={"name": name, "password": "wrong password"})
        async with running.services.database.read() as db:
            found = await list_entries(
                db, before=None, limit=9, action="sign_in.failed", target=None
            )
        assert [each.actor for each in found] == ["ana@example.org", "stranger"]


@contextlib.asynccontextmanager
async def held(passwords: Passwords) -> AsyncIterator[None]:
    """Take every turn of those who check passwords: whoever comes waits, having looked up who it is."""
    async with contextlib.AsyncExitStack() as turns:
        for _ in range(2):
            await turns.enter_async_context(passwords._turn())  # noqa: SLF001
        yield


async def waits(passwords: Passwords) -> None:
    """Wait until somebody waits for a turn."""
    async with asyncio.timeout(20):
        while not passwords._waiting:  # noqa: SLF001
            await asyncio.sleep(0)


async def ana_gets(running: Application, password: str | None) -> None:
    """Give Ana another password, as a reset or she herself does."""
    services = running.services
    password_hash = None if password is None else await Passwords(1).hash(password)
    async with services.database.write() as db:
        ana = await accounts.find_account(db, "ana@example.org")
        assert ana is not None
        await accounts.set_password(db, ana, password_hash, services.clock())


@pytest.mark.parametrize("now", [None, "another long one"])
async def test_a_password_that_was_changed_meanwhile_opens_nothing(
    many: Settings, now: str | None
) -> None:
    """Whoever has the old one sends it again and again: those that wait for their turn were right when they came."""
    async with with_ana(many) as running, running.client() as ana, running.client() as thief:
        mine = {"name": "ana@example.org", "password": PASSWORD}
        await ana.post("/api/sign-in", json=mine)
        passwords = running.services.passwords
        async with held(passwords):
            trying = asyncio.create_task(thief.post("/api/sign-in", json=mine))
            await waits(passwords)
            await ana_gets(running, now)
        assert (await trying).status_code == 401
        assert (await thief.get("/api/sessions")).status_code == 401


async def test_a_password_that_was_changed_meanwhile_changes_none(many: Settings) -> None:
    async with with_ana(many) as running, running.client() as thief:
        mine = {"name": "ana@example.org", "password": PASSWORD}
        await thief.post("/api/sign-in", json=mine)
        change = {"old_password": PASSWORD, "password": "what the thief wants"}
        passwords = running.services.passwords
        async with held(passwords):
            trying = asyncio.create_task(thief.put("/api/me/password", json=change))
            await waits(passwords)
            await ana_gets(running, "another long one")
        assert (await trying).status_code == 401
        for password, status in (("what the thief wants", 401), ("another long one", 204)):
            answer = await thief.post("/api/sign-in", json={**mine, "password": password})
            assert answer.status_code == status, password


@pytest.mark.parametrize("scope", [None, "admin"])
async def test_no_token_is_made_by_what_was_signed_out_meanwhile(
    many: Settings, scope: str | None
) -> None:
    """The request was let in, and waits to write while the password is changed: its token would stay."""
    async with with_ana(many) as running, running.client() as thief:
        services = running.services
        mine = {"name": "ana@example.org", "password": PASSWORD}
        await thief.post("/api/sign-in", json=mine)
        if scope is not None:
            made = await thief.post("/api/me/tokens", json={"name": "x", "scope": scope})
            thief.cookies.clear()
            thief.headers["authorization"] = f"Bearer {made.json()['token']}"
        password_hash = await services.passwords.hash("another long one")
        async with services.database.write() as db:
            ana = await accounts.find_account(db, "ana@example.org")
            assert ana is not None
            trying = asyncio.create_task(
                thief.post("/api/me/tokens", json={"name": "mine", "scope": "admin"})
            )
            for _ in range(2000):  # it goes on as far as it can
                await asyncio.sleep(0)
            assert not trying.done()
            await accounts.set_password(db, ana, password_hash, services.clock())
        assert (await trying).status_code == 401
        async with services.database.read() as db:
            assert list(await api_tokens.list_tokens(db, None)) == []


async def test_a_link_that_sets_a_password_ends_with_the_password(many: Settings) -> None:
    """One was sent, found too late, and the password was changed in another way since."""
    async with with_ana(many) as running, running.client() as finder:
        services = running.services
        async with services.database.write() as db:
            ana = await accounts.find_account(db, "ana@example.org")
            secret = await links.make_link(db, services.clock(), ana, 60)
        await ana_gets(running, "another long one")
        answer = await finder.post(
            "/api/welcome", json={"token": secret, "password": "what the finder wants"}
        )
        assert answer.status_code == 404
