"""Who waits to be let in is told when there is nothing to wait for any more."""

from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, expect
from tests.harness.axe import violations
from tests.harness.server import ServerProcess


def test_nobody_waits_for_a_session_that_is_over(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """It said that the interviewer would let them in, for ever."""
    made = httpx2.post(f"{server.url}/api/sessions", json={"waiting_room": True}).json()
    session = f"{server.url}/api/sessions/{made['session_id']}"
    zoe = person()
    zoe.goto(made["share_url"])
    zoe.get_by_label("Your name").fill("Zoë")
    zoe.get_by_role("button", name="Join").click()
    waiting = zoe.get_by_role("heading", name="You are in the waiting room")
    expect(waiting).to_be_visible()
    httpx2.post(f"{session}/end").raise_for_status()
    expect(zoe.get_by_role("alert")).to_contain_text("ended before you were let in")
    assert violations(zoe) == []
    httpx2.post(f"{session}/reopen").raise_for_status()
    expect(waiting).to_be_visible()
    httpx2.delete(session).raise_for_status()
    expect(zoe.get_by_role("heading", name="This link does not work")).to_be_visible()
    expect(waiting).to_have_count(0)


def test_who_closes_the_page_does_not_wait_any_more(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """They stood in the list of who waits, and were let in with nobody there."""
    made = httpx2.post(f"{server.url}/api/sessions", json={"waiting_room": True}).json()
    host, zoe = person(), person()
    host.goto(f"{server.url}/s/{made['session_id']}")
    zoe.goto(made["share_url"])
    zoe.get_by_label("Your name").fill("Zoë")
    zoe.get_by_role("button", name="Join").click()
    waiting = zoe.get_by_role("heading", name="You are in the waiting room")
    expect(waiting).to_be_visible()
    listed = host.get_by_role("region", name="Waiting").get_by_text("Zoë")
    expect(listed).to_be_visible()
    # Loaded again, she waits on.
    zoe.reload()
    expect(waiting).to_be_visible()
    expect(listed).to_be_visible()
    address, context = zoe.url, zoe.context
    zoe.close(run_before_unload=True)
    expect(listed).to_have_count(0, timeout=5000)
    # Whoever loads the page is told the same; she comes back, and is let in.
    host.reload()
    expect(host.locator(".cm-content")).to_be_visible()
    expect(listed).to_have_count(0)
    zoe = context.new_page()
    zoe.goto(address)
    expect(listed).to_be_visible()
    host.get_by_role("button", name="Let in").click()
    expect(zoe.locator(".cm-content")).to_be_visible()
