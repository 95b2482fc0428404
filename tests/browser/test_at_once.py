"""Two people do one thing in the same moment, each before the other's comes: it is done once, and nothing is woven."""

from collections.abc import Callable

import httpx2
from playwright.sync_api import FilePayload, Page, expect
from tests.browser.test_story import create_session, join, saved
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

UGLY = "def f(a,b):\n  if a:\n        return {'x':a,'y':b}\n  return [a,b ,  1]\nprint( f(1,2) )\n"

# What a page sends waits until it is let go: what two people do meanwhile, they do at once, however slow the machine.
_HOLD = """() => {
  const { send } = WebSocket.prototype;
  const held = [];
  WebSocket.prototype.send = function (data) { held.push([this, data.slice(0)]); };
  window.letGo = () => {
    WebSocket.prototype.send = send;
    for (const [socket, data] of held) if (socket.readyState === 1) socket.send(data);
  };
}"""


def at_once(pages: list[Page], does: Callable[[Page], None]) -> None:
    for page in pages:
        saved(page)
        page.evaluate(_HOLD)
    for page in pages:
        does(page)
    for page in pages:
        page.evaluate("() => window.letGo()")


def upload(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def test_two_formats_at_once_format_once(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """What both formatters inserted stood there twice."""
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Format", UGLY), "Zoë")
    session = f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}"
    asked = {"path": "main.py", "text": UGLY}
    alone = httpx2.post(f"{session}/format", json=asked, timeout=60).json()["text"]
    assert alone != UGLY

    def format_it(page: Page) -> None:
        with page.expect_response("**/format"):
            page.get_by_role("button", name="Format").click()
        told = "was formatted by" if page is host else "Somebody else is formatting this file now."
        expect(page.locator(".toast")).to_contain_text(told)

    at_once([host, zoe], format_it)
    for page in (host, zoe):
        saved(page)
    wait_until(lambda: httpx2.get(f"{session}/files/main.py").text == alone, "one format")
    for page in (host, zoe):
        expect(page.locator(".cm-content")).to_contain_text("print(f(1, 2))")
    # It has come to the second one: now it is their turn.
    with zoe.expect_response("**/format") as answer:
        zoe.get_by_role("button", name="Format").click()
    assert answer.value.json()["text"] == alone
    assert httpx2.get(f"{session}/files/main.py").text == alone


def test_two_uploads_at_once_are_whole(server: ServerProcess, person: Callable[..., Page]) -> None:
    """The same file from two computers is there once; two files of one name are both there, whole."""
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Upload", "print(1)\n"), "Zoë")
    session = f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}"
    texts = {host: "def host():\n    pass\n" * 40, zoe: "def zoe():\n    return 1\n" * 30}

    def upload_them(page: Page) -> None:
        files = [upload("data.csv", "a,b\n1,2\n"), upload("util.py", texts[page])]
        page.get_by_label("Files to upload").set_input_files(files)
        expect(page.get_by_role("tab", name="util.py")).to_be_visible()

    at_once([host, zoe], upload_them)
    for page in (host, zoe):
        for tab in ("data.csv", "util.py", "util-2.py"):
            expect(page.get_by_role("tab", name=tab, exact=True)).to_be_visible()
        expect(page.locator(".tab-bar").get_by_role("tab")).to_have_count(4)
        saved(page)

    def content(path: str) -> str:
        return httpx2.get(f"{session}/files/{path}").text

    listed = [each["path"] for each in httpx2.get(f"{session}/files").json()]
    assert sorted(listed) == ["data.csv", "main.py", "util-2.py", "util.py"]
    assert content("data.csv") == "a,b\n1,2\n"
    assert {content("util.py"), content("util-2.py")} == set(texts.values())
