"""Signing in at an identity provider, as people do it: they change their mind, go back, and open a second window."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.harness.actors import first_admin
from tests.harness.axe import violations
from tests.harness.identity import server_with_provider
from tests.harness.ports import free_port
from tests.harness.server import ServerProcess

START = "/api/sign-in/oidc"


@dataclass
class Company:
    """A server, whoever looks after it, and the address of the identity provider."""

    server: ServerProcess
    admin: httpx2.Client
    issuer: str


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, runner_socket: Path) -> Iterator[Company]:
    with (
        server_with_provider(tmp_path_factory.mktemp("sso"), runner_socket) as (server, issuer),
        contextlib.closing(first_admin(server)) as admin,
    ):
        yield Company(server, admin, issuer)


def leave(page: Page) -> None:
    page.get_by_role("link", name="Example Login").click()
    expect(page.get_by_placeholder("Enter any login")).to_be_visible()


def sign_in_there(page: Page, name: str, *, consented: bool = False) -> None:
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    if not consented:
        page.get_by_role("button", name="Continue").click()


def test_who_changes_their_mind_is_back_at_the_page(
    company: Company, person: Callable[..., Page]
) -> None:
    """They stood before a line of JSON, from which nothing led on; so did they whom an administrator had locked out."""
    ana = person(locale="es-ES", viewport={"width": 390, "height": 800})
    ana.goto(f"{company.server.url}/library?q=two")
    leave(ana)
    ana.get_by_role("link", name="Cancel").click()
    expect(ana.get_by_role("alert")).to_have_text(
        "El inicio de sesión se canceló, o tardó demasiado. Empieza de nuevo."
    )
    expect(ana).to_have_url(f"{company.server.url}/library?q=two")
    assert violations(ana) == []
    leave(ana)
    sign_in_there(ana, "ines")
    expect(ana.get_by_role("heading", name="Biblioteca")).to_be_visible()
    expect(ana).to_have_url(f"{company.server.url}/library?q=two")
    account = next(
        each
        for each in company.admin.get("/api/accounts").json()
        if each["name"] == "ines@example.org"
    )
    company.admin.patch(f"/api/accounts/{account['account_id']}", json={"disabled": True})
    ana.reload()
    ana.get_by_role("link", name="Example Login").click()  # the provider knows who it is
    expect(ana.get_by_role("alert")).to_contain_text("Aquí no tienes cuenta.")


def test_each_of_two_windows_gets_where_it_wanted(
    company: Company, person: Callable[..., Page]
) -> None:
    """The second to leave took the first one's way back."""
    first = person()
    second = first.context.new_page()
    session = company.admin.post("/api/sessions", json={"title": "Not theirs"}).json()
    for page, path in ((first, f"/s/{session['session_id']}"), (second, "/me")):
        page.goto(f"{company.server.url}{path}")
    first.get_by_role("button", name="Sign in").click()
    leave(first)
    leave(second)
    sign_in_there(first, "julia")
    first.wait_for_url(f"{company.server.url}/s/{session['session_id']}")
    sign_in_there(second, "julia", consented=True)
    second.wait_for_url(f"{company.server.url}/me")
    # Back over the provider's page, which sends them on with what was used up: they are signed in.
    second.goto(f"{company.server.url}{START}/callback?code=used&state=up")
    expect(second.get_by_role("button", name="julia from there")).to_be_visible()


def test_a_session_asked_for_before_says_why_nobody_signed_in(
    company: Company, person: Callable[..., Page]
) -> None:
    luis = person()
    session = company.admin.post("/api/sessions").json()
    luis.goto(f"{company.server.url}/s/{session['session_id']}")
    luis.get_by_role("button", name="Sign in").click()
    leave(luis)
    luis.get_by_role("link", name="Cancel").click()
    expect(luis.get_by_role("alert")).to_contain_text("was called off")
    expect(luis).to_have_url(f"{company.server.url}/s/{session['session_id']}")


def test_a_provider_that_is_away_leaves_the_password(
    tmp_path: Path, runner_socket: Path, person: Callable[..., Page]
) -> None:
    process = ServerProcess(
        tmp_path,
        runner_socket=runner_socket,
        auth="accounts",
        oidc_issuer=f"http://127.0.0.1:{free_port()}",
        oidc_client_id="pizarra",
    )
    process.start()
    try:
        first_admin(process).close()
        mara = person()
        mara.goto(f"{process.url}/")
        mara.get_by_role("link", name="single sign-on").click()
        expect(mara.get_by_role("alert")).to_have_text(
            "The identity provider does not answer. Try again, or use a password."
        )
        expect(mara.get_by_label("Password")).to_be_visible()
    finally:
        process.stop()
