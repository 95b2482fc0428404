"""An interview from its question to its report: written, proven, planned, solved, broken, and told when."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in
from tests.browser.test_problem import add_question, type_program
from tests.harness.axe import violations
from tests.harness.server import ServerProcess

REFERENCE = "print(int(input()) * 2)\n"
WORKS = "process.stdin.on('data', (d) => console.log(Number(d) * 2))\n"
BREAKS = "process.stdin.on('data', (d) => console.log(Number(d) < 100 ? Number(d) * 2 : 0))\n"


def test_an_interview_from_its_question_to_its_report(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    ana, zoe = person(), person(color_scheme="dark")
    add_question(own_server, title="Thrice over", minutes=25)
    ana.goto(f"{own_server.url}/library")
    _write_and_prove(ana)
    _plan(ana)
    session = _begin(ana, own_server)
    plan = ana.get_by_role("region", name="Plan")
    expect(plan.get_by_role("listitem").first).to_contain_text("now")
    picture(ana, "session-plan-1280")
    assert violations(ana) == []
    come_in(zoe, session["share_url"], "Zoë")
    problem = zoe.get_by_role("region", name="Problem")
    expect(problem).to_contain_text("print twice as much")
    expect(problem.get_by_role("region", name="Plan")).to_have_count(0)
    type_program(zoe, REFERENCE)
    zoe.keyboard.press("Control+Shift+Enter")
    expect(zoe.locator(".samples-standing")).to_contain_text("1 of 1 sample passes")
    # In another language there is another file; there a hidden case passes, then breaks.
    ana.get_by_label("Language").select_option("javascript")
    zoe.get_by_role("tab", name="main.js").click()
    path = f"{own_server.url}/api/sessions/{session['session_id']}"
    for program, passes in ((WORKS, True), (BREAKS, False)):
        type_program(zoe, program)
        zoe.get_by_role("button", name="Run samples").click()
        expect(zoe.locator(".samples-standing")).to_contain_text("1 of 1 sample passes")
        zoe.keyboard.press("Control+Enter")
        _tried(path, passes=passes)
    assert "first passed at" in httpx2.get(f"{path}/export?format=report").text
    plan.get_by_role("button", name="Next: Thrice over, 25 min").click()
    expect(problem).to_contain_text("twice over")
    expect(plan.get_by_role("listitem").first).to_contain_text("given")
    expect(plan.get_by_role("button", name=re.compile("^Next"))).to_have_count(0)
    httpx2.post(f"{path}/end")
    _known_to_the_library(ana, own_server)


def _write_and_prove(ana: Page) -> None:
    ana.get_by_role("button", name="New question").click()
    english = ana.get_by_role("group", name="In English")
    english.get_by_label("Title").fill("Twice as much")
    english.get_by_label("Statement").fill("Read $n$, print twice as much.")
    samples = ana.get_by_role("group", name="Samples")
    samples.get_by_label("Input").fill("3\n")
    samples.get_by_label("Expected").fill("6\n")
    secret = ana.get_by_role("group", name="Secret cases")
    secret.get_by_role("button", name="One more group").click()
    secret.get_by_label("Input").fill("500\n")
    secret.get_by_label("Expected").fill("1000\n")
    ana.get_by_text("Starters and references").click()
    ana.get_by_label("Reference in Python").fill(REFERENCE)
    ana.get_by_label("Reference in JavaScript").fill(WORKS)
    ana.get_by_role("button", name="Save").click()
    ana.get_by_role("button", name="Prove").click()
    expect(ana.locator(".proof").get_by_text("JavaScript: proven")).to_be_visible()
    ana.get_by_role("button", name="Library").click()
    ana.get_by_label("Proven").select_option("true")
    expect(ana.get_by_role("list", name="Questions").get_by_role("listitem")).to_have_count(1)


def _plan(ana: Page) -> None:
    ana.get_by_role("button", name="Plans").click()
    expect(ana.get_by_text("No plans yet.")).to_be_visible()
    ana.get_by_role("button", name="New plan").click()
    ana.get_by_label("Title").fill("Backend, an hour")
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_role("alert")).to_contain_text("A plan needs a question.")
    chooser = ana.get_by_role("combobox", name="Question")
    for title in ("Thrice over", "Twice as much"):
        chooser.fill(title)
        option = ana.locator(".chooser").get_by_role("option", name=title)
        option.click()
        expect(ana.get_by_label(f"Minutes for {title}")).to_be_visible()
    ana.get_by_role("button", name="Twice as much earlier").click()
    ana.get_by_label("Minutes for Twice as much").fill("20")
    expect(ana.get_by_text("45 min in all")).to_be_visible()
    ana.get_by_label("Rubric").fill("Asks first\nTests first")
    ana.get_by_role("heading", name="New plan").click()
    picture(ana, "plan-form-1280")
    assert violations(ana) == []
    ana.set_viewport_size({"width": 390, "height": 844})
    assert ana.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(ana, "plan-form-390")
    ana.set_viewport_size({"width": 1280, "height": 800})
    ana.get_by_role("button", name="Save").click()
    row = ana.get_by_role("list", name="Plans of interviews").get_by_role("listitem")
    expect(row).to_contain_text("2 questions · 45 min")
    expect(row).to_contain_text("Twice as much → Thrice over")
    picture(ana, "plans-1280")
    assert violations(ana) == []


def _begin(ana: Page, server: ServerProcess) -> dict[str, Any]:
    ana.get_by_role("button", name="Use").click()
    form = ana.get_by_role("form", name="New session")
    expect(form.get_by_text("The plan Backend, an hour is chosen")).to_be_visible()
    form.get_by_role("button", name="Without Backend, an hour").click()
    form.get_by_label("or a plan").select_option(index=1)
    picture(ana, "planned-session-1280")
    assert violations(ana) == []
    form.get_by_role("button", name="Create").click()
    expect(ana.get_by_role("heading", name="Twice as much", level=1)).to_be_visible()
    [session] = httpx2.get(f"{server.url}/api/sessions").json()
    read = httpx2.get(f"{server.url}/api/sessions/{session['session_id']}").json()
    assert read["rubric"] == ["Asks first", "Tests first"]
    return dict(read)


def _tried(path: str, *, passes: bool) -> None:
    """Wait until the secret case was tried on what was run last."""
    ends = time.monotonic() + 30
    while True:
        attempts = httpx2.get(f"{path}/tests").json()["attempts"]
        if attempts and all(each["passed"] == passes for each in attempts[-1]["results"]):
            return
        assert time.monotonic() < ends, attempts
        time.sleep(0.05)


def _known_to_the_library(ana: Page, server: ServerProcess) -> None:
    [found] = httpx2.get(f"{server.url}/api/questions?proven=true").json()
    assert found["fared"]["candidates"] == found["fared"]["passed"] == 1
    ana.goto(f"{server.url}/library")
    rows = ana.get_by_role("list", name="Questions")
    expect(rows).to_contain_text("1 of 1 candidate passed, in 0 min")
    picture(ana, "library-fared-1280")
    assert violations(ana) == []
