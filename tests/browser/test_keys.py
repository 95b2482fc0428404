"""Hands off the beaten path, on the page that is built: undo, Vim, Emacs, blocks, input without keys."""

import re
from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import open_session
from tests.harness.hands import VIEW, place_of, text_of
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

_LINES = "".join(f"line {number}\n" for number in range(200))


def _open(page: Page, path: str) -> None:
    page.get_by_role("tab", name=path, exact=True).click()
    expect(page.locator(".cm-content")).to_have_attribute("aria-label", re.compile(re.escape(path)))
    expect(page.locator(".cm-content")).to_be_focused()


def _choose_keys(page: Page, keys: str) -> None:
    page.get_by_role("button", name="Appearance and keys").click()
    page.get_by_role("combobox", name="Keys").select_option(keys)
    page.keyboard.press("Escape")
    page.locator(".cm-content").click()
    if keys != "default":  # they are fetched when they are chosen
        expect(page.locator(f".cm-{keys}Mode")).to_be_attached()


def _press(page: Page, *keys: str) -> str:
    """Press keys, or type what is none; return the text after them."""
    for key in keys:
        if key.startswith("Control+") or key in ("Escape", "Enter", "Delete"):
            page.keyboard.press(key)
        else:
            page.keyboard.type(key)
    return text_of(page)


def test_a_file_is_found_as_it_was_left(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    session, _ = open_session(server, host, initial_code=_LINES)
    host.locator(".cm-content").click()
    host.get_by_role("button", name="New file").click()
    host.get_by_label("Name of the new file").fill("other.py")
    host.keyboard.press("Enter")
    expect(host.get_by_role("tab", name="other.py", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    _open(host, "main.py")
    host.keyboard.press("Control+End")
    for _ in range(20):
        host.keyboard.press("ArrowUp")
    host.keyboard.type("first ")
    # a pause of the hands ends a step
    host.evaluate("() => new Promise((later) => setTimeout(later, 600))")
    host.keyboard.type("second ")
    host.keyboard.press("Shift+ArrowLeft")
    host.wait_for_function("() => document.querySelector('.cm-scroller').scrollTop > 1000")
    left = place_of(host)
    _open(host, "other.py")
    host.keyboard.insert_text("😀 dictated")  # no key says so: an emoji picker, dictation, a phone
    assert text_of(host) == "😀 dictated"
    _open(host, "main.py")
    wait_until(lambda: abs(place_of(host)[2] - left[2]) <= 1, "the place in view")
    assert place_of(host)[:2] == left[:2]
    # What was typed before the look elsewhere is undone step by step, and made again.
    assert "first line" in _press(host, "Control+z")
    assert _press(host, "Control+z") == _LINES
    assert "first line" in _press(host, "Control+y")
    _open(host, "other.py")
    assert _press(host, "Control+z") == ""
    # A habit opens no dialog, here nor in the terminal.
    host.evaluate(
        "addEventListener('keydown', (event) => (window.stopped = event.defaultPrevented))"
    )
    host.keyboard.press("Control+s")
    assert host.evaluate("window.stopped")
    # Into a program too, whatever xterm.js makes of it.
    _open(host, "main.py")
    _press(host, "Control+a", "print(input())")
    host.keyboard.press("Control+Enter")
    expect(host.locator(".run-state")).to_contain_text("running")
    host.locator(".xterm-helper-textarea").focus()
    host.keyboard.press("Control+s")
    assert host.evaluate("window.stopped")
    host.keyboard.insert_text("😀 said")
    host.keyboard.type("A1")
    host.keyboard.press("Enter")
    expect(host.locator(".tty")).to_contain_text("😀 saidA1")
    expect(host.locator(".run-state")).to_contain_text("exited 0")
    printed = httpx2.get(
        f"{server.url}/api/sessions/{session['session_id']}/timeline?kinds=run.output"
    ).json()
    assert "".join(entry["data"]["text"] for entry in printed).split() == [
        "😀",
        "saidA1",
        "😀",
        "saidA1",
    ]


def test_keys_of_other_editors(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    open_session(server, host, initial_code="one\ntwo\nthree\n")
    before = text_of(host)
    _choose_keys(host, "emacs")
    host.keyboard.press("Control+Home")
    assert _press(host, "Control+k") == "\ntwo\nthree\n"
    assert _press(host, "Control+y") == before
    for keys in (["Control+/"], ["Control+x", "u"], ["Control+z"], ["Control+_"]):
        host.keyboard.press("Control+Home")
        assert _press(host, "typed ") == "typed " + before
        assert _press(host, *keys) == before, keys
    _choose_keys(host, "vim")
    expect(host.locator(".cm-vim-panel")).to_be_visible()
    height = host.locator(".cm-scroller").bounding_box()
    for change, after, back in (
        (["ggdd"], "two\nthree\n", ["u"]),
        (["ggihello ", "Escape"], "hello one\ntwo\nthree\n", ["u"]),
        (["ggxxx"], "\ntwo\nthree\n", ["3u"]),
        (["gg", "Control+v", "jjIX ", "Escape"], "X one\nX two\nX three\n", ["u"]),
        (["ggcwuno", "Escape"], "uno\ntwo\nthree\n", [":undo", "Enter"]),
    ):
        assert _press(host, "Escape", *change) == after
        assert _press(host, *back) == before, change
        assert _press(host, "Control+r") == after, change
        assert _press(host, *back) == before, change
    host.keyboard.type(":undo")
    assert host.locator(".cm-scroller").bounding_box() == height  # Vim's line stands where it stood
    picture(host, "vim-1280")
    host.keyboard.press("Escape")
    # Escape ends inserting, and the list with it: what comes next are commands.
    _press(host, "Go", "thr")
    expect(host.locator(".cm-tooltip-autocomplete")).to_be_visible()
    assert _press(host, "Escape", "dd") == before
    _choose_keys(host, "default")
    # Alt and a drag: a block of columns.
    host.keyboard.press("Control+a")
    _press(host, "abcdef\nabcdef\nabcdef")
    ends = [host.evaluate(f"() => {VIEW}.coordsAtPos({at})") for at in (1, 18)]
    host.keyboard.down("Alt")
    host.mouse.move(ends[0]["left"] + 1, ends[0]["top"] + 8)
    host.mouse.down()
    host.mouse.move(ends[1]["left"] + 1, ends[1]["top"] + 8, steps=4)
    host.mouse.up()
    host.keyboard.up("Alt")
    assert _press(host, "Delete") == "aef\naef\naef"
