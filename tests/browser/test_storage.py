"""Saved means saved: whatever breaks under the page, what it says of work is so, and nothing typed is lost."""

import re
import time
from collections.abc import Callable
from contextlib import closing

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_honest_client import file_of
from tests.browser.test_story import code_of, create_session, join
from tests.harness.relay import Relay
from tests.harness.server import ServerProcess

# What a test needs to break IndexedDB as browsers do: the databases that are open, and a disk that is full.
_DISK = """
const open = IDBFactory.prototype.open;
window.databases = [];
IDBFactory.prototype.open = function (...how) {
  const request = open.apply(this, how);
  request.addEventListener('success', () => window.databases.push(request.result));
  return request;
};
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...what) {
  if (window.full) setTimeout(() => { try { this.transaction.abort(); } catch {} });
  return put.apply(this, what);
};
const setItem = Storage.prototype.setItem;
Storage.prototype.setItem = function (...what) {
  if (window.full === 'all') throw new DOMException('full', 'QuotaExceededError');
  return setItem.apply(this, what);
};
"""
_NO_DATABASE = """
IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };
"""
_DENIED = """
const deny = () => { throw new DOMException('denied', 'SecurityError'); };
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get: deny, configurable: true });
IDBFactory.prototype.open = deny;
"""
_TRANSLATE = """() => {
  const texts = document.createTreeWalker(document.querySelector('.bar'), NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) found.push(texts.currentNode);
  for (const text of found) {
    const font = document.createElement('font');
    font.textContent = '«' + text.data + '»';
    text.replaceWith(font);
  }
}"""

# CodeMirror takes a plugin out for good once it has thrown: this is the one between the editor and the shared text.
_BREAK_BINDING = """() => {
  const leaf = document.querySelector('.cm-content').cmTile.root.view.state.toText('x').constructor.prototype;
  const { sliceString } = leaf;
  leaf.sliceString = function (...where) {
    if (where[2] !== '\\n') return sliceString.apply(this, where);
    leaf.sliceString = sliceString;
    throw new Error('once');
  };
}"""


# How much is kept where there is little room.
_LITTLE = (
    "() => Object.keys(localStorage).filter((name) => name.startsWith('pizarra.unsent.')).length"
)

# What keeps it there is fetched once one is in: without a connection it could not be.
_FETCHED = "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('little-disk'))"


def type_line(page: Page, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text + "\n")


def says(page: Page, text: str) -> None:
    """Whoever looks at the chip, and whoever hears it, is told the same."""
    expect(page.get_by_role("button", name=text, exact=True)).to_be_visible()
    expect(page.get_by_role("status", name=text, exact=True)).to_have_text(text)


def asks_before_leaving(page: Page) -> bool:
    return bool(
        page.evaluate("() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    )


def test_every_word_of_the_chip_is_so(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    link = create_session(host, own_server, "Saved", "# start\n")
    session = host.url.rsplit("/", 1)[1]
    zoe.add_init_script(_DISK)
    join(zoe, link, "Zoë")
    says(zoe, "saved")
    with closing(zoe.context.new_page()) as other:
        other.route_web_socket("**/ws/**", lambda _: None)  # a server that says nothing
        other.goto(zoe.url)
        says(other, "connecting")

    # The browser closes its database: what is typed arrives all the same, and is kept again when that matters.
    zoe.evaluate("() => { for (const database of window.databases) database.close(); }")
    type_line(zoe, "closed")
    says(zoe, "saved")
    assert file_of(own_server, host).endswith("closed\n")

    # A network that swallows everything is noticed, with and without something unsent.
    own_server.pause()
    begun = time.monotonic()
    says(zoe, "reconnecting")
    assert time.monotonic() - begun < 5.5
    assert not asks_before_leaving(zoe)
    type_line(zoe, "one")
    says(zoe, "offline, 1 edit kept here")
    assert asks_before_leaving(zoe)
    zoe.evaluate(_TRANSLATE)
    zoe.evaluate("() => { window.full = 'database'; }")
    type_line(zoe, "two")
    says(zoe, "offline, 2 edits kept here")
    chip = zoe.locator(".status button")
    expect(chip).to_have_attribute("title", re.compile(r"\(2 million characters\)"))
    assert zoe.evaluate(_LITTLE) >= 2
    zoe.evaluate("() => { window.full = 'all'; }")
    type_line(zoe, "three")
    says(zoe, "offline, 3 edits not sent")
    zoe.get_by_role("button", name="offline, 3 edits not sent").click()
    expect(zoe.locator(".status-explained")).to_contain_text("leave this window open")
    zoe.evaluate("() => { window.full = false; }")
    says(zoe, "offline, 3 edits kept here")  # it tries again by itself
    expect(chip).to_have_attribute("title", re.compile("even if you close"))
    assert zoe.evaluate(_LITTLE) == 0
    own_server.resume()
    says(zoe, "saved")
    assert not asks_before_leaving(zoe)
    assert file_of(own_server, host).endswith("closed\none\ntwo\nthree\n")

    # What throws in the middle of an edit stops neither the editor nor the edit, wherever it was thrown.
    zoe.evaluate(
        "() => { const { send } = WebSocket.prototype; "
        "WebSocket.prototype.send = function () { WebSocket.prototype.send = send; throw new Error('once'); }; }"
    )
    type_line(zoe, "thrown")
    type_line(zoe, "after")
    says(zoe, "saved")
    assert file_of(own_server, host).endswith("three\nthrown\nafter\n")
    with closing(zoe.context.new_page()) as other:
        other.goto(zoe.url)
        says(other, "saved")
        other.evaluate(_BREAK_BINDING)
        type_line(other, "unbound")
        type_line(other, "bound again")
        says(other, "saved")
        type_line(host, "from the host")
        for page in (zoe, other):
            expect(page.locator(".cm-content")).to_contain_text("from the host")
            assert code_of(page).endswith("unbound\nbound again\nfrom the host\n")

    me = next(each for each in _people(own_server, session) if each["name"] == "Zoë")[
        "participant_id"
    ]
    httpx2.delete(f"{own_server.url}/api/sessions/{session}/people/{me}").raise_for_status()
    says(zoe, "disconnected")
    httpx2.post(f"{own_server.url}/api/sessions/{session}/end").raise_for_status()
    expect(host.locator(".chip")).to_have_text("ended")


def _people(server: ServerProcess, session: str) -> list[dict[str, str]]:
    entries = httpx2.get(
        f"{server.url}/api/sessions/{session}/timeline?kinds=join&limit=1000"
    ).json()
    return [{"participant_id": entry["participant_id"], **entry["data"]} for entry in entries]


def test_a_browser_that_keeps_nothing(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person()
    link = create_session(host, server, "Denied", "# start\n")
    zoe.add_init_script(_DENIED)
    join(zoe, link, "Zoë")
    type_line(zoe, "typed")
    says(zoe, "saved")
    assert file_of(server, host) == "# start\ntyped\n"
    zoe.get_by_role("button", name="Appearance and keys").click()
    zoe.get_by_role("combobox", name="Theme").select_option("dark")
    expect(zoe.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_browser_without_a_database_keeps_it_elsewhere(
    server: ServerProcess, person: Callable[..., Page], network: Callable[[ServerProcess], Relay]
) -> None:
    """What was typed without a connection went with the window."""
    host, zoe = person(), person()
    link = create_session(host, server, "No database", "# start\n")
    relay = network(server)
    zoe.context.add_init_script(_NO_DATABASE)
    join(zoe, relay.through(link), "Zoë")
    says(zoe, "saved")
    zoe.wait_for_function(_FETCHED)
    relay.cut()
    type_line(zoe, "ten minutes of work")
    says(zoe, "offline, 1 edit kept here")
    chip = zoe.locator(".status button")
    expect(chip).to_have_attribute("title", re.compile("little room"))
    address, context = zoe.url, zoe.context
    zoe.close(run_before_unload=False)
    relay.mend()
    again = context.new_page()
    again.goto(address)
    expect(again.locator(".cm-content")).to_contain_text("ten minutes of work")
    says(again, "saved")
    assert file_of(server, host) == "# start\nten minutes of work\n"
    again.wait_for_function(f"() => ({_LITTLE})() === 0")  # it is safe: nothing stays behind

    # What was not sent when the session ended is seen, and thrown away by hand.
    relay.cut()
    says(again, "reconnecting")
    type_line(again, "too late")
    says(again, "offline, 1 edit kept here")
    httpx2.post(f"{server.url}/api/sessions/{host.url.rsplit('/', 1)[1]}/end").raise_for_status()
    again.close(run_before_unload=False)
    relay.mend()
    later = context.new_page()
    later.goto(address)
    banner = later.get_by_role("alert")
    banner.get_by_text("main.py").click()
    expect(banner.locator("pre")).to_have_text("# start\nten minutes of work\ntoo late\n")
    banner.get_by_role("button", name="Throw it away").click()
    expect(banner).to_have_count(0)
    assert later.evaluate(_LITTLE) == 0


def test_what_was_written_offline_outlives_the_end(
    server: ServerProcess, person: Callable[..., Page], network: Callable[[ServerProcess], Relay]
) -> None:
    host, zoe = person(), person()
    link = create_session(host, server, "Too late", "# start\n")
    session = host.url.rsplit("/", 1)[1]
    address = f"{server.url}/api/sessions/{session}"
    relay = network(server)
    join(zoe, relay.through(link), "Zoë")
    says(zoe, "saved")
    relay.cut()
    type_line(zoe, "written without a connection")
    says(zoe, "offline, 1 edit kept here")
    httpx2.post(f"{address}/end").raise_for_status()
    relay.mend()
    banner = zoe.get_by_role("alert")
    expect(banner).to_contain_text("The session ended before what you wrote here could be sent")
    zoe.reload()
    banner.get_by_text("main.py").click()
    expect(banner.locator("pre")).to_have_text("# start\nwritten without a connection\n")
    picture(zoe, "unsent-1280")
    banner.get_by_role("button", name="Copy my text").click()
    expect(zoe.locator(".toast")).to_contain_text("copied")
    assert "written without a connection" in zoe.evaluate("navigator.clipboard.readText()")
    httpx2.post(f"{address}/reopen").raise_for_status()
    expect(zoe.locator(".cm-content")).to_contain_text("written without a connection")
    says(zoe, "saved")
    assert file_of(server, host) == "# start\nwritten without a connection\n"

    # The same link, after the end, on another device, opens what was promised; and Back leaves.
    httpx2.post(f"{address}/end").raise_for_status()
    phone = person()
    phone.goto("about:blank")
    phone.goto(link)
    expect(
        phone.get_by_text("You may read and download the code and everything recorded here")
    ).to_be_visible()
    expect(phone.get_by_text("What is recorded")).to_have_count(0)
    phone.get_by_label("Your name").fill("Zoë")
    phone.get_by_role("button", name="Open", exact=True).click()
    expect(phone.locator(".cm-content")).to_contain_text("written without a connection")
    expect(phone.get_by_role("link", name="Download")).to_be_visible()
    phone.go_back()
    expect(phone).to_have_url("about:blank")
