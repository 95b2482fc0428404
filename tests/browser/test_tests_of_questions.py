"""What the form of a session's tests says of them: of a program, of a function and of a project each something else."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page
from tests.browser.conftest import picture
from tests.browser.test_interview import tab
from tests.harness.axe import violations
from tests.harness.projects import PROJECT
from tests.harness.server import ServerProcess

_PROGRAM: dict[str, Any] = {
    "title": "Twice",
    "statement": "Print twice as much.",
    "languages": ["python"],
    "secret": [{"name": "large", "cases": [{"input": "7\n", "expected": "14\n"}]}],
}
_FUNCTION = _PROGRAM | {
    "kind": "function",
    "signature": {
        "function": "twice",
        "parameters": [{"name": "n", "type": "int"}],
        "returns": "int",
    },
    "secret": [{"name": "large", "cases": [{"input": "7", "expected": "14"}]}],
}
_SAYS: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "stdio": (
        _PROGRAM,
        ["Name (if you like)", "Input", "Must print", "Compared"],
        ["Nombre (si quieres)", "Entrada", "Debe escribir", "Se compara"],
    ),
    "function": (
        _FUNCTION,
        ["Name (if you like)", "Arguments, as JSON, one a line", "Must come to, as JSON"],
        ["Nombre (si quieres)", "Argumentos, en JSON, uno por línea", "Debe dar, en JSON"],
    ),
    "project": (
        PROJECT,
        ["Name (if you like)", "Must pass: the test that is reported as"],
        ["Nombre (si quieres)", "Debe pasar: la prueba que aparece como"],
    ),
}


@pytest.mark.parametrize("kind", _SAYS)
def test_the_form_says_what_is_true_of_each_kind(
    server: ServerProcess, person: Callable[..., Page], kind: str
) -> None:
    question, english, spanish = _SAYS[kind]
    made = httpx2.post(f"{server.url}/api/questions", json=question).raise_for_status().json()
    body = {"question_id": made["question_id"]}
    session = httpx2.post(f"{server.url}/api/sessions", json=body).raise_for_status().json()
    address = f"{server.url}/s/{session['session_id']}"
    for locale, said, change, tests, more in (
        ("en-GB", english, "Change the tests", "Tests", "One more test"),
        ("es-ES", spanish, "Cambiar las pruebas", "Pruebas", "Una prueba más"),
    ):
        page = person(locale=locale, color_scheme="dark" if locale == "es-ES" else "light")
        page.goto(address)
        tab(page, tests)
        page.get_by_role("button", name=change).click()
        form = page.locator(".tests form")
        first = form.get_by_role("group").first
        assert labels(first) == said
        assert violations(page) == []
        picture(page, f"tests-of-{kind}-{locale[:2]}-1280")
        # What is added by hand is a program that is run, whatever the question is.
        form.get_by_role("button", name=more).click()
        assert labels(form.get_by_role("group").last) == _SAYS["stdio"][1 if said is english else 2]
        # As it was, it is judged as it was.
    if kind == "stdio":
        assert first.get_by_role("combobox").input_value() == "question"


def labels(group: Any) -> list[str]:
    """Return what a test's fields are called."""
    found = group.locator("label").evaluate_all("all => all.map(each => each.firstChild.data)")
    return [each.strip() for each in found]
