"""A question while a session goes on: own cases, verdicts that are out of date, and follow-ups."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, tab
from tests.browser.test_problem import add_question, open_with, type_program
from tests.harness.axe import violations
from tests.harness.server import ServerProcess

FOLLOW_UPS = [
    {
        "title": "And thrice?",
        "text": "Print it *thrice*.",
        "cases": [{"input": "2", "expected": "6"}],
    },
    {"title": "Large numbers", "text": "LATER: up to $10^{30}$."},
]
FUNCTION: dict[str, Any] = {
    "title": "Add them",
    "kind": "function",
    "languages": ["python"],
    "starters": {},
    "references": {},
    "signature": {
        "function": "sumOf",
        "parameters": [{"name": "a", "type": "int[]"}, {"name": "b", "type": "int"}],
        "returns": "int",
    },
    "samples": [{"name": "two", "input": "[1, 2]\n3", "expected": "6"}],
    "secret": [],
}


def test_own_cases_and_verdicts_that_are_out_of_date(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(color_scheme="dark"), person()
    session, _ = open_with(server, host, question_id=add_question(server))
    come_in(zoe, session["share_url"], "Zoë")
    panel = zoe.get_by_role("region", name="Problem")
    type_program(zoe, "n = int(input())\nprint(n * 2)\n")
    # What closes leaves the keyboard where it stood.
    add = panel.get_by_role("button", name="Add a case")
    add.click()
    expect(panel.get_by_label("Input")).to_be_focused()
    zoe.keyboard.press("Escape")
    expect(add).to_be_focused()
    zoe.keyboard.press("Enter")
    panel.get_by_label("Input").fill("21\n")
    panel.get_by_label("Expected; empty").fill("43\n")
    picture(zoe, "own-case-form-1280")
    assert violations(zoe) == []
    panel.get_by_role("button", name="Keep").click()
    expect(add).to_be_focused()
    panel.get_by_role("button", name="Run samples").click()
    expect(zoe.locator(".samples-standing")).to_contain_text("2 of 2 samples pass")
    own = panel.locator(".own-cases")
    expect(own).to_contain_text("failed")
    expect(own.locator("mark").first).to_be_visible()
    # Whoever looks on sees them too, and whose they are not.
    expect(host.locator(".own-cases")).to_contain_text("21")
    picture(zoe, "own-case-1280")
    picture(host, "own-case-dark-1280")
    # What is said is of the code that it was tried on.
    expect(zoe.locator(".samples-old")).to_have_count(0)
    type_program(zoe, "n = int(input())\nprint(n * 2 + 1)\n")
    for page in (zoe, host):
        expect(page.locator(".samples-old")).to_contain_text("the code has changed since")
    picture(zoe, "samples-old-1280")
    assert violations(zoe) == []
    own.get_by_role("button", name="Edit own case 1").click()
    own.get_by_label("Expected; empty").fill("")
    own.get_by_role("button", name="Keep").click()
    zoe.keyboard.press("Control+Shift+Enter")
    expect(own).to_contain_text("ended well")
    expect(own).to_contain_text("43")
    expect(zoe.locator(".samples-old")).to_have_count(0)
    zoe.reload()
    expect(own).to_contain_text("21")
    zoe.set_viewport_size({"width": 390, "height": 844})
    expect(zoe.locator(".statement")).to_be_visible()
    picture(zoe, "own-case-390")
    assert violations(zoe) == []
    own.get_by_role("button", name="Remove own case 1").click()
    expect(own).not_to_contain_text("21")


def test_a_functions_failed_case_becomes_a_case_of_ones_own(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person(locale="es-ES")
    question = add_question(server, **FUNCTION)
    open_with(server, host, question_id=question)
    type_program(host, "def sum_of(a, b):\n    return len(a) + b\n")
    host.get_by_role("button", name="Probar ejemplos").click()
    expect(host.locator(".samples-standing")).to_contain_text("0 de 1 ejemplo")
    host.get_by_role("button", name="Convertirlo en un caso mío").click()
    form = host.locator(".own-form")
    expect(form.get_by_label("Argumentos, uno por línea: a, b")).to_have_value("[1, 2]\n3")
    form.get_by_label("Argumentos, uno por línea: a, b").fill("[1]\n")
    form.get_by_role("button", name="Guardar").click()
    host.get_by_role("button", name="Probar ejemplos").click()
    expect(host.get_by_role("alert")).to_contain_text("debe tener 2 líneas, una por argumento")
    picture(host, "own-case-function-es-1280")
    assert violations(host) == []


def test_a_follow_up_is_asked_and_the_question_comes_back(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(color_scheme="dark"), person()
    question = add_question(server, follow_ups=FOLLOW_UPS, rubric=["Names the limits"])
    session, _ = open_with(server, host, question_id=question)
    come_in(zoe, session["share_url"], "Zoë")
    type_program(zoe, "n = int(input())\nprint(n * 2)\n")
    zoe.get_by_role("button", name="Run samples").click()
    expect(zoe.locator(".samples-standing")).to_contain_text("2 of 2 samples pass")
    tab(host, "Guide")
    side = host.locator(".side-panel")
    expect(side).to_contain_text("GUIDE: ask about overflow.")
    expect(side).to_contain_text("Names the limits")
    picture(host, "guide-dark-1280")
    assert violations(host) == []
    tab(host, "Notes")
    expect(side).to_contain_text("Next: “And thrice?”")
    picture(host, "next-up-dark-1280")
    side.get_by_role("button", name="Ask “And thrice?”").click()
    for page in (host, zoe):
        expect(page.locator(".statement")).to_contain_text("thrice")
    # It goes on with a copy of the answer; the next one waits.
    expect(side).to_contain_text("Next: “Large numbers”")
    tab_of_it = zoe.get_by_role("tab", name="and-thrice")
    expect(tab_of_it).to_have_attribute("aria-selected", "true")
    expect(zoe.locator(".cm-content")).to_contain_text("print(n * 2)")
    type_program(zoe, "print(int(input()) * 3)\n")
    zoe.get_by_role("button", name="Run samples").click()
    expect(zoe.locator(".samples-standing")).to_contain_text("1 of 1 sample passes")
    assert "LATER" not in zoe.content()
    assert "GUIDE" not in zoe.content()
    host.locator(".toast").get_by_role("button", name="Back to Double it").click()
    expect(host.locator(".statement")).to_contain_text("twice over")


def test_what_is_over_opens_at_the_file_of_its_last_question(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """It opened at the first question's, which nobody had written in since."""
    host = person()
    session, address = open_with(server, host, question_id=add_question(server))
    path = f"{server.url}/api/sessions/{session['session_id']}"
    second = add_question(server, title="Count them", starters={"python": "# of the second\n"})
    httpx2.put(f"{path}/problem", json={"question_id": second}).raise_for_status()
    own = host.get_by_role("tab", name=re.compile("^count-them.*main.py$"))
    expect(own).to_be_visible()
    host.goto(f"{address}/replay")
    expect(own).to_have_attribute("aria-selected", "true")
    expect(host.locator(".cm-content")).to_contain_text("# of the second")
    # Before it came, the first one's.
    entries = httpx2.get(f"{path}/timeline?kinds=problem").json()
    host.evaluate("(seq) => (location.hash = `#t=${seq}`)", entries[1]["seq"] - 1)
    expect(host.get_by_role("tab", name="main.py", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    httpx2.post(f"{path}/end").raise_for_status()
    host.goto(address)
    expect(own).to_have_attribute("aria-selected", "true")
    expect(host.locator(".cm-content")).to_contain_text("# of the second")
