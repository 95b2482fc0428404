"""What could not be sent: kept, shown with a word that says why, sent once its author may write, and never twice."""

import re
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, WebSocket, expect
from tests.browser.conftest import picture
from tests.browser.test_honest_client import file_of
from tests.browser.test_storage import says, type_line
from tests.browser.test_story import code_of, create_session, join
from tests.harness.program import pizarra
from tests.harness.relay import Relay
from tests.harness.server import ServerProcess, server_process

_FRAME = 100_000
# The connection that there is sends nothing any more.
_MUTE = """() => {
  const { send } = WebSocket.prototype;
  let mute = null;
  WebSocket.prototype.send = function (data) { if (this !== (mute ??= this)) send.call(this, data); };
}"""


Meeting = Callable[[ServerProcess, str], tuple[Page, Page, Relay, str]]


@pytest.fixture
def meet(person: Callable[..., Page], network: Callable[[ServerProcess], Relay]) -> Meeting:
    """Give a way to have a host, and Zoë behind a network of her own, in a session; with its address."""

    def meet(server: ServerProcess, title: str) -> tuple[Page, Page, Relay, str]:
        host, zoe, relay = person(), person(), network(server)
        join(zoe, relay.through(create_session(host, server, title, "# start\n")), "Zoë")
        says(zoe, "saved")
        return host, zoe, relay, f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}"

    return meet


def _offline(page: Page, relay: Relay, *texts: str) -> None:
    relay.cut()
    for text in texts:
        type_line(page, text)
    says(page, f"offline, {len(texts)} edit{'s' if len(texts) > 1 else ''} kept here")


def _unsent(page: Page) -> Locator:
    return page.locator(".unsent")


def _me(page: Page, address: str) -> str:
    people = httpx2.get(f"{address}/people").json()
    return str(next(each["participant_id"] for each in people if each["name"] == "Zoë"))


def test_what_was_written_offline_waits_for_the_lock(server: ServerProcess, meet: Meeting) -> None:
    host, zoe, relay, address = meet(server, "Locked meanwhile")
    waits = _unsent(zoe)
    for locked, free, word in (
        ({"editing_locked": True}, {"editing_locked": False}, "Editing was locked"),
        ({"role": "observer"}, {"role": "candidate"}, "You may only watch now"),
    ):
        where = address if "editing_locked" in locked else f"{address}/people/{_me(zoe, address)}"
        before = file_of(server, host)
        mine = f"# before: {word}\n"
        _offline(zoe, relay, mine.rstrip())
        httpx2.patch(where, json=locked).raise_for_status()
        relay.mend()
        expect(waits).to_contain_text(word)
        expect(zoe.locator(".cm-content")).to_have_attribute("contenteditable", "false")
        says(zoe, "not all saved")
        assert code_of(zoe) == before  # what everybody has
        type_line(host, "# meanwhile")
        expect(zoe.locator(".cm-content")).to_contain_text("# meanwhile")
        zoe.reload()
        expect(waits).to_contain_text(word)
        waits.get_by_text("main.py").click()
        expect(waits.locator("pre")).to_contain_text(mine.rstrip())
        picture(zoe, f"unsent-{'locked' if 'editing_locked' in locked else 'watching'}-1280")
        waits.get_by_role("button", name="Copy my text").click()
        expect(zoe.locator(".toast")).to_contain_text("copied")
        assert mine in zoe.evaluate("navigator.clipboard.readText()")
        assert mine not in file_of(server, host)
        httpx2.patch(where, json=free).raise_for_status()
        expect(waits).to_have_count(0)
        says(zoe, "saved")
        for page in (zoe, host):
            expect(page.locator(".cm-content")).to_contain_text(mine.rstrip())
        text = file_of(server, host)
        assert text.count(mine) == 1
        assert code_of(zoe) == code_of(host) == text
        type_line(zoe, "# and on")
        says(zoe, "saved")


def test_what_the_server_refuses_is_kept(
    tmp_path: Path, runner_socket: Path, meet: Meeting
) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, max_frame_bytes=_FRAME) as server:
        host, zoe, relay, address = meet(server, "Refused")
        waits = _unsent(zoe)
        # Too large at once, not one by one: it is sent in the pieces that it was made in.
        pieces = [f"# {secrets.token_hex(_FRAME // 5)}" for _ in range(4)]
        _offline(zoe, relay, *pieces)
        relay.mend()
        says(zoe, "saved")
        assert file_of(server, host) == "\n".join(["# start", *pieces, ""])
        expect(waits).to_have_count(0)
        # One that is too large alone is not tried for ever; what comes after it arrives.
        large = f"# {secrets.token_hex(2 * _FRAME)}"
        _offline(zoe, relay, large)
        relay.mend()
        expect(waits).to_contain_text("too large for the server")
        says(zoe, "not all saved")
        type_line(zoe, "# small")
        expect(host.locator(".cm-content")).to_contain_text("# small")
        zoe.reload()
        expect(waits).to_contain_text("too large for the server")
        picture(zoe, "unsent-refused-1280")
        waits.get_by_role("button", name="Throw it away").click()
        expect(waits).to_have_count(0)
        says(zoe, "saved")
        # Another document has come in the place of this one: only a copy helps.
        zoe.evaluate(_MUTE)
        type_line(zoe, "# for the old one")
        says(zoe, "saving")
        with closing(sqlite3.connect(next(tmp_path.glob("*.db")))) as database:
            database.execute("UPDATE sessions SET epoch = 'another'")
            database.commit()
        expect(zoe.locator(".toast")).to_contain_text(
            "The document was replaced while you were away"
        )
        zoe.reload()
        waits.get_by_text("main.py").click()
        expect(waits.locator("pre")).to_contain_text("# for the old one")
        waits.get_by_role("button", name="Throw it away").click()
        # Out of the session: what was written can be copied there and then, and when one tries again.
        _offline(zoe, relay, "# last words")
        httpx2.delete(f"{address}/people/{_me(zoe, address)}").raise_for_status()
        relay.mend()
        for _ in range(2):
            expect(waits).to_be_visible()
            waits.get_by_text("main.py").click()
            expect(waits.locator("pre")).to_contain_text("# last words")
            zoe.reload()
        expect(zoe.get_by_role("heading", name="This session is not here")).to_be_visible()
        text = file_of(server, host)
        for never in (large, "# for the old one", "# last words"):
            assert never not in text
        assert text.endswith("# small\n")


def test_nothing_goes_past_the_lock(server: ServerProcess, person: Callable[..., Page]) -> None:
    """What was begun before editing was locked is refused with a word, or not offered; nobody is thrown out."""
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Locked", "x=1\n"), "Zoë")
    address = f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}"
    says(zoe, "saved")
    sockets: list[WebSocket] = []
    zoe.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - Playwright looks into it
    toast, tabs = zoe.locator(".toast"), zoe.get_by_role("tab")

    def lock(locked: bool) -> None:
        httpx2.patch(address, json={"editing_locked": locked}).raise_for_status()
        expect(zoe.locator(".cm-content")).to_have_attribute(
            "contenteditable", str(not locked).lower()
        )

    def name_new(path: str) -> None:
        zoe.get_by_role("button", name="New file").click()
        zoe.get_by_label("Name of the new file").fill(path)

    # A name that was being typed.
    name_new("extra.py")
    zoe.keyboard.press("Enter")
    expect(tabs.filter(has_text="extra.py")).to_be_visible()
    name_new("late.py")
    lock(True)
    zoe.get_by_label("Name of the new file").press("Enter")
    expect(zoe.locator(".name-field .problem")).to_have_text(
        "You may not write now: nothing was changed."
    )
    picture(zoe, "locked-name-1280")
    zoe.get_by_role("button", name="Cancel").click()
    # A file that was being chosen, and one that is dropped.
    files: FilePayload = {"name": "up.txt", "mimeType": "text/plain", "buffer": b"up"}
    zoe.get_by_label("Files to upload").set_input_files(files)
    expect(toast).to_contain_text("You may not write now")
    # An open menu.
    lock(False)
    zoe.get_by_role("button", name="File", exact=True).click()
    remove = zoe.get_by_role("button", name="Delete extra.py")
    expect(remove).to_be_visible()
    lock(True)
    expect(remove).to_have_count(0)
    expect(zoe.get_by_role("button", name="Download extra.py")).to_be_visible()
    lock(False)
    # The way back from a deletion.
    remove.click()
    expect(toast).to_contain_text("extra.py")
    lock(True)
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("You may not write now")
    lock(False)
    # A format that is on its way.
    asked: list[Route] = []
    zoe.route("**/format", lambda route: asked.append(route), times=1)  # noqa: PLW0108 - Playwright looks into it
    with zoe.expect_request("**/format"):
        zoe.get_by_role("button", name="Format").click()
    lock(True)
    asked[0].continue_()
    # The server refuses it, or the page what comes back: whichever knows of the lock first.
    expect(toast).to_contain_text(re.compile("You (may not write|cannot change the text) now"))
    says(zoe, "saved")
    assert [each["path"] for each in httpx2.get(f"{address}/files").json()] == ["main.py"]
    assert file_of(server, host) == "x=1\n"
    assert sockets == []


def test_what_a_database_that_went_back_lost_is_shown_to_everybody(
    tmp_path: Path, runner_socket: Path, meet: Meeting
) -> None:
    """What others wrote cannot be brought back from here (their browsers may be gone), but nobody loses it unseen."""
    data, file = tmp_path / "data", tmp_path / "pizarra.backup"
    data.mkdir()
    with server_process(data, runner_socket=runner_socket) as server:
        host, zoe, *_ = meet(server, "Went back")
        type_line(host, "# before")
        says(host, "saved")
        assert pizarra("backup", file, "--data-dir", data).returncode == 0
        type_line(host, "# by the host")
        expect(zoe.locator(".cm-content")).to_contain_text("# by the host")
        type_line(zoe, "# by Zoë")
        expect(host.locator(".cm-content")).to_contain_text("# by Zoë")
        says(zoe, "saved")
        server.stop()
        type_line(zoe, "# and while nothing was there")
        assert pizarra("restore", file, "--force", "--data-dir", data).returncode == 0
        server.start()
        for page, wrote in (
            (host, "# by Zoë\n"),
            (zoe, "# by Zoë\n# and while nothing was there\n"),
        ):
            expect(page.locator(".cm-content")).to_have_text("# start# before")
            waits = _unsent(page)
            expect(waits).to_contain_text("The document was replaced while you were away")
            waits.get_by_role("button", name="Copy my text").click()
            kept = page.evaluate("navigator.clipboard.readText()")
            assert kept == f"main.py\n# start\n# before\n# by the host\n{wrote}"
            waits.get_by_role("button", name="Throw it away").click()
        type_line(host, "# on")
        expect(zoe.locator(".cm-content")).to_contain_text("# on")
        says(zoe, "saved")
        server.kill()  # nothing is lost by that: nobody is told anything
        server.start()
        type_line(zoe, "# and on")
        says(zoe, "saved")
        expect(host.locator(".cm-content")).to_contain_text("# and on")
        for page in (host, zoe):
            expect(_unsent(page)).to_have_count(0)


def test_a_large_paste_is_told_of_whatever_the_connection_is(
    server: ServerProcess, meet: Meeting
) -> None:
    host, zoe, relay, _ = meet(server, "Pasted")
    host.get_by_role("tab", name="Activity").click()
    zoe.locator(".cm-content").press("Control+End")
    zoe.evaluate("text => navigator.clipboard.writeText(text)", "# from elsewhere\n" * 10)
    relay.cut()
    expect(zoe.locator(".chip")).to_contain_text("reconnecting")
    zoe.keyboard.press("Control+v")
    says(zoe, "offline, 1 edit kept here")
    relay.mend()
    expect(host.locator(".entries")).to_contain_text("Zoë pasted 170 characters")
    expect(host.locator(".entries")).to_contain_text("from outside")
    # Nor does one get lost that was told on a connection that was gone without a word.
    says(zoe, "saved")
    zoe.evaluate(_MUTE)
    zoe.evaluate("text => navigator.clipboard.writeText(text)", "# from afar\n" * 20)
    zoe.keyboard.press("Control+v")
    says(zoe, "saving")
    relay.cut()
    relay.mend()
    expect(host.locator(".entries")).to_contain_text("Zoë pasted 240 characters")
    # Nor does one that was made on a page which was left before it had a connection again.
    says(zoe, "saved")
    here = zoe.url
    relay.cut()
    expect(zoe.locator(".chip")).to_contain_text("reconnecting")
    zoe.evaluate("text => navigator.clipboard.writeText(text)", "# and gone\n" * 30)
    zoe.keyboard.press("Control+v")
    says(zoe, "offline, 1 edit kept here")
    zoe.goto("about:blank")
    relay.mend()
    zoe.goto(here)
    expect(host.locator(".entries")).to_contain_text("Zoë pasted 330 characters")
    says(zoe, "saved")
    zoe.reload()
    says(zoe, "saved")
    expect(host.locator(".entries li")).to_have_count(3)


def test_what_is_asked_for_without_a_connection_stays_to_be_asked(
    server: ServerProcess, meet: Meeting
) -> None:
    host, zoe, relay, _ = meet(server, "Asked")
    zoe.get_by_role("tab", name="Activity").click()
    zoe.locator(".cm-content").press("Control+End")
    zoe.evaluate("text => navigator.clipboard.writeText(text)", "print(input())\n" * 10)
    zoe.keyboard.press("Control+v")
    zoe.get_by_role("button", name="Say why").click()
    why = zoe.get_by_label("What the others should know")
    why.fill("the exercise of before")
    zoe.get_by_role("button", name=re.compile("^Run")).click()
    expect(host.locator(".run-state")).to_contain_text("running")
    relay.cut()
    expect(zoe.locator(".chip")).to_contain_text("reconnecting")
    missing = zoe.get_by_text("The server does not answer")
    asks: list[Callable[[], None]] = [
        lambda: zoe.get_by_role("button", name="Say it").click(),
        lambda: zoe.keyboard.press("Control+."),
        lambda: zoe.locator(".xterm-helper-textarea").press("x"),
    ]
    for ask in asks:
        ask()
        expect(missing).to_be_visible()
        expect(missing).to_be_hidden()  # it goes by itself
    relay.mend()
    says(zoe, "saved")
    expect(why).to_have_value("the exercise of before")
    zoe.get_by_role("button", name="Say it").click()
    host.get_by_role("tab", name="Activity").click()
    expect(host.locator(".entries")).to_contain_text("the exercise of before")
