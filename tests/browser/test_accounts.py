"""Accounts, as those look after them who make mistakes: nothing is erased, given or lost by a slip."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, Request, expect
from tests.harness.actors import PASSWORD, add_account, first_admin
from tests.harness.axe import violations
from tests.harness.server import ServerProcess, server_process

SEEN = "(each) => { const { top, bottom } = each.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }"


@pytest.fixture(scope="module")
def public(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[tuple[ServerProcess, httpx2.Client]]:
    """A server with accounts, and the browser of the first one, `root`."""
    folder = tmp_path_factory.mktemp("accounts")
    with (
        server_process(folder, runner_socket=runner_socket, host="0.0.0.0") as server,
        contextlib.closing(first_admin(server)) as admin,
    ):
        yield server, admin


def sign_in(page: Page, name: str, at: str) -> None:
    page.goto(at)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def own_team(admin: httpx2.Client) -> str:
    return str(admin.get("/api/me").json()["account"]["team_id"])


def add(server: ServerProcess, admin: httpx2.Client, name: str) -> httpx2.Client:
    return add_account(server, admin, name, own_team(admin))


def link_for(admin: httpx2.Client, name: str) -> str:
    made: dict[str, Any] = admin.post("/api/accounts", json={"name": name}).json()
    return str(made["link"]["url"]).replace("0.0.0.0", "127.0.0.1")


def test_no_key_on_the_way_to_a_number_erases_anything(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    """An arrow key in the empty field kept a team's sessions for one day from then on."""
    server, admin = public
    ana = person()
    sign_in(ana, "root", f"{server.url}/accounts")
    days = ana.get_by_label("Days after which ended sessions of Interviewers are erased")
    sent: list[Request] = []
    ana.on("request", lambda request: sent.append(request) if request.method == "PATCH" else None)
    days.press("ArrowUp")
    expect(days).to_have_value("1")
    days.fill("90")
    days.press("Enter")
    expect(ana.get_by_text("Kept for 90 days")).to_be_visible()
    days.press("ControlOrMeta+a")
    ana.keyboard.type("1e")  # no number: its text is empty, which means for ever
    days.press("Tab")
    expect(days).to_have_value("90")
    days.fill("-5")
    days.press("Tab")
    expect(days).to_have_value("90")
    assert [request.post_data_json for request in sent] == [{"retention_days": 90}]
    kept = {each["name"]: each["retention_days"] for each in admin.get("/api/teams").json()}
    assert kept["Interviewers"] == 90


def test_what_one_account_was_given_the_next_is_not(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, _ = public
    ana = person()
    sign_in(ana, "root", f"{server.url}/accounts")
    ana.get_by_label("E-mail address or name").fill("dee")
    ana.get_by_label("may look after accounts").check()
    ana.get_by_role("button", name="Make the account").click()
    expect(ana.locator("code.secret")).to_be_visible()
    expect(ana.get_by_label("may look after accounts")).not_to_be_checked()
    # A team's name that is taken is kept, to be changed, and why is said beside it.
    for _ in range(2):
        ana.get_by_label("New team").fill("Backend")
        ana.get_by_role("button", name="Make the team").click()
        expect(ana.get_by_label("Days after which ended sessions of Backend")).to_be_visible()
    expect(ana.get_by_role("alert")).to_have_text("There is a team Backend already.")
    expect(ana.get_by_label("New team")).to_have_value("Backend")


def test_a_new_link_is_beside_whom_it_is_for(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, admin = public
    for number in range(30):
        admin.post("/api/accounts", json={"name": f"many{number:02}"}).raise_for_status()
    ana = person(viewport={"width": 390, "height": 780})
    sign_in(ana, "root", f"{server.url}/accounts")
    row = ana.locator(".rows li", has_text="many20,")
    # The row is as low as it can be: there is no room below it.
    row.evaluate("(each) => each.scrollIntoView({ block: 'end' })")
    row.get_by_role("button", name="New link").click()
    link = ana.locator("code.secret")
    expect(link).to_be_visible()
    assert link.evaluate(SEEN)
    assert violations(ana) == []
    row.get_by_role("button", name="Lock out").click()
    expect(link).to_have_count(0)  # it does nothing any more


def test_who_may_not_look_after_accounts_gets_no_form(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, admin = public
    add(server, admin, "carl").close()
    carl = person()
    sign_in(carl, "carl", f"{server.url}/accounts")
    expect(carl.get_by_role("heading", name="Only administrators can do this.")).to_be_visible()
    expect(carl.get_by_role("button", name="Make the account")).to_have_count(0)


def test_a_password_is_changed_once_and_shows_what_it_ended(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, admin = public
    elsewhere = add(server, admin, "eve")
    elsewhere.post("/api/me/tokens", json={"name": "nightly", "scope": "read"}).raise_for_status()
    elsewhere.close()
    eve = person()
    sign_in(eve, "eve", f"{server.url}/me")
    expect(eve.get_by_role("button", name="Revoke")).to_be_visible()
    eve.get_by_label("The one you have").fill("not the right one")
    eve.get_by_label("The one you want").fill("staple battery horse correct")
    change = eve.get_by_role("button", name="Change password")
    change.click()
    expect(eve.get_by_role("alert")).to_be_visible()
    eve.get_by_label("The one you have").fill(PASSWORD)
    change.dblclick()
    expect(eve.get_by_text("Your other browsers are signed out")).to_be_visible()
    expect(eve.get_by_role("alert")).to_have_count(0)
    expect(eve.get_by_role("button", name="Revoke")).to_have_count(0)
    expect(eve.get_by_role("button", name="Sign out")).to_have_count(0)


def test_a_refused_sign_in_leaves_the_keyboard_where_it_was(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, _ = public
    page = person()
    page.goto(server.url)
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("not the right one")
    button = page.get_by_role("button", name="Sign in", exact=True)
    button.click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(button).to_be_focused()


def test_a_link_that_was_sent_to_somebody_else_says_so(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, admin = public
    link = link_for(admin, "flo")
    ana = person()
    sign_in(ana, "root", server.url)
    expect(ana.get_by_role("button", name="New session").first).to_be_visible()
    ana.goto(link)
    expect(ana.get_by_text("You are signed in here as Root.")).to_be_visible()


def test_a_link_that_was_used_asks_for_no_other_password(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    _, admin = public
    link = link_for(admin, "gil")
    first, page = person(), person()
    for each in (first, page):
        each.goto(link)
        expect(each.get_by_text("The link is for the account")).to_be_visible()
    for each in (first, page):
        each.get_by_label("Password").fill(PASSWORD)
        each.get_by_role("button", name="Save and sign in").click()
        expect(each.get_by_label("Password")).to_have_count(0)
    expect(page.get_by_role("alert")).to_contain_text("This link was used, or its time is over.")
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Name")).to_be_visible()


def test_who_signed_out_elsewhere_keeps_what_they_wrote(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    """Whatever they did there was answered by the session's id and "not found"."""
    server, admin = public
    session = admin.post("/api/sessions", json={"title": "Two Sum"}).json()["session_id"]
    ana = person()
    sign_in(ana, "root", server.url)
    expect(ana.get_by_role("button", name="Sign out")).to_be_visible()
    other = ana.context.new_page()
    other.goto(f"{server.url}/s/{session}/wrap-up")
    other.get_by_label("Private note").fill("asks about duplicates")
    ana.get_by_role("button", name="Sign out").click()
    alert = other.get_by_role("alert").filter(has_text="You are signed out, or")
    expect(alert).to_be_visible()
    assert violations(other) == []
    expect(other.get_by_label("Private note")).to_have_value("asks about duplicates")
    # Said once: no part of the page asks on its own what is sure to be refused, and told.
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    with other.expect_response(lambda answer: answer.url.endswith(session)):
        pass
    assert set(asked) == {session}
    sign_in(ana, "root", server.url)
    expect(alert).to_have_count(0)
    other.get_by_role("button", name="Add note").click()
    expect(other.get_by_role("list").filter(has_text="asks about duplicates")).to_be_visible()


@pytest.mark.parametrize("part", ["", "/replay", "/wrap-up"])
def test_one_signs_in_where_one_wanted_to_be(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page], part: str
) -> None:
    """Replay showed an id there, and no way on; the others led to the list of all sessions."""
    server, admin = public
    session = admin.post("/api/sessions", json={"title": "Two Sum"}).json()["session_id"]
    address = f"{server.url}/s/{session}{part}"
    ana = person()
    ana.goto(address)
    expect(ana.get_by_role("heading", name="This session is not here")).to_be_visible()
    expect(ana.get_by_text(session)).to_have_count(0)
    ana.get_by_role("button", name="Sign in").click()
    ana.get_by_label("Name").fill("root")
    ana.get_by_label("Password").fill(PASSWORD)
    ana.get_by_role("button", name="Sign in", exact=True).click()
    expect(ana.get_by_text("Two Sum").first).to_be_visible()
    assert ana.url.partition("#")[0] == address


def test_where_nobody_signs_in_no_account_is_offered(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """A server of this computer alone: the forms were shown, and each was refused with *Sign in first*."""
    ana = person()
    ana.goto(f"{server.url}/accounts")
    expect(ana.get_by_role("heading", name="Nobody signs in here")).to_be_visible()
    expect(ana.get_by_text("PIZARRA_AUTH=accounts")).to_be_visible()
    expect(ana.get_by_role("button")).to_have_count(0)
    assert violations(ana) == []
    ana.get_by_role("link").click()
    expect(ana.get_by_role("button", name="New session").first).to_be_visible()
