"""From a first start that others can reach to the first candidate, by clicking; then hosting, in two browsers."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_story import join
from tests.harness.actors import PASSWORD, setup_secret
from tests.harness.server import ServerProcess, server_process

_FITS = """() => {
    const chip = document.querySelector(".chip");
    return document.documentElement.scrollWidth <= innerWidth && chip.scrollWidth <= chip.clientWidth;
}"""
_TWO_MINUTES = 120


@pytest.fixture
def public_server(tmp_path: Path, runner_socket: Path) -> Iterator[ServerProcess]:
    """A server that others can reach, started for the first time."""
    with server_process(
        tmp_path, first_start=True, runner_socket=runner_socket, host="0.0.0.0"
    ) as process:
        yield process


def set_up(page: Page, server: ServerProcess) -> None:
    """Make the first account with the link that the start printed."""
    page.goto(f"{server.url}/welcome#{setup_secret(server)}")
    page.get_by_label("E-mail address or name").fill("ana@example.org")
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("button", name="New session").first).to_be_visible()


def test_from_first_start_to_first_candidate(
    public_server: ServerProcess, person: Callable[..., Page]
) -> None:
    started = time.monotonic()
    ana, zoe = person(color_scheme="dark"), person(color_scheme="light")
    ana.goto(public_server.url)
    expect(ana.get_by_role("heading", name="Nobody has an account here yet")).to_be_visible()
    picture(ana, "first-start")
    ana.goto(f"{public_server.url}/welcome#{setup_secret(public_server)}")
    expect(ana.get_by_role("heading", name="Make the first account")).to_be_visible()
    expect(ana).to_have_url(f"{public_server.url}/welcome")  # the secret is out of the address bar
    picture(ana, "first-account")
    set_up(ana, public_server)
    ana.get_by_role("button", name="New session").first.click()
    ana.get_by_label("Title", exact=True).fill("Two Sum")
    ana.get_by_label("Waiting room: I let people in").check()
    picture(ana, "new-session")
    ana.get_by_role("button", name="Create and copy link").click()
    expect(ana.locator(".cm-content")).to_be_visible()
    link = str(ana.evaluate("navigator.clipboard.readText()"))

    zoe.goto(link)
    expect(zoe.get_by_text("The interviewer lets you in")).to_be_visible()
    zoe.get_by_label("Your name").fill("Zoë")
    zoe.get_by_role("button", name="Join").click()
    expect(zoe.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    picture(zoe, "waiting-room")
    zoe.reload()  # still the same person, still waiting
    expect(zoe.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    expect(ana.get_by_role("button", name="1 waiting")).to_be_visible()
    picture(ana, "somebody-waits")
    # In a narrower window too the bar has room for that, and for whether all is saved.
    for width in (768, 390):
        ana.set_viewport_size({"width": width, "height": 844})
        expect(ana.get_by_role("button", name="1 waiting")).to_have_text("1")
        assert ana.evaluate(_FITS)
    ana.set_viewport_size({"width": 1280, "height": 800})
    ana.get_by_role("button", name="Let in").click()
    expect(zoe.locator(".cm-content")).to_be_visible()
    expect(ana.locator(".people")).to_contain_text("Zoë")
    assert time.monotonic() - started < _TWO_MINUTES

    # Locks hold, are said, and leave what was written.
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Home")
    zoe.keyboard.insert_text("# mine ")
    expect(ana.locator(".cm-content")).to_contain_text("# mine")
    # it shows what holds, which is so once the server says it
    ana.get_by_label("Lock their editing").click()
    expect(ana.get_by_label("Lock their editing")).to_be_checked()
    expect(zoe.locator(".banner")).to_contain_text("locked editing for now")
    expect(zoe.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    expect(zoe.locator(".cm-content")).to_contain_text("# mine")
    picture(zoe, "editing-locked")
    picture(ana, "hosting-1280")
    ana.get_by_label("Lock their running").click()
    expect(ana.get_by_label("Lock their running")).to_be_checked()
    expect(zoe.get_by_role("button", name="Run", exact=False)).to_have_count(0)
    ana.get_by_label("Lock their editing").click()
    ana.get_by_label("Lock their running").click()
    expect(zoe.locator(".cm-content")).to_have_attribute("contenteditable", "true")
    zoe.keyboard.insert_text("still ")
    expect(ana.locator(".cm-content")).to_contain_text("# mine still")

    # Whoever has the link and types the same name on another device may be anybody: they wait too.
    phone = person(viewport={"width": 390, "height": 780})
    phone.goto(link)
    expect(phone.get_by_text("The interviewer lets you in")).to_be_visible()
    expect(phone.get_by_text("Zoë")).to_have_count(0)
    phone.get_by_label("Your name").fill("Zoë")
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    ana.get_by_role("button", name="Turn away Zoë").click()
    expect(phone.get_by_role("alert")).to_be_visible()
    expect(ana.locator(".people-line .person", has_text="Zoë")).to_have_count(1)
    again = zoe.context.new_page()  # the browser that was let in comes straight back
    again.goto(link)
    expect(again.locator(".cm-content")).to_be_visible()

    # Another role, and the door.
    ana.get_by_label("Role of Zoë").select_option("observer")
    expect(zoe.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    ana.get_by_role("button", name="Remove Zoë").click()
    for device in (zoe, again):
        expect(device.get_by_role("alert").first).to_contain_text("not in this session any more")
    picture(zoe, "removed")
    # That is no lost connection: whoever looks after the session is not left waiting for her.
    expect(ana.locator(".people li", has_text="Zoë")).to_contain_text("not let in any more")


def test_accounts_by_clicking(public_server: ServerProcess, person: Callable[..., Page]) -> None:
    ana, bo = person(), person(viewport={"width": 390, "height": 780}, color_scheme="dark")
    set_up(ana, public_server)
    ana.get_by_role("button", name="Accounts").click()
    ana.get_by_label("E-mail address or name").fill("bo@example.org")
    ana.get_by_label("How others see them").fill("Bo")
    ana.get_by_role("button", name="Make the account").click()
    link = ana.locator("code.secret").inner_text()
    ana.get_by_label("New team").fill("Backend")
    ana.get_by_role("button", name="Make the team").click()
    expect(ana.locator(".rows")).to_contain_text(["Ana", "Backend"])
    days = ana.get_by_label("Days after which ended sessions of Backend are erased; empty: never")
    days.fill("180")
    days.press("Tab")
    expect(ana.get_by_text("Kept for 180 days")).to_be_visible()
    picture(ana, "accounts-1280")

    bo.goto(link.replace("0.0.0.0", "127.0.0.1"))
    expect(bo.get_by_role("heading", name="Choose a password")).to_be_visible()
    bo.get_by_label("Password").fill("short")
    bo.get_by_role("button", name="Save and sign in").click()
    bo.get_by_label("Password").fill(PASSWORD)
    picture(bo, "choose-a-password-390")
    bo.get_by_role("button", name="Save and sign in").click()
    expect(bo.get_by_text("No sessions yet")).to_be_visible()
    picture(bo, "home-390")
    bo.get_by_role("button", name="Bo", exact=True).click()
    bo.get_by_label("What it is for").fill("nightly export")
    bo.get_by_role("button", name="Make a token").click()
    expect(bo.locator("code.secret")).to_have_text(re.compile(r"^pzt_"))
    picture(bo, "own-390")
    bo.get_by_role("button", name="All sessions").click()
    bo.get_by_role("button", name="Sign out").click()
    expect(bo.get_by_role("heading", name="Sign in")).to_be_visible()
    bo.get_by_label("Name").fill("bo@example.org")
    bo.get_by_label("Password").fill("not the right one")
    bo.get_by_role("button", name="Sign in", exact=True).click()
    expect(bo.get_by_role("alert")).to_contain_text("name or the password is wrong")
    picture(bo, "sign-in-390")
    bo.get_by_label("Password").fill(PASSWORD)
    bo.get_by_role("button", name="Sign in", exact=True).click()
    expect(bo.get_by_text("No sessions yet")).to_be_visible()

    # Locked out, while the page is open.
    ana.get_by_role("button", name="Lock out").click()
    bo.reload()
    expect(bo.get_by_role("heading", name="Sign in")).to_be_visible()


def test_what_a_candidate_keeps(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person()
    host.goto(server.url)
    host.get_by_role("button", name="New session").first.click()
    host.get_by_text("Rules and privacy").click()
    host.get_by_label("Afterwards, candidates may").select_option("code")
    host.get_by_role("button", name="Create and copy link").click()
    expect(host.locator(".cm-content")).to_be_visible()
    zoe.goto(str(host.evaluate("navigator.clipboard.readText()")))
    expect(zoe.locator("form")).to_contain_text("Afterwards you may read and download the code.")
    join(zoe, zoe.url, "Zoë")
    host.get_by_role("button", name="Wrap up", exact=True).click()
    host.get_by_role("button", name="End the session").click()
    expect(zoe.get_by_text("This session has ended.")).to_be_visible()
    expect(zoe.get_by_role("button", name="Reopen")).to_have_count(0)
    with zoe.expect_download() as download:
        zoe.get_by_role("link", name="Download").click()
    assert re.fullmatch(r"pizarra-[0-9a-f]{8}\.zip", download.value.suggested_filename)
    picture(zoe, "ended-candidate")
