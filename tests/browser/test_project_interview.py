"""An interview about a project: planned, read, tried in two languages, broken by what nobody sees, and told when."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in
from tests.browser.test_problem import type_program
from tests.harness.axe import violations
from tests.harness.projects import PROJECT
from tests.harness.server import ServerProcess

TITLE = "Add them up"
STATEMENT = "Mend `total`: it gives the **sum** of some numbers.\n\n- of none it is $0$\n"
# The visible test adds 1 and 2; a hidden one adds none, another two that are less than nothing.
BREAKS = "exports.total = (numbers) => numbers.reduce((a, b) => a + Math.abs(b), 0);\n"


def test_an_interview_about_a_project(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    url = own_server.url
    question = PROJECT | {"statement": STATEMENT, "languages": list(PROJECT["languages"])}
    made = httpx2.post(f"{url}/api/questions", json=question | {"guide": "Ask what none is."})
    assert made.status_code == 201, made.text
    question_id = made.json()["question_id"]
    ana, zoe = person(), person(color_scheme="dark")
    _on_every_screen(ana, f"{url}/library", "project-library", TITLE)
    _on_every_screen(ana, f"{url}/library/{question_id}", "project-preview", "Mend")
    expect(ana.get_by_role("row", name="two are added")).to_be_visible()
    expect(ana.get_by_text("passed", exact=True)).to_have_count(0)  # nothing is printed by a test
    _on_every_screen(ana, f"{url}/library/{question_id}/edit", "project-form", "Edit")
    expect(ana.get_by_label("Expected")).to_have_count(0)
    expect(ana.get_by_label("Test", exact=True).first).to_be_visible()
    _edit_in_the_form(ana, f"{url}/api/questions/{question_id}")
    ana.goto(f"{url}/library/plans/new")
    ana.get_by_label("Title").fill("One project")
    ana.get_by_role("combobox", name="Question").fill(TITLE)
    ana.locator(".chooser").get_by_role("option", name=TITLE).click()
    _on_every_screen(ana, None, "project-plan", TITLE)
    ana.get_by_role("button", name="Save").click()
    ana.get_by_role("button", name="Use").click()
    form = ana.get_by_role("form", name="New session")
    form.get_by_role("button", name="Create").click()
    expect(ana.get_by_role("region", name="Problem")).to_contain_text("Mend total")
    [session] = httpx2.get(f"{url}/api/sessions").json()
    path = f"{url}/api/sessions/{session['session_id']}"
    come_in(zoe, httpx2.get(path).json()["share_url"], "Zoë")
    problem = zoe.get_by_role("region", name="Problem")
    expect(problem).to_contain_text("it gives the sum of some numbers")
    zoe.keyboard.press("Control+Shift+Enter")
    expect(zoe.locator(".samples-standing")).to_contain_text("0 of 1 sample passes")
    expect(zoe.locator(".cases")).to_contain_text("0 != 3")
    _is_reported(zoe.locator(".cases"), "two are added failed", "AssertionError: 0 != 3")
    _on_every_screen(zoe, None, "project-statement", "Mend")
    zoe.get_by_role("tab", name="sums.py", exact=True).click()
    type_program(zoe, "def total(numbers):\n    return sum(numbers)\n")
    zoe.get_by_role("button", name="Run samples").click()
    expect(zoe.locator(".samples-standing")).to_contain_text("1 of 1 sample passes")
    _run_and_wait(zoe, path, passed=[True, True])
    # In another language there are other files. There the samples pass, and what nobody sees breaks.
    ana.get_by_label("Language").select_option("javascript")
    zoe.get_by_role("tab", name="sums.js", exact=True).click()
    type_program(zoe, BREAKS)
    zoe.get_by_role("button", name="Run samples").click()
    expect(zoe.locator(".samples-standing")).to_contain_text("1 of 1 sample passes")
    _run_and_wait(zoe, path, passed=[True, False])
    assert "h1dden" not in zoe.content()
    _are_told_to_interviewers(ana, f"{url}/s/{session['session_id']}")
    report = httpx2.get(f"{path}/export?format=report").text
    assert "first passed at" in report
    assert "h1dden minus" in report or "less: negative ones" in report


def _is_reported(place: Locator, test: str, message: str) -> None:
    """A test that failed is told as JUnit tells it: its name, and its message; nothing had to be printed."""
    expect(place.locator(".reported").first).to_have_text(test)
    expect(place.get_by_role("group", name="Its message").first).to_contain_text(message)
    for words in ("What came out instead", "Must print", "Expected"):
        expect(place.get_by_text(words, exact=True)).to_have_count(0)


def _are_told_to_interviewers(page: Page, address: str) -> None:
    """In the session and in the replay."""
    page.get_by_role("tab", name="Tests").click()
    _is_reported(page.locator(".curve .instead"), "h1dden minus failed", "3 !== -3")
    picture(page, "project-tests-1280")
    page.goto(f"{address}/replay")
    page.get_by_role("tab", name="Tests").click()
    _is_reported(page.locator(".curve .instead").last, "h1dden minus failed", "3 !== -3")
    picture(page, "project-replay-1280")
    page.get_by_role("list", name="Each time the samples were tried").get_by_role(
        "button"
    ).first.click()
    _is_reported(page.locator(".cases"), "two are added failed", "AssertionError: 0 != 3")
    assert violations(page) == []


def _edit_in_the_form(page: Page, address: str) -> None:
    """Change a project's files by the keyboard: what is refused is said, what is not touched stays."""
    before = httpx2.get(address).json()
    project = page.get_by_role("group", name="Files of the project")
    listed = project.get_by_role("group", name="List of files")
    hidden = listed.get_by_role("group", name="Python · hidden tests")
    expect(hidden).to_contain_text("for interviewers")
    hidden.get_by_role("button", name="test_s3cret.py").press("Enter")
    new = listed.get_by_label("New file")
    for wrong_name in ("../mine.py", "test_s3cret.py"):
        new.fill(wrong_name)
        new.press("Enter")
        expect(listed.get_by_role("alert")).to_be_visible()
        expect(new).to_be_focused()
    new.fill("test_m0re.py")
    new.press("Enter")
    expect(page.get_by_label("Text of test_m0re.py")).to_be_focused()
    page.keyboard.type("import unittest")
    name = project.get_by_label("Name", exact=True)
    name.fill("test_s3cret.py")
    expect(project.get_by_role("alert")).to_be_visible()
    picture(page, "project-form-refused-1280")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(name).to_be_focused()  # nothing is saved before it is mended
    assert httpx2.get(address).json() == before
    name.fill("pizarra_tests.py")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("form > .problem")).to_contain_text("the name of a file of ours")
    name.fill("helper.py")
    project.get_by_label("What it is for").select_option(label="In every language")
    listed.get_by_role("button", name="README.md").click()
    project.get_by_role("button", name="Remove README.md").click()
    expect(new).to_be_focused()
    project.get_by_label("Test command").fill("python  -m unittest")
    wrong = page.get_by_role("group", name="Wrong solution 1")
    wrong.get_by_label("Text of sums.py").fill("total = max\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("version 2 ·")).to_be_visible()
    after = httpx2.get(address).json()
    assert after["project"] == {
        "files": {"helper.py": "import unittest"},
        "test_command": ["python", "-m", "unittest"],
        "ways": before["project"]["ways"],
    }
    assert after["wrong"] == [before["wrong"][0] | {"files": {"sums.py": "total = max\n"}}]
    same = ("samples", "secret", "follow_ups", "limits", "languages", "comparator", "guide")
    assert {each: after[each] for each in same} == {each: before[each] for each in same}
    undone = {each: before[each] for each in ("project", "wrong")}
    assert httpx2.patch(address, json=undone).is_success


def _on_every_screen(page: Page, address: str | None, name: str, shows: str) -> None:
    """Look at what is shown in two widths and both themes."""
    if address is not None:
        page.goto(address)
    expect(page.get_by_text(shows).first).to_be_visible()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width, height in ((390, 844), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            picture(page, f"{name}-{width}-{theme}")
        assert violations(page) == []


def _run_and_wait(page: Page, path: str, *, passed: list[bool]) -> None:
    """Run what is shown, and wait until the hidden tests were tried on it."""
    page.keyboard.press("Control+Enter")
    ends = time.monotonic() + 30
    while True:
        attempts: list[dict[str, Any]] = httpx2.get(f"{path}/tests").json()["attempts"]
        if attempts and [each["passed"] for each in attempts[-1]["results"]] == passed:
            return
        assert time.monotonic() < ends, attempts
        time.sleep(0.05)
