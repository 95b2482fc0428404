"""A session whose files are all deleted: people are told so, and who may write makes one."""

from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from pycrdt import Doc, Map
from tests.browser.conftest import picture
from tests.browser.test_honest_client import take_in
from tests.browser.test_story import code_of, create_session, join, saved
from tests.harness.axe import violations
from tests.harness.rooms import url_of
from tests.harness.server import ServerProcess
from websockets.sync.client import connect

from pizarra.collab.wire.codec import SyncStep, sync_frame


def delete_every_file(server: ServerProcess, session_id: str) -> None:
    """Do it as another program can: the page itself keeps the file that Run runs."""
    session = f"{server.url}/api/sessions/{session_id}"
    with connect(url_of(server, httpx2.get(session).json())) as socket:
        doc: Doc[Any] = Doc()
        files = doc.get("files", type=Map)
        socket.send(sync_frame(SyncStep.STEP1, doc.get_state()))
        while len(files) == 0:
            take_in(doc, socket.recv(timeout=10))
        before = doc.get_state()
        for path in list(files):
            del files[path]
        socket.send(sync_frame(SyncStep.UPDATE, doc.get_update(before)))
        while httpx2.get(f"{session}/files").json():
            pass


def test_a_session_without_files_offers_to_make_one(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """Whoever came then read *Opening the document*, for ever."""
    host, zoe, watching = person(), person(), person()
    link = create_session(host, server, "Nothing left", "x = 1\n")
    join(zoe, link, "Zoë")
    session_id = host.url.rsplit("/", 1)[1]
    session = f"{server.url}/api/sessions/{session_id}"
    seat = httpx2.post(f"{session}/invites", json={"role": "observer"}).json()
    join(watching, seat["url"], "Olga")
    delete_every_file(server, session_id)

    # Who had it open closes it, and who comes now: both are told, and may bring it back or make another.
    zoe.get_by_role("button", name="Close").click()
    for page in (host, watching):
        page.reload()
    for page in (host, zoe, watching):
        expect(page.get_by_text("This session has no file.")).to_be_visible()
        expect(page.get_by_text("Opening the document")).to_have_count(0)
    picture(zoe, "no-file-1280")
    assert violations(zoe) == []
    for page in (host, zoe):
        expect(page.get_by_role("button", name="Bring back main.py")).to_be_visible()
        expect(page.get_by_role("button", name="New file")).to_be_visible()
    for name in ("Make main.py", "Bring back main.py", "New file"):
        expect(watching.get_by_role("button", name=name)).to_have_count(0)

    zoe.get_by_role("button", name="Make main.py").click()
    expect(zoe.locator(".cm-content")).to_be_focused()
    zoe.keyboard.insert_text("y = 2")
    saved(zoe)
    for page in (host, watching):
        expect(page.locator(".cm-content")).to_contain_text("y = 2")
    assert code_of(host) == "y = 2"

    delete_every_file(server, session_id)
    host.reload()
    host.get_by_role("button", name="Bring back main.py").first.click()
    expect(zoe.get_by_role("tab", name="main.py")).to_be_visible()


def test_an_ended_session_without_files_says_so(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    create_session(host, server, "Nothing kept", "x = 1\n")
    session_id = host.url.rsplit("/", 1)[1]
    delete_every_file(server, session_id)
    httpx2.post(f"{server.url}/api/sessions/{session_id}/end").raise_for_status()
    expect(host.get_by_text("This session has no file.")).to_be_visible()
    host.goto(f"{server.url}/s/{session_id}/replay")
    expect(host.get_by_text("There is no file at this moment.")).to_be_visible()
