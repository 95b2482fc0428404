"""A follow-up question: asked in the session or from an instant of its replay, and back again, with everybody."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import CODE, come_in, open_session, tab
from tests.browser.test_replay import go_to
from tests.harness.axe import violations
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

_CODE = """() => {
  const content = document.querySelector(".cm-content")?.cloneNode(true);
  content?.querySelectorAll("[class*=caret]").forEach((each) => each.remove());
  return content && [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\\n");
}"""


def has(page: Page, text: str) -> None:
    """Wait until exactly this code is in the editor, carets of others left out; a page that opens has none yet."""
    wait_until(lambda: page.evaluate(_CODE) == text, text)


STREAM = "What if the input is a stream?"


def test_ask_and_come_back(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person(viewport={"width": 390, "height": 780}, color_scheme="dark")
    session, address = open_session(server, host)
    come_in(zoe, session["share_url"], "Zoë")
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+End")
    zoe.keyboard.type("print(1)\n")
    has(host, CODE + "print(1)\n")
    tab(host, "People")
    field = host.get_by_label("Follow-up question", exact=True)
    field.fill(STREAM)
    field.press("Enter")
    for page in (host, zoe):
        expect(page.locator(".banner")).to_contain_text(f"Follow-up: {STREAM}")
    expect(zoe.get_by_role("button", name="Back to the main line")).to_have_count(0)
    zoe.keyboard.type("# yield\n")
    has(host, CODE + "print(1)\n# yield\n")
    picture(host, "branch-1280")
    picture(zoe, "branch-dark-390")
    assert violations(host) == violations(zoe) == []
    host.get_by_role("button", name="Back to the main line").click()
    for page in (host, zoe):
        has(page, CODE + "print(1)\n")
        expect(page.locator(".banner")).to_have_count(0)
    host.get_by_role("button", name=f"Go there: {STREAM}").click()
    has(zoe, CODE + "print(1)\n# yield\n")
    # From an instant of the replay: the starter code, before anybody typed.
    page = person(color_scheme="dark")
    page.goto(f"{address}/replay")
    go_to(page, 1)
    page.get_by_role("button", name="Ask from here…").click()
    page.get_by_label("Follow-up question").fill("And sorted input?")
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("And sorted input?")
    has(page, CODE)
    has(zoe, CODE)
    page.goto(f"{address}/replay")
    expect(page.locator(".stretch")).to_have_count(3)
    expect(page.get_by_role("list", name="What happened").get_by_text("back to")).to_have_count(2)
    expect(page.locator(".mark-branch")).to_have_count(2)
    picture(page, "replay-branches-dark-1280")
    assert violations(page) == []
