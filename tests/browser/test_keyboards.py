"""Keyboards that are not the developer's: a Mac's, one of another alphabet, the keys that terminals copy with."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.test_interview import open_session
from tests.browser.test_problem import add_question
from tests.harness.hands import press_as, text_of
from tests.harness.server import ServerProcess

_MAC = "Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })"
_PREVENTED = """() => {
    window.prevented = [];
    addEventListener("keydown", (event) => window.prevented.push(event.defaultPrevented));
}"""


def test_alt_writes_what_it_writes_on_a_mac(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """On a Spanish Mac Alt+1 is `|`: jupyterlab/jupyterlab#15744, sourcegraph/cody#7795."""
    host = person()
    host.add_init_script(_MAC)
    open_session(server, host, question_id=add_question(server), initial_code=None)
    code, problem = host.locator(".cm-content"), host.get_by_role("region", name="Problem")
    expect(problem).to_be_visible()
    code.click()
    host.keyboard.press("ControlOrMeta+a")
    for key, place in (("|", "Digit1"), ("@", "Digit2"), ("π", "KeyP"), ("ø", "KeyI")):
        press_as(host, key, place, "Alt", writes=True)
    expect(code).to_be_focused()
    assert text_of(host).startswith("|@πø")
    # What Alt does elsewhere is done with Control beside it.
    press_as(host, "¡", "Digit1", "Control", "Alt")
    expect(problem).to_be_focused()
    host.keyboard.press("?")
    expect(host.get_by_role("dialog")).to_contain_text("⌃ ⌥ 1")


def test_alt_1_is_the_problem_elsewhere(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    open_session(server, host, question_id=add_question(server), initial_code=None)
    host.locator(".cm-content").click()
    press_as(host, "1", "Digit1", "Alt")
    expect(host.get_by_role("region", name="Problem")).to_be_focused()


def test_shortcuts_of_a_russian_keyboard_and_copying_from_the_terminal(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """Ctrl+С is Ctrl+C: minbrowser/min#1112; Ctrl+Shift+C copies in terminals: ekzhang/sshx#41."""
    host = person()
    open_session(server, host, initial_code="print('first')\ninput('second? ')\n")
    host.evaluate(_PREVENTED)
    host.locator(".cm-content").click()
    press_as(host, "ы", "KeyS", "Control")  # no dialog of the browser
    assert host.evaluate("window.prevented.at(-1)")
    host.keyboard.press("Control+Enter")
    terminal, state = host.locator(".xterm-screen"), host.locator(".run-state")
    expect(host.locator(".xterm-rows")).to_contain_text("second?")
    box = terminal.bounding_box()
    assert box is not None
    for word, row, copy in (
        ("first", 0, ("с", "KeyC", "Control")),
        ("second", 1, ("C", "KeyC", "Control", "Shift")),
    ):
        host.mouse.dblclick(box["x"] + 12, box["y"] + 8 + row * 16)
        press_as(host, *copy)
        assert str(host.evaluate("navigator.clipboard.readText()")).startswith(word)
        expect(state).to_contain_text("running")
    assert host.evaluate("window.prevented.at(-1)"), "the browser would open its tools"
    press_as(host, "ю", "Period", "Control")
    expect(state).to_contain_text("stopped")
