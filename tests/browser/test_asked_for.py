"""What the page asks for is there: an ordinary interview, without a question, logs no refused request."""

from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, Response, expect
from tests.browser.test_story import create_session, join, saved
from tests.harness.server import ServerProcess

_ASKED = (
    "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/problem'))"
)


def test_nothing_is_asked_for_in_vain(server: ServerProcess, person: Callable[..., Page]) -> None:
    """Every session without a problem asked for it, and had a 404 in the browser's console."""
    refused: list[str] = []

    def note(response: Response) -> None:
        if response.status >= 400:
            refused.append(f"{response.status} {response.request.method} {response.url}")

    host, zoe = person(), person()
    for page in (host, zoe):
        page.on("response", note)
    link = create_session(host, server, "Plain", "print(1)\n")
    join(zoe, link, "Zoë")
    for page in (host, zoe):
        saved(page)
        page.wait_for_function(_ASKED)
    session = f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}"
    httpx2.post(f"{session}/runs?wait=true", json={}, timeout=60).raise_for_status()
    httpx2.post(f"{session}/end").raise_for_status()
    expect(zoe.locator(".thanks")).to_be_visible()
    address = host.url
    for path, there in (
        (f"{address}/wrap-up", ".wrap-up-state"),
        (f"{address}/replay", ".timeline"),
        (f"{server.url}/library", ".finder"),
        (f"{server.url}/library/new", ".question-form"),
        (f"{server.url}/library/plans", "main"),
        (server.url, ".session-row"),
    ):
        host.goto(path)
        expect(host.locator(there).first).to_be_visible()
    assert refused == []
