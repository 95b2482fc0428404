"""Tests of the program: written beside the editor, tried on every run, shown in the replay and in the file."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, open_session, tab
from tests.harness.axe import violations
from tests.harness.server import ServerProcess


def test_written_tried_and_replayed(
    server: ServerProcess, person: Callable[..., Page], tmp_path: Path
) -> None:
    host, zoe = person(), person(viewport={"width": 390, "height": 780}, color_scheme="dark")
    session, address = open_session(server, host)
    come_in(zoe, session["share_url"], "Zoë")
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+a")
    zoe.keyboard.type("print(int(input()) * 2)\n")
    expect(zoe.get_by_role("tab", name="Tests")).to_have_count(0)
    tab(host, "Tests")
    panel = host.locator(".tests")
    panel.get_by_label("Name (if you like)").fill("two")
    panel.get_by_label("Input").fill("2")
    panel.get_by_label("Must print").fill("4")
    panel.get_by_role("button", name="One more test").click()
    second = panel.get_by_role("group", name="Test 2")
    second.get_by_label("Input").fill("none")
    second.get_by_label("Must print").fill("0")
    assert violations(host) == []
    picture(host, "tests-form-1280")
    panel.get_by_role("button", name="Try them").click()
    zoe.keyboard.press("Control+Enter")
    expect(panel).to_contain_text("1 of 2 pass")
    expect(panel.locator(".curve").first).to_contain_text("two")
    expect(panel.locator(".curve").last).to_contain_text("never passes")
    # When, as a clock says it; why not, beside what must be printed.
    expect(panel.locator(".curve").first).to_contain_text(re.compile(r"passes since \d+:\d\d"))
    expect(panel.locator(".instead").get_by_role("row", name="0 nothing")).to_be_visible()
    expect(panel.locator(".complaint")).to_contain_text("ValueError")
    picture(host, "tests-1280")
    assert violations(host) == []
    assert "of 2 pass" not in zoe.content()
    # Whoever only watches the shared log learns nothing of it, the interviewers' list says nothing twice.
    tab(host, "Notes")
    expect(host.locator(".notes .entries li:not(.end)")).to_have_count(0)
    page = person(color_scheme="dark")
    page.goto(f"{address}/replay")
    page.get_by_role("tab", name="Tests").click()
    progress = page.locator(".tests")
    expect(progress.locator(".curve").first).to_contain_text("passes since")
    expect(page.locator(".mark-tests")).not_to_have_count(0)
    picture(page, "replay-tests-dark-1280")
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="File that plays offline").click()
    file = tmp_path / "session.html"
    download.value.save_as(file)
    offline = person(viewport={"width": 390, "height": 780})
    offline.context.set_offline(True)
    offline.goto(file.as_uri())
    offline.get_by_role("button", name="Moments").click()
    offline.get_by_role("tab", name="Tests").click()
    expect(offline.locator(".instead .complaint")).to_contain_text("ValueError")
    expect(offline.locator(".tests .curve").first).to_contain_text("passes since")
    expect(offline.get_by_role("button", name="Change the tests")).to_have_count(0)
    picture(offline, "replay-tests-offline-390")
