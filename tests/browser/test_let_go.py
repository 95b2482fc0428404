"""Who is let go for good finds nothing to press that could only be asked of the server."""

import re
from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.test_story import create_session, join
from tests.harness.server import ServerProcess

ASKS = "print(input('name? '))\n"


def test_nothing_is_asked_of_a_server_that_let_one_go(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """*Stop* and *Follow* could be pressed, and the server was said not to answer."""
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Let go", ASKS), "Zoë")
    zoe.get_by_role("button", name=re.compile("^Run main.py")).click()
    expect(zoe.locator(".screen")).to_contain_text("name?")
    stop = zoe.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_enabled()
    zoe.get_by_role("button", name="Follow Host").first.click()
    expect(zoe.get_by_text("Following Host")).to_be_visible()

    session = f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}"
    (her,) = (each for each in httpx2.get(f"{session}/people").json() if each["name"] == "Zoë")
    httpx2.delete(f"{session}/people/{her['participant_id']}").raise_for_status()
    expect(zoe.get_by_role("alert")).to_contain_text("You are not in this session any more")
    expect(stop).to_be_disabled()
    expect(zoe.get_by_text("Following Host")).to_have_count(0)
    for each in zoe.get_by_role("button", name="Follow Host").all():
        expect(each).to_be_disabled()
    for gone in ("Point", "Format"):
        expect(zoe.get_by_role("button", name=gone, exact=True)).to_have_count(0)
    # By the keys it is said why, not that the connection is to be checked.
    zoe.keyboard.press("Control+.")
    expect(zoe.locator(".toast")).to_contain_text("You are not in this session any more")


def test_a_host_of_a_session_that_is_gone_has_nobody_to_look_after(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Gone"), "Zoë")
    expect(host.get_by_role("button", name="Replace links…")).to_be_visible()
    httpx2.delete(f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}").raise_for_status()
    expect(host.get_by_role("alert")).to_be_visible()
    for name in ("Replace links…", "Bring everybody to me", "Suggest"):
        expect(host.get_by_role("button", name=name)).to_have_count(0)
    for each in host.get_by_role("button", name="Follow Zoë").all():
        expect(each).to_be_disabled()
    expect(host.get_by_role("combobox", name="Language")).to_have_count(0)


def test_the_keyboard_stays_with_a_question_and_goes_back(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """It was at the link for interviewers afterwards: whoever pressed Enter once more copied that."""
    host = person()
    create_session(host, server, "Links")
    replace = host.get_by_role("button", name="Replace links…")
    keep = host.get_by_role("button", name="Keep them")
    replace.press("Enter")
    expect(keep).to_be_focused()
    keep.press("Enter")
    expect(replace).to_be_focused()
    replace.press("Enter")
    host.get_by_role("button", name="Replace all links").press("Enter")
    expect(host.get_by_text("New candidate link copied")).to_be_visible()
    expect(replace).to_be_focused()
    # The same where a question is taken out of the library.
    made = httpx2.post(f"{server.url}/api/questions", json={"title": "To be kept"}).json()
    host.goto(f"{server.url}/library/{made['question_id']}")
    remove = host.get_by_role("button", name="Delete…")
    remove.press("Enter")
    expect(host.get_by_text("It is gone from the library.")).to_be_visible()
    expect(host.get_by_role("button", name="Keep it")).to_be_focused()
    host.keyboard.press("Enter")
    expect(remove).to_be_focused()
