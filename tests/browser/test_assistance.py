"""What language servers know, in the editor: names that fit while one types, and what is under the mouse or caret."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, open_session
from tests.harness.axe import violations
from tests.harness.server import ServerProcess
from tests.integration.test_language_servers import known


def test_names_and_what_is_known(server: ServerProcess, person: Callable[..., Page]) -> None:
    assert known(server, "python")
    host, zoe = person(), person(color_scheme="dark")
    session, _ = open_session(server, host, initial_code="greeting = 'hello'\n")
    come_in(zoe, session["share_url"], "Zoë")
    code = zoe.locator(".cm-content")
    code.click()
    zoe.keyboard.press("Control+End")
    zoe.keyboard.type("greeting.starts")
    names = zoe.locator(".cm-tooltip-autocomplete")
    expect(names).to_contain_text("startswith")
    picture(zoe, "known-names-dark-1280")
    assert violations(zoe) == []
    zoe.keyboard.press("Enter")
    expect(code).to_contain_text("greeting.startswith")
    expect(host.locator(".cm-content")).to_contain_text("greeting.startswith")
    zoe.keyboard.press("Alt+i")
    card = zoe.locator(".known")
    expect(card).to_contain_text("startswith")
    picture(zoe, "known-place-dark-1280")
    assert violations(zoe) == []
    zoe.keyboard.press("Escape")
    expect(card).to_have_count(0)
    host.locator(".cm-line").first.hover(position={"x": 20, "y": 8})
    expect(host.locator(".known")).to_contain_text('Literal["hello"]')
    # Keywords and snippets are no part of a string's.
    zoe.keyboard.press("Control+End")
    zoe.keyboard.type("\ngreeting.")
    expect(names).to_contain_text("capitalize")
    expect(names.get_by_text("while", exact=True)).to_have_count(0)
