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
