"""What comes out of a printer: an editor shows what is in view, paper has the whole file."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.test_interview import open_session
from tests.harness.server import ServerProcess

_WATCH = """() => matchMedia("print").addEventListener("change", ({ matches }) => {
    if (!matches) return;
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.querySelector(".cm-scroller");
    const { color } = getComputedStyle(document.querySelector(".cm-content"));
    const shown = [".output", ".side", ".bar button", ".tab-bar .menu"].filter(
        (each) => document.querySelector(each)?.checkVisibility());
    const lines = document.querySelectorAll(".cm-line").length;
    window.onPaper = { lines, cut: [scrollHeight - clientHeight, scrollWidth - clientWidth], color, shown };
})"""


def test_paper_has_the_whole_file_dark_on_white(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person(color_scheme="dark")
    code = "".join(f"line_{number} = {number}\n" for number in range(150))
    open_session(server, host, initial_code=f"{code}x = '{'long ' * 80}'\n")
    expect(host.locator(".cm-line").first).to_have_text("line_0 = 0")
    expect(host.locator(".output")).to_be_visible()
    host.evaluate(_WATCH)
    host.emulate_media(media="print")
    on_paper = host.wait_for_function("window.onPaper").json_value()
    assert on_paper == {"lines": 152, "cut": [0, 0], "color": "rgb(0, 0, 0)", "shown": []}
