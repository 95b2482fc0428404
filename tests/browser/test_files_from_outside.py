"""Files from somebody's computer: they go where they are dropped, and what does not fit is refused in words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import FilePayload, Page, expect
from tests.browser.conftest import picture
from tests.browser.test_files_and_preferences import menu
from tests.browser.test_story import create_session, join, saved
from tests.harness.server import ServerProcess, server_process

# A file is let go over the middle of what a selector finds.
_DROP = """([selector, name, text]) => {
  const at = document.querySelector(selector);
  const { x, y, width, height } = at.getBoundingClientRect();
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name, { type: 'text/plain' }));
  const where = { bubbles: true, cancelable: true, dataTransfer, clientX: x + width / 2, clientY: y + height / 2 };
  return ['dragover', 'drop'].map((kind) => !at.dispatchEvent(new DragEvent(kind, where)));
}"""
_SOCKETS = """
window.opened = 0;
window.WebSocket = class extends WebSocket {
  constructor(...how) { super(...how); window.opened += 1; }
};
"""


@pytest.fixture
def small_server(tmp_path: Path, runner_socket: Path) -> Iterator[ServerProcess]:
    with server_process(tmp_path, runner_socket=runner_socket, max_files=3) as process:
        yield process


def text_file(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def paths(server: ServerProcess, page: Page) -> list[str]:
    session = page.url.rsplit("/", 1)[1]
    listed = httpx2.get(f"{server.url}/api/sessions/{session}/files").json()
    return sorted(each["path"] for each in listed)


def rename(page: Page, old: str, new: str) -> None:
    menu(page, f"Rename {old}…")
    page.get_by_label(f"New name of {old}").fill(new)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name=new, exact=True)).to_be_visible()


def tab_is_there(page: Page, name: str) -> None:
    expect(page.get_by_role("tab", name=name, exact=True)).to_be_visible()


def test_what_is_dropped_goes_where_it_is_dropped(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    zoe = person()
    create_session(zoe, server, "Dropped", "one\ntwo\n\n")
    saved(zoe)
    session = f"{server.url}/api/sessions/{zoe.url.rsplit('/', 1)[1]}"
    toast = zoe.locator(".toast")
    # Into the code: its text, at its place, whatever line the caret is in.
    zoe.locator(".cm-line").nth(0).click()
    assert zoe.evaluate(_DROP, [".cm-line:nth-of-type(3)", "b.txt", "uno\r\ndos ñ\r\n"])[1]
    expect(zoe.locator(".cm-content")).to_contain_text("dos ñ")
    saved(zoe)
    assert httpx2.get(f"{session}/files/main.py").text == "one\ntwo\nuno\ndos ñ\n\n"
    # Onto the tabs: a file. Beside both: a word, and nobody leaves the session for it.
    assert zoe.evaluate(_DROP, [".tab-bar", "data.csv", "a,b\n"]) == [True, True]
    expect(zoe.get_by_role("tab", name="data.csv")).to_have_attribute("aria-selected", "true")
    for elsewhere in (".bar", ".output-bar", ".side"):
        expect(zoe.locator(elsewhere).first).to_be_visible()
        assert zoe.evaluate(_DROP, [elsewhere, "c.txt", "c"]) == [True, True]
        expect(toast).to_contain_text("Drop files onto the tabs")
    # A name that a file system cannot hold.
    for name in ("con.py", "a:b.py", "dot."):
        zoe.evaluate(_DROP, [".tab-bar", name, "x"])
        expect(toast).to_contain_text(f"{name} was not added")
    saved(zoe)
    assert paths(server, zoe) == ["data.csv", "main.py"]
    # The same, where it is typed: nothing is made of it, and the field stays.
    for label in ("Name of the new file", "New name of data.csv"):
        if label == "Name of the new file":
            zoe.get_by_role("button", name="New file").click()
        else:
            menu(zoe, "Rename data.csv…")
        for name in ("nul", "lib/aux.h", "q?.py", "dir./a.py", "MAIN.py", "é" * 128):
            zoe.get_by_label(label).fill(name)
            zoe.keyboard.press("Enter")
            expect(zoe.locator(".name-field .problem")).to_be_visible()
        zoe.keyboard.press("Escape")
    assert paths(server, zoe) == ["data.csv", "main.py"]


def test_what_does_not_fit_is_refused_in_words(
    small_server: ServerProcess, person: Callable[..., Page]
) -> None:
    """Renamed where a session had as many files as it may, and who did it was thrown out."""
    host, zoe = person(), person()
    link = create_session(host, small_server, "Full", "# main\n")
    zoe.add_init_script(_SOCKETS)
    join(zoe, link, "Zoë")
    saved(zoe)
    opened = zoe.evaluate("window.opened")
    upload, toast = zoe.get_by_label("Files to upload"), zoe.locator(".toast")
    # As much text as fits: it may be renamed, and what is too much beside it is refused.
    upload.set_input_files(text_file("a.txt", "x" * 700_000))
    tab_is_there(zoe, "a.txt")
    saved(zoe)
    rename(zoe, "a.txt", "b.txt")
    upload.set_input_files(text_file("c.txt", "y" * 700_000))
    expect(toast).to_contain_text("c.txt is too large")
    # As many files as fit: the same, and one that was deleted comes back when there is room.
    upload.set_input_files([text_file("c.txt", "c"), text_file("d.txt", "d")])
    expect(toast).to_contain_text("d.txt was not added: A session may have 3 files.")
    rename(zoe, "c.txt", "e.txt")
    rename(zoe, "e.txt", "f.txt")
    zoe.get_by_role("button", name="New file").click()
    zoe.get_by_label("Name of the new file").fill("g.txt")
    zoe.keyboard.press("Enter")
    expect(zoe.locator(".name-field .problem")).to_have_text("A session may have 3 files.")
    picture(zoe, "too-many-files-1280")
    zoe.keyboard.press("Escape")
    menu(zoe, "Delete f.txt")
    undo = toast.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    host.get_by_label("Files to upload").set_input_files(text_file("h.txt", "h"))
    tab_is_there(zoe, "h.txt")
    undo.click()
    expect(toast).to_contain_text("A session may have 3 files.")
    saved(zoe)
    assert paths(small_server, zoe) == ["b.txt", "h.txt", "main.py"]
    expect(zoe.get_by_role("alert")).to_have_count(0)
    assert zoe.evaluate("window.opened") == opened, "nobody is thrown out"
