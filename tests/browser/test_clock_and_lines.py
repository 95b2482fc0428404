"""The interview's clock, and a line to everybody that nobody takes for a private note."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, open_session, tab
from tests.harness.axe import violations
from tests.harness.server import ServerProcess


def test_the_clock_and_lines_to_everybody(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person(viewport={"width": 390, "height": 844}, color_scheme="dark")
    # The host's computer is nine minutes fast: the seconds are the server's.
    host.add_init_script("const real = Date.now; Date.now = () => real() + 540_000;")
    session, _ = open_session(server, host, title="Two Sum")
    expect(host.get_by_role("timer")).to_have_text(re.compile(r"^0:00 of 60"))
    come_in(zoe, session["share_url"], "Zoë")
    expect(host.get_by_role("timer")).to_have_text(re.compile(r"^0:0[1-9] of 60"))
    expect(zoe.get_by_role("timer")).to_have_count(0)
    host.get_by_role("button", name="Set the clock").click()
    host.get_by_label("Minutes", exact=True).fill("4")
    host.get_by_role("button", name="Add a part").click()
    host.get_by_label("Name of part 1").fill("Warm-up")
    host.get_by_label("The candidate sees it too").check()
    picture(host, "clock-1280")
    assert violations(host, ".menu-panel") == []
    host.get_by_role("button", name="Set the clock", exact=True).click()
    # Less than five minutes are left: it turns to a quiet colour, and says in which part it is.
    expect(host.get_by_role("timer")).to_have_class(re.compile("clock-late"))
    expect(host.get_by_role("timer")).to_contain_text("Warm-up")
    expect(zoe.get_by_role("timer")).to_be_visible()
    # A line to everybody: the side panel, its tab and the window's title tell of it until it was seen.
    zoe.get_by_role("navigation", name="Panes").get_by_role("button", name="People").click()
    tab(zoe, "Everybody")
    zoe.get_by_label("Line to everybody").fill("May I use a dictionary?")
    zoe.get_by_label("Line to everybody").press("Enter")
    expect(zoe.locator(".lines")).to_contain_text("May I use a dictionary?")
    expect(zoe.get_by_label("Line to everybody")).to_have_value("")
    picture(zoe, "lines-dark-390")
    assert violations(zoe) == []
    everybody = host.get_by_role("tab", name="Everybody", exact=True)
    expect(everybody).to_have_accessible_description("1 unseen")
    expect(host).to_have_title("(1) Two Sum · Pizarra")
    host.reload()
    expect(host).to_have_title("(1) Two Sum · Pizarra")
    expect(host.get_by_role("timer")).to_contain_text("of 4")
    expect(everybody).to_have_accessible_description("1 unseen")
    everybody.click()
    expect(everybody).to_have_accessible_description("")
    expect(host).to_have_title("Two Sum · Pizarra")
    expect(
        host.get_by_text("Everybody in the session reads this, the candidate too.")
    ).to_be_visible()
    expect(host.locator(".composer")).to_contain_text("Zoë will read it")
    picture(host, "lines-1280")
    assert violations(host) == []
    # What is private says so where it is written, and is no line to everybody.
    tab(host, "Notes")
    host.get_by_label("Private note").fill("s3cret")
    host.get_by_role("button", name="Add note").click()
    expect(host.locator(".entries")).to_contain_text("s3cret")
    assert "s3cret" not in zoe.content()
