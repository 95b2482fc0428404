"""The page as an honest client: nothing typed is lost by a crash, a refusal, a rival's undo or an input method."""

import contextlib
from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from pycrdt import Doc, Text
from tests.browser.conftest import picture
from tests.browser.test_story import code_of, create_session, join, saved
from tests.harness.rooms import url_of
from tests.harness.server import ServerProcess
from websockets import ConnectionClosed, Origin
from websockets.sync.client import connect

from pizarra.collab.wire.codec import (
    MessageType,
    SyncStep,
    decode_frame,
    sync_frame,
    var_uint,
)


def type_at_start(page: Page, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text(text)


def paste(page: Page, text: str) -> None:
    """Paste as a browser does it: an event with the text."""
    page.locator(".cm-content").click()
    page.evaluate(
        """(text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData('text/plain', text);
            const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
            document.querySelector('.cm-content').dispatchEvent(event);
        }""",
        text,
    )


def file_of(server: ServerProcess, page: Page) -> str:
    session = page.url.rsplit("/", 1)[1]
    return httpx2.get(f"{server.url}/api/sessions/{session}/files/main.py").text


def test_a_crashed_tab_loses_nothing(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    create_session(host, own_server, "Crash", "print(1)\n")
    saved(host)
    address, context = host.url, host.context
    own_server.pause()  # the server hangs: nothing typed now can be acknowledged
    type_at_start(host, "# typed into the void")
    expect(host.locator(".chip")).to_contain_text("saving")
    type_at_start(host, "# and more\n")
    host.wait_for_function(
        """() => new Promise((resolve) => {
            const open = indexedDB.open('pizarra-outbox');
            open.onsuccess = () => {
                const count = open.result.transaction('updates').objectStore('updates').count();
                count.onsuccess = () => { open.result.close(); resolve(count.result >= 2); };
            };
        })"""
    )
    # The tab dies without a word; so does the server.
    host.close(run_before_unload=False)
    own_server.resume()
    own_server.kill()
    own_server.start()
    again = context.new_page()
    again.goto(address)
    expect(again.locator(".cm-content")).to_contain_text("# typed into the void")
    expect(again.locator(".cm-content")).to_contain_text("# and more")
    saved(again)
    assert file_of(own_server, again) == "# and more\n# typed into the voidprint(1)\n"
    # It was sent once: a third window finds nothing left to send.
    third = context.new_page()
    third.goto(address)
    expect(third.locator(".cm-content")).to_contain_text("print(1)")
    saved(third)
    assert code_of(third) == code_of(again)


# Every socket of the page from now on, and a way to have one hear what no server has sent.
_OVERHEARD = """() => {
    const Real = window.WebSocket;
    window.WebSocket = class extends Real { constructor(...asked) { super(...asked); window.socket = this; } };
    window.hear = (hex) => {
        const data = Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16)).buffer;
        window.socket.onmessage(new MessageEvent('message', { data }));
    };
    const error = console.error; // Yjs' own word for it is no fault here
    console.error = (...said) => String(said[0]).startsWith('Caught error while handling') || error(...said);
}"""


def _nested(depth: int, client: int) -> list[bytes]:
    """An update with maps in maps, and one that deletes the outermost: more than a browser's stack can take."""
    outermost = b"\x27\x01\x01x\x01k\x01"
    inner = (b"\x27\x00" + var_uint(client) + var_uint(n) + b"\x01k\x01" for n in range(depth - 1))
    head = b"\x01" + var_uint(depth) + var_uint(client) + b"\x00"
    return [
        head + outermost + b"".join(inner) + b"\x00",
        b"\x00\x01" + var_uint(client) + b"\x01\x00\x01",
    ]


def test_a_document_that_breaks_is_loaded_anew(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    host.add_init_script(f"({_OVERHEARD})()")
    create_session(host, own_server, "Broken", "print(1)\n")
    saved(host)
    own_server.pause()  # what is typed now cannot be acknowledged
    type_at_start(host, "# not safe yet\n")
    expect(host.locator(".chip")).to_contain_text("saving")
    for update in _nested(3_000, 4_343):
        host.evaluate("(frame) => hear(frame)", sync_frame(SyncStep.UPDATE, update).hex())
    expect(host.locator(".toast")).to_contain_text("failed in this browser")
    expect(host.locator(".chip")).not_to_contain_text("saved")
    own_server.resume()
    expect(host.locator(".cm-content")).to_contain_text("# not safe yet")
    saved(host)
    type_at_start(host, "# goes on\n")
    saved(host)
    assert file_of(own_server, host) == "# goes on\n# not safe yet\nprint(1)\n" == code_of(host)


def test_what_is_too_large_is_refused_before_it_is_made(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    create_session(host, server, "Large", "# start\n")
    paste(host, "x = 1\n" * 150_000)  # 900 KB
    saved(host)
    assert len(file_of(server, host)) == 900_008
    paste(host, "y" * 5_000_000)
    expect(host.locator(".toast")).to_contain_text("a session holds 1,048,576 bytes")
    picture(host, "too-large-1280")
    type_at_start(host, "# still here\n")
    saved(host)
    assert len(file_of(server, host)) == 900_008 + len("# still here\n")


def test_two_pastes_that_are_too_much_together(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """Each fits alone. One of them is refused by the server: its author is brought back in step, with a copy."""
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Together", "# start\n"), "Zoë")
    half = 600_000
    session = host.url.rsplit("/", 1)[1]
    # Zoë's browser holds back what it sends until the host's paste is in.
    zoe.evaluate(
        "() => { WebSocket.prototype.realSend = WebSocket.prototype.send; WebSocket.prototype.held = []; "
        "WebSocket.prototype.send = function (data) { WebSocket.prototype.held.push([this, data]); }; }"
    )
    paste(zoe, "z" * half)
    paste(host, "h" * half)
    saved(host)
    zoe.evaluate(
        "() => { WebSocket.prototype.send = WebSocket.prototype.realSend; "
        "for (const [socket, data] of WebSocket.prototype.held) socket.send(data); }"
    )
    banner = zoe.get_by_role("alert")
    expect(banner).to_contain_text("would exceed 1,048,576 bytes")
    picture(zoe, "refused-1280")
    banner.get_by_role("button", name="Copy my text").click()
    expect(zoe.locator(".toast")).to_contain_text("copied")
    assert str(zoe.evaluate("navigator.clipboard.readText()")).count("z") >= half
    # In step again: what she writes now arrives.
    banner.get_by_role("button", name="Throw it away").click()
    type_at_start(zoe, "# zoe is back\n")
    saved(zoe)
    text = httpx2.get(f"{server.url}/api/sessions/{session}/files/main.py").text
    assert text.startswith("# zoe is back\n")
    assert text.count("h") >= half
    assert "zzz" not in text


def test_undo_takes_back_ones_own(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Undo", "# start\n"), "Zoë")
    type_at_start(host, "# host\n")
    expect(zoe.locator(".cm-content")).to_contain_text("# host")
    type_at_start(zoe, "# zoe\n")
    expect(host.locator(".cm-content")).to_contain_text("# zoe")
    host.locator(".cm-content").click()
    for _ in range(3):
        host.keyboard.press("Control+z")
    expect(zoe.locator(".cm-content")).not_to_contain_text("# host")
    for page in (host, zoe):
        expect(page.locator(".cm-content")).to_contain_text("# zoe")
        expect(page.locator(".cm-content")).to_contain_text("# start")
    host.keyboard.press("Control+y")
    expect(zoe.locator(".cm-content")).to_contain_text("# host")


def test_composed_input_stays_whole_while_others_write(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """An input method builds a word in steps; what others write meanwhile must not tear it."""
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Compose", "# start\n"), "Zoë")
    host.locator(".cm-content").click()
    host.keyboard.press("Control+End")
    devtools = host.context.new_cdp_session(host)
    for step in ("に", "にほ", "にほん"):
        length = len(step)
        devtools.send(
            "Input.imeSetComposition",
            {"text": step, "selectionStart": length, "selectionEnd": length},
        )
        type_at_start(zoe, f"# zoe {length}\n")
        expect(host.locator(".cm-content")).to_contain_text(f"# zoe {length}")
    devtools.send("Input.insertText", {"text": "日本"})
    for page in (host, zoe):
        expect(page.locator(".cm-content")).to_contain_text("日本")
        saved(page)
    text = file_of(server, host)
    assert text == "# zoe 3\n# zoe 2\n# zoe 1\n# start\n日本"


def test_line_ends_are_line_feeds(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    create_session(host, server, "Lines", "# start\n")
    host.locator(".cm-content").click()
    host.keyboard.press("Control+End")
    paste(host, "a\r\nb\rc\n")
    saved(host)
    assert file_of(server, host) == "# start\na\nb\nc\n"


def test_what_is_no_text_in_a_text_comes_to_no_page(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """A picture that a candidate's own client puts between letters: the pages of all mended their text for ever."""
    host, zoe = person(), person()
    link = create_session(host, server, "Stray", "x = 1\n")
    join(zoe, link, "Zoë")
    saved(zoe)
    cookies = {each["name"]: each["value"] for each in zoe.context.cookies()}
    session = httpx2.get(f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}").json()
    header = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    with connect(
        url_of(server, session), additional_headers=header, origin=Origin(server.url)
    ) as socket:
        mallory: Doc[Any] = Doc()
        text = mallory.get("file:main.py", type=Text)
        socket.send(sync_frame(SyncStep.STEP1, mallory.get_state()))
        while str(text) != "x = 1\n":
            take_in(mallory, socket.recv(timeout=10))
        before = mallory.get_state()
        text.insert_embed(2, {"image": "x"})
        socket.send(sync_frame(SyncStep.UPDATE, mallory.get_update(before)))
        with contextlib.suppress(ConnectionClosed):
            while socket.recv(timeout=10):
                pass
        assert socket.close_code == 4400
    type_at_start(host, "# the host writes on\n")
    expect(zoe.locator(".cm-content")).to_contain_text("# the host writes on")
    type_at_start(zoe, "# and so does Zoë\n")
    saved(zoe)
    expect(host.locator(".cm-content")).to_contain_text("# and so does Zoë")
    assert file_of(server, host) == "# and so does Zoë\n# the host writes on\nx = 1\n"


def take_in(doc: Doc[Any], frame: Any) -> None:
    """Apply what a server says of a document."""
    for message in decode_frame(bytes(frame)):
        if message.type is MessageType.SYNC and message.step is not SyncStep.STEP1:
            doc.apply_update(message.payload)
