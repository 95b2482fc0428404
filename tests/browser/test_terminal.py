"""A run's terminal has one size for everybody, and nothing that is said about the run moves a line of it."""

from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, open_session
from tests.harness.axe import violations
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

CODE = """import os
width = os.get_terminal_size().columns
for part in range(1, 6):
    print("\\r" + f"{part:3d}% ".ljust(width - 1, "#"), end="", flush=True)
input("\\n? ")
wide = os.get_terminal_size().columns
print("=" * (wide - 1))
missing_name
"""
ROWS = "() => [...document.querySelectorAll('.xterm-rows > div')].map((row) => row.textContent.trimEnd())"
ABOVE = """() => document.querySelector('.tty .xterm').getBoundingClientRect().top
    - document.querySelector('.output-bar').getBoundingClientRect().bottom"""


def rows(page: Page) -> list[str]:
    """What the terminal shows, line by line as it stands there."""
    found: list[str] = page.evaluate(ROWS)
    return [row.replace("\u00a0", " ") for row in found]


def bars(page: Page) -> list[str]:
    return [row for row in rows(page) if row.startswith(("  5% #", "=", "#"))]


def test_everybody_sees_a_run_at_its_size_and_marks_under_what_is_wrong(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = (
        person(viewport={"width": 1600, "height": 900}),
        person(viewport={"width": 800, "height": 600}),
    )
    session, _ = open_session(server, host, initial_code=CODE)
    come_in(zoe, session["share_url"], "Zoë")
    expect(host.locator(".screen > .empty")).to_be_visible()
    expect(host.locator(".tty .xterm")).to_be_visible()
    top = host.evaluate(ABOVE)
    host.locator(".cm-content").press("Control+Enter")
    for page in (host, zoe):
        expect(page.locator(".xterm-rows")).to_contain_text("?")
    assert len(bars(host)) == 1
    wait_until(lambda: rows(zoe) == rows(host), "the same terminal")
    assert zoe.evaluate(
        "() => document.querySelector('.tty').scrollWidth > document.querySelector('.tty').clientWidth"
    )

    # The window of whoever ran it changes: for everybody, and in the log.
    wide = zoe.evaluate("() => getComputedStyle(document.querySelector('.xterm-screen')).width")
    host.set_viewport_size({"width": 1100, "height": 700})
    timeline = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    expect(zoe.locator(".xterm-screen")).not_to_have_css("width", wide)
    # Another's does not.
    zoe.set_viewport_size({"width": 760, "height": 560})
    host.locator(".xterm-helper-textarea").focus()
    host.keyboard.press("Enter")
    expect(host.locator(".problems")).to_contain_text("missing_name")
    resized = httpx2.get(timeline, params={"kinds": "run.resized"}).json()
    columns = resized[-1]["data"]["columns"]
    for page in (host, zoe):
        expect(page.locator(".xterm-rows")).to_contain_text("NameError")
        assert [len(row) for row in bars(page) if row.startswith("=")] == [columns - 1]
    picture(zoe, "terminal-800")

    # A mark goes with its line, after a reload too, and is nowhere once the line says something else.
    zoe.locator(".cm-content").press("Control+Home")
    zoe.keyboard.type("# one\n# two\n")
    expect(zoe.locator(".chip")).to_contain_text("saved")
    host.reload()
    expect(host.locator(".cm-lintRange-error")).to_have_text("missing_name")
    # what a terminal is given it paints a frame later
    wait_until(lambda: rows(host) == rows(zoe), "the same terminal")
    zoe.locator(".cm-content").press("Control+End")
    zoe.keyboard.press("ArrowUp")
    zoe.keyboard.type("not_")
    expect(zoe.locator(".chip")).to_contain_text("saved")
    host.reload()
    expect(host.locator(".problems")).to_contain_text("missing_name")
    expect(host.locator(".cm-lineNumbers")).to_contain_text("10")
    expect(host.locator(".cm-lintRange-error")).to_have_count(0)

    # What is said floats: no line moves, and one can put it away.
    said = host.locator(".remarks")
    expect(said).to_be_visible()
    assert host.evaluate(ABOVE) == top
    assert violations(host, ".output") == []
    said.get_by_role("button", name="Dismiss").click()
    expect(said).to_have_count(0)
    assert host.evaluate(ABOVE) == top

    # The replay is as wide as the terminal was, in whatever window.
    live = rows(host)
    host.set_viewport_size({"width": 900, "height": 800})
    host.goto(f"{server.url}/s/{session['session_id']}/replay")
    host.locator(".as-it-was").get_by_role("button").click()
    expect(host.locator(".run-state")).to_contain_text("exited 1")
    expect(host.locator(".xterm-rows")).to_contain_text("NameError")
    wait_until(lambda: rows(host) == live, "the replay's terminal")


def test_one_copies_and_pastes_in_the_terminal_as_anywhere(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    code = 'print("lemon")\nwhile True:\n    print("got", input())\n'
    open_session(server, host, initial_code=code)
    host.locator(".cm-content").press("Control+Enter")
    screen = host.locator(".xterm-rows")
    expect(screen).to_contain_text("lemon")
    host.evaluate("navigator.clipboard.writeText('from elsewhere')")
    host.locator(".xterm-helper-textarea").focus()
    host.keyboard.press("Control+v")
    expect(screen).to_contain_text("from elsewhere")
    host.keyboard.press("Enter")
    expect(screen).to_contain_text("got from elsewhere")
    # What is selected is copied, and the program goes on; with nothing selected the same key interrupts it.
    box = screen.locator("div").first.bounding_box()
    assert box is not None
    host.mouse.dblclick(box["x"] + 12, box["y"] + box["height"] / 2)
    host.keyboard.press("Control+c")
    assert host.evaluate("navigator.clipboard.readText()") == "lemon"
    host.keyboard.type("still\n")
    expect(screen).to_contain_text("got still")
    host.keyboard.press("Control+c")
    expect(screen).to_contain_text("KeyboardInterrupt")
    expect(host.locator(".run-state")).to_contain_text("interrupted by ^C")


ASKS = """import sys, time
print("\\x1b[6n\\x1b[c\\x1b[>c\\x1b[5n\\x1b]11;?\\x07\\x1b[?1004h\\x1b[18t\\x1bP$qm\\x1b\\\\\\\\", flush=True)
print("asked", repr(input()))
"""


def test_no_page_answers_what_a_program_asks_of_its_terminal(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """It would be in the name of whoever looks, once for each page, and stand on the timeline as typed."""
    host = person()
    session, _ = open_session(server, host, initial_code=ASKS)
    host.locator(".cm-content").press("Control+Enter")
    expect(host.locator(".run-state")).to_contain_text("running")
    host.locator(".xterm-helper-textarea").focus()
    host.keyboard.type("lemon\n")
    expect(host.locator(".xterm-rows")).to_contain_text("asked 'lemon'")
    address = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    typed = httpx2.get(address, params={"kinds": "run.input"}).json()
    assert "".join(entry["data"]["text"] for entry in typed) == "lemon\r"


_QUESTION = "What is the long name of whoever sits in front of this screen right now? " + "x" * 40
_ASKS = f"""name = input("{_QUESTION} > ")
print("\\x1b[38;2;200;30;60mhello", name, "\\x1b[48;5;21mand\\x1b[0m")
"""


def test_a_question_is_whole_in_every_width_and_colours_are_the_programs(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """xterm.js cut off the line of the cursor (xtermjs/xterm.js#4824), and our policy colours (style attributes)."""
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code=_ASKS)
    come_in(zoe, session["share_url"], "Zoë")
    timeline = f"{server.url}/api/sessions/{session['session_id']}/timeline?kinds=run.resized"
    host.locator(".cm-content").press("Control+Enter")

    def reads(page: Page) -> str:
        return "".join(rows(page)).rstrip()

    def is_whole() -> bool:
        return [reads(host), reads(zoe)] == [f"{_QUESTION} >"] * 2

    def sizes() -> list[int]:
        return [each["data"]["columns"] for each in httpx2.get(timeline).json()]

    wait_until(is_whole, "the question")
    for width in (640, 390, 1280):
        before = len(sizes())
        host.set_viewport_size({"width": width, "height": 800})
        wait_until(lambda before=before: len(sizes()) > before, "another size")  # type: ignore[misc]
    assert min(sizes()) < len(_QUESTION) // 2, "the question takes three lines"
    wait_until(is_whole, "the whole question")
    host.locator(".xterm-helper-textarea").focus()
    host.keyboard.type("Ana")
    host.keyboard.press("Enter")
    for page in (host, zoe):
        expect(page.locator(".xterm-rows")).to_contain_text("hello Ana")
        assert f"{_QUESTION} > Ana" in reads(page)
        hello = page.locator(".xterm-rows span", has_text="hello")
        expect(hello).to_have_css("color", "rgb(200, 30, 60)")


_HALVES = """import os, time
for part in ("\\x1b", "[?25l\\x1b", "[3", "1mred\\x1b[0m plain\\r\\n\\x1b]0;ti", "tle\\x07🙂\\n"):
    os.write(1, part.encode())
    time.sleep(0.2)
input()
os.write(1, b"lemon \\x1b[?1003h\\x1b[3")
"""


def test_a_sequence_in_pieces_is_one_for_everybody(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """The page wrote what shows the cursor after each piece, and people saw the rest of a colour as text."""
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code=_HALVES)
    come_in(zoe, session["share_url"], "Zoë")
    host.locator(".cm-content").press("Control+Enter")
    for page in (host, zoe):
        expect(page.locator(".xterm-rows")).to_contain_text("🙂")
        assert [row for row in rows(page) if row] == ["red plain", "🙂"]
        expect(
            page.locator(".xterm-rows > div", has_text="red plain").locator("span").first
        ).to_have_text("red")
    host.locator(".xterm-helper-textarea").focus()
    # A program may hide the cursor, and ends without giving back anything.
    expect(host.locator(".xterm-cursor")).to_have_count(0)
    host.keyboard.press("Enter")
    expect(host.locator(".run-state")).to_contain_text("exited 0")
    word = host.locator(".xterm-rows > div", has_text="lemon").bounding_box()
    assert word is not None
    host.mouse.dblclick(word["x"] + 12, word["y"] + word["height"] / 2)
    host.keyboard.press("Control+c")
    assert host.evaluate("navigator.clipboard.readText()") == "lemon"


_ECHO = "while True:\n    print('got', ascii(input()))\n"


def test_a_keyboard_that_names_no_key_is_heard_once(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """Letters came twice or not at all, as a phone's keyboard or an input method sends them (xtermjs/xterm.js#5438)."""
    host = person()
    open_session(server, host, initial_code=_ECHO)
    host.locator(".cm-content").press("Control+Enter")
    expect(host.locator(".run-state")).to_contain_text("running")
    host.locator(".xterm-helper-textarea").focus()
    chrome = host.context.new_cdp_session(host)

    def strike(text: str, *composed: str) -> None:
        """Press what the keyboard calls 229: what is being composed grows, or a text comes, whenever it comes."""
        for each in composed or ("",):
            event = {"windowsVirtualKeyCode": 229, "key": "Unidentified"}
            chrome.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **event})
            if each:
                place = {"selectionStart": len(each), "selectionEnd": len(each)}
                chrome.send("Input.imeSetComposition", {"text": each, **place})
            else:
                chrome.send("Input.insertText", {"text": text})
            chrome.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        if composed:
            chrome.send("Input.insertText", {"text": text})

    def ask(said: str) -> None:
        host.keyboard.press("Enter")
        expect(host.locator(".xterm-rows")).to_contain_text(f"got {said!a}")

    for letter in "lemon":
        strike(letter)
    ask("lemon")
    strike("tree", "t", "tr", "tre", "tree")
    strike(" ")
    strike("trunk", "t", "trunk")
    ask("tree trunk")
    strike("the ", "t", "te", "teh")  # corrected
    for _ in range(3):
        host.keyboard.press("Backspace")
    ask("t")
    strike("日本", "に", "にほ", "日本")
    host.keyboard.type("go")
    ask("日本go")
    host.keyboard.insert_text("😀 dictated")
    ask("😀 dictated")
