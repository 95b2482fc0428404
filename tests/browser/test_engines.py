"""The main story in Firefox and WebKit: come in, type as people do, run, lose the server, replay.

In Chromium each of its parts has a file of its own here: typing, terminal, storage, replay.
"""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.browser.conftest import OUTPUT
from tests.harness.engines import PlaywrightVisitor, Visitor, wait_for, webkit, webkit_browser
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

HUMAN_MS = 140
# Keys as somebody presses them who knows that the editor indents by itself.
KEYS = 'def f(x):\n"""It\'s "x"."""\nif x:\nreturn\n\bfor i in [1, 2]:\nprint(i * 21)\n\b\bf(0)\n'
PROGRAM = '''def f(x):
    """It's "x"."""
    if x:
        return
    for i in [1, 2]:
        print(i * 21)
f(0)
'''
OFFLINE = "# typed while nobody listened\n"
_CODE = "document.querySelector('.cm-content')?.cmTile.root.view.state.doc.toString()"
_SAVED = "document.querySelector('.chip')?.textContent.includes('saved')"


@pytest.fixture
def owner(own_server: ServerProcess) -> Iterator[httpx2.Client]:
    """The owner, on this computer."""
    with httpx2.Client(base_url=own_server.url) as client:
        yield client


@pytest.fixture(params=["firefox", "webkit"])
def visitor(request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Somebody with a browser of each engine; what is missing is skipped, and the set-up has named it."""
    if request.param == "webkit":
        browser = webkit_browser()
        if browser is None:
            pytest.skip("WebKit is not installed: apt-get install webkit2gtk-driver xvfb")
        with webkit(browser) as guest:
            yield guest
        return
    person = PlaywrightVisitor(request.getfixturevalue(request.param))
    yield person
    person.close()
    assert person.faults == []


def test_main_story_in_every_engine(
    own_server: ServerProcess,
    owner: httpx2.Client,
    visitor: Visitor,
    request: pytest.FixtureRequest,
) -> None:
    body = {"title": "Two Sum", "initial_code": "", "candidate_keeps": "timeline"}
    made: dict[str, Any] = owner.post("/api/sessions", json=body).json()
    session = f"/api/sessions/{made['session_id']}"
    served = f"{session}/files/main.py"
    visitor.open(made["share_url"])
    visitor.fill(".join input", "Zoë")
    visitor.click(".join button[type=submit]")
    wait_for(visitor, _SAVED)

    # At the speed of people, with whatever is offered meanwhile.
    visitor.click(".cm-content")
    visitor.type(KEYS, HUMAN_MS)
    assert visitor.evaluate(_CODE) == PROGRAM
    wait_for(visitor, _SAVED)
    assert owner.get(served).text == PROGRAM

    visitor.click(".output-bar button.primary:enabled")
    wait_for(visitor, "document.querySelector('.run-state')?.textContent.includes('exited 0')")
    assert visitor.evaluate("/21[^]*42/.test(document.querySelector('.screen').textContent)")
    OUTPUT.mkdir(exist_ok=True)
    visitor.picture(OUTPUT / f"{request.node.callspec.id}-session.png")

    # What was typed while the server was dead outlives the tab.
    own_server.kill()
    wait_for(visitor, f"!{_SAVED}")
    visitor.click(".cm-content")
    visitor.type(OFFLINE)
    wait_for(visitor, "document.querySelector('.chip').textContent.includes('kept here')")
    own_server.start()
    visitor.reopen(f"{own_server.url}/s/{made['session_id']}")
    wait_until(lambda: OFFLINE in owner.get(served).text, "what was typed without a server")
    wait_for(visitor, _SAVED)

    # The replay, in the tab of the session.
    owner.post(f"{session}/end").raise_for_status()
    visitor.click(".ended button.primary")
    wait_for(
        visitor, f"location.pathname.endsWith('/replay') && {_CODE}?.includes({OFFLINE.strip()!r})"
    )
    visitor.picture(OUTPUT / f"{request.node.callspec.id}-replay.png")
