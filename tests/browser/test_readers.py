"""What somebody meets who has the page read to them, or has no mouse: no idle talk, a keyboard that is somewhere."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.test_interview import come_in, open_session, tab
from tests.browser.test_story import saved
from tests.harness.hands import VIEW, text_of
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

# All that is said from now on, in whatever element.
_LISTEN = """() => {
    window.heard = [];
    const LIVE = "[role=status], [role=alert], [aria-live]";
    const listen = (changes) => {
        for (const { target, addedNodes } of changes) {
            const place = target.nodeType === 1 ? target : target.parentElement;
            const live = place?.closest(LIVE);
            if (live) window.heard.push(live.textContent);
            for (const each of addedNodes)
                if (each.nodeType === 1 && each.matches(LIVE)) window.heard.push(each.textContent);
        }
    };
    new MutationObserver(listen).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
_TERMINAL = """() => [...document.querySelectorAll('.xterm-rows > div')].map((row) => {
    const range = document.createRange();
    range.selectNodeContents(row);
    return [row.textContent.trim(), Math.round(range.getBoundingClientRect().width)];
})"""


def _heard(page: Page, wanted: str) -> None:
    page.wait_for_function(
        "(wanted) => window.heard.some((each) => each.includes(wanted))", arg=wanted
    )


def _places(page: Page, at: list[int]) -> Any:
    return page.evaluate(
        f"(at) => at.map((each) => {{ const {{ left, top }} = {VIEW}.coordsAtPos(each); return [left, top]; }})",
        at,
    )


def test_anothers_caret_is_no_part_of_the_code(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    code = f"alpha = 1\nx = '{'a' * 500}'\ny = 2\n"
    session, _ = open_session(server, host, initial_code=code)
    come_in(zoe, session["share_url"], "Zoë")
    host.get_by_role("button", name="Appearance and keys").click()
    host.locator(".menu-panel input[type=checkbox]").check()
    host.keyboard.press("Escape")
    expect(host.locator(".cm-lineWrapping")).to_be_visible()
    at = [3, 14, 60, 110, 300, 500, len(code) - 2]
    before = None
    for place in (0, 2, 70, 260, len(code)):
        zoe.evaluate(
            f"(at) => {{ {VIEW}.focus(); {VIEW}.dispatch({{ selection: {{ anchor: at }} }}); }}",
            place,
        )
        caret = f"""([at]) => {{
            const caret = document.querySelector('.peer-caret')?.getBoundingClientRect();
            const {{ left, top }} = {VIEW}.coordsAtPos(at);
            return caret && Math.abs(caret.left - left) < 3 && Math.abs(caret.top - top) < 4;
        }}"""
        host.wait_for_function(caret, arg=[place])
        expect(host.locator(".peer-name")).to_have_text("Zoë")
        before = before or _places(host, at)
        assert _places(host, at) == before
        assert "Zoë" not in host.locator(".cm-content").inner_text()
    # A name is there again when the mouse comes near; what is under the caret can be clicked.
    box = host.locator(".peer-caret").bounding_box()
    assert box is not None
    host.mouse.move(box["x"] + 1, box["y"] + 5)
    expect(host.locator(".peer-caret-near")).to_have_count(1)
    host.mouse.click(box["x"] + 1, box["y"] + 5)
    expect(host.locator(".cm-content")).to_be_focused()


def test_what_happens_is_said_and_nothing_else(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code="alpha = 1\n")
    come_in(zoe, session["share_url"], "Zoë")
    saved(zoe)
    expect(zoe.get_by_role("status", name="saved", exact=True)).to_have_text("saved")
    zoe.evaluate(_LISTEN)
    zoe.locator(".cm-content").click()
    # A server that is silent for seconds, as on a busy machine, is news: then once more.
    for _ in range(5):
        zoe.evaluate("window.heard = []")
        for letter in "total = alpha\n":
            zoe.keyboard.type(letter)
            saved(zoe)
        heard = zoe.evaluate("window.heard")
        if "reconnecting" not in heard:
            break
    assert heard == []
    tab(host, "People")
    lock = host.get_by_label("Lock their editing")
    lock.click()  # it shows what holds, which is so once the server says it
    expect(lock).to_be_checked()
    _heard(zoe, "The interviewer has locked editing for now")
    lock.click()
    _heard(zoe, "You may edit again")
    host.get_by_role("button", name="Start", exact=True).click()
    _heard(zoe, "Your private thinking time begins")
    zoe.get_by_role("button", name="Show my editor").click()
    expect(zoe.locator(".cm-content")).to_be_focused()
    _heard(zoe, "The thinking time is over")
    host.locator(".cm-content").click()
    host.get_by_role("button", name="Suggest", exact=True).click()
    host.get_by_role("textbox", name=re.compile("Another text")).fill("alpha = 7")
    host.get_by_role("button", name="Send suggestion").click()
    _heard(zoe, "suggests a change of main.py")
    zoe.get_by_role("button", name="Accept").focus()
    zoe.keyboard.press("Enter")
    expect(zoe.locator(".cm-content")).to_be_focused()
    # The end has the keyboard; when the session is opened again, so is this page.
    httpx2.post(f"{server.url}/api/sessions/{session['session_id']}/end")
    expect(zoe.locator(".thanks")).to_be_focused()
    httpx2.post(f"{server.url}/api/sessions/{session['session_id']}/reopen")
    _heard(zoe, "The session is open again")
    expect(zoe.locator(".cm-content[contenteditable=true]")).to_be_visible()
    # It is not there to be read for ever, and what was said once can be said again.
    expect(zoe.locator(".for-readers")).to_have_text("")
    zoe.evaluate("window.heard = []")
    for locked in (True, False):
        lock.click()
        expect(lock).to_be_checked(checked=locked)
    _heard(zoe, "You may edit again")


def test_the_keyboard_is_never_nowhere(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code="n = input('n? ')\nprint([n])\n")
    come_in(zoe, session["share_url"], "Zoë")
    editor = zoe.locator(".cm-content")
    zoe.get_by_role("button", name="New file").click()
    expect(zoe.locator(".name-field input")).to_be_focused()
    zoe.keyboard.press("Escape")
    expect(editor).to_be_focused()
    # Tab leaves the editor after Escape, a minute later too; another key, and it is the editor's again.
    code = text_of(zoe)
    zoe.keyboard.press("Escape")
    zoe.evaluate("() => { const now = Date.now; Date.now = () => now() + 60_000; }")
    zoe.keyboard.press("Tab")
    expect(editor).not_to_be_focused()
    assert text_of(zoe) == code
    editor.focus()
    zoe.keyboard.press("Escape")
    zoe.keyboard.press("ArrowRight")
    zoe.keyboard.press("Tab")
    expect(editor).to_be_focused()
    assert text_of(zoe) != code
    zoe.keyboard.press("Control+z")
    # The status is explained until Escape; arrows walk the tabs.
    zoe.locator(".chip").focus()
    zoe.keyboard.press("Enter")
    expect(zoe.locator(".status-explained")).to_be_visible()
    zoe.keyboard.press("Escape")
    expect(zoe.locator(".status-explained")).to_have_count(0)
    tabs = [zoe.get_by_role("tab", name=name) for name in ("People", "Everybody", "Activity")]
    tabs[0].focus()
    for key, reached in (("ArrowLeft", 2), ("ArrowRight", 0), ("End", 2), ("Home", 0)):
        zoe.keyboard.press(key)
        expect(tabs[reached]).to_be_focused()
    # They are one stop of the Tab key, before the panel and behind it.
    zoe.keyboard.press("Tab")
    expect(zoe.get_by_role("tabpanel", name="People")).to_be_focused()
    zoe.keyboard.press("Shift+Tab")
    zoe.keyboard.press("ArrowRight")
    zoe.keyboard.press("Enter")
    expect(tabs[1]).to_have_attribute("aria-selected", "true")
    line = zoe.get_by_label("Line to everybody")
    line.fill("hola")
    zoe.get_by_role("button", name="Send to everybody").focus()
    zoe.keyboard.press("Enter")
    expect(line).to_be_focused()
    expect(line).to_have_value("")
    # Out of a program that listens by Shift+Tab, which types nothing into it.
    editor.press("Control+Enter")
    terminal = zoe.locator(".xterm-helper-textarea")
    expect(terminal).to_be_focused()
    zoe.keyboard.press("Shift+Tab")
    expect(terminal).not_to_be_focused()
    terminal.focus()
    zoe.keyboard.type("42\n")
    expect(zoe.locator(".screen")).to_contain_text("['42']")
    # Another screen is begun at its heading.
    host.get_by_role("button", name="Wrap up", exact=True).focus()
    host.keyboard.press("Enter")
    expect(host.get_by_role("heading", level=1)).to_be_focused()


def test_names_and_emoji_have_the_room_they_need(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code="print('|😀|', '|ab|', '|漢|', sep='\\n')")
    come_in(zoe, session["share_url"], "María Fernández de la Reguera y Bustamante")
    cut = "(name) => name.scrollWidth > name.clientWidth"
    tab(host, "People")
    whole = host.locator(".people .person-name", has_text="María")
    expect(whole).to_be_visible()
    assert not whole.evaluate(cut)
    short = host.locator(".people-line .person-name", has_text="María")
    assert short.evaluate(cut)
    assert short.evaluate("(name) => getComputedStyle(name).textOverflow") == "ellipsis"
    assert short.get_attribute("title") == "María Fernández de la Reguera y Bustamante"
    host.keyboard.press("Control+Enter")
    expect(host.locator(".run-state")).to_contain_text("exited 0")
    wait_until(lambda: len([row for row in host.evaluate(_TERMINAL) if row[0]]) == 3, "rows")
    widths = {width for text, width in host.evaluate(_TERMINAL) if text}
    assert max(widths) - min(widths) <= 1


def test_the_terminal_speaks_as_the_page_does(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """xterm.js has a sentence of its own, which it says in English to everybody."""
    host = person(locale="es-ES")
    open_session(server, host, initial_code="for number in range(99):\n    print(number)\n")
    host.locator(".cm-content").press("Control+Enter")
    expect(host.locator(".xterm-rows")).to_contain_text("98")
    expect(host.locator(".xterm-accessibility [aria-live]")).to_contain_text("Demasiada salida")
