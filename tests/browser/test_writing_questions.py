"""Questions as they are written: from a signature, with everything a form has, as files; proven, and tried out."""

import base64
import re
from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_problem import add_question
from tests.harness.axe import violations
from tests.harness.server import ServerProcess

DOT = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="
PASTED = "twoSum(int[] nums, int target) -> int[]\ntwoSum([2, 7], 9) -> [0, 1]\n[3, 3], 6 -> [0, 1]"
EVERYTHING: dict[str, Any] = {
    "title": "Twice each",
    "statement": "Return each number **twice**.",
    "translations": {"es": {"title": "Dos veces", "statement": "Cada número, *dos veces*."}},
    "kind": "function",
    "signature": {
        "function": "twiceEach",
        "parameters": [{"name": "numbers", "type": "float[]"}, {"name": "times", "type": "int"}],
        "returns": "void",
        "in_place": "numbers",
        "process": "per_case",
    },
    "languages": ["python", "java"],
    "starters": {"java": "class Main {}\n"},
    "references": {"python": "def twice_each(numbers, times):\n    pass\n"},
    "wrong": [
        {
            "name": "does nothing",
            "language": "python",
            "source": "pass\n",
            "verdict": "wrong_answer",
            "fails": ["small", "sample 1"],
        }
    ],
    "samples": [
        {"name": "", "input": "[1.5]\n2", "expected": "[3]", "hint": "Halves?", "description": "h"}
    ],
    "secret": [
        {"name": "small", "weight": 2.5, "cases": [{"input": "[]\n1", "expected": "[]"}]},
        {"name": "to come", "weight": 0, "cases": []},
    ],
    "comparator": {"how": "exact", "absolute_tolerance": 1e-6, "relative_tolerance": 1e-3},
    "licence": "cc0",
    "source": "Ana",
    "guide": "Ask first.",
    "rubric": ["Asks", "Tests"],
    "follow_ups": [
        {
            "title": "Sorted?",
            "text": "And if it is sorted?",
            "starters": {"python": "# go on\n"},
            "cases": [{"input": "[1]\n1", "expected": "[2]"}],
        }
    ],
    "policy": {"secret_count": True},
    "images": {"dot.gif": DOT},
}


def _fits(page: Page, name: str) -> None:
    """Look at what is shown in two widths: nothing beside the window, nothing that hinders anybody."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844 if width == 390 else 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(page, f"{name}-{width}")
        assert violations(page) == []


def _read(server: ServerProcess, question_id: str) -> dict[str, Any]:
    return dict(httpx2.get(f"{server.url}/api/questions/{question_id}").json())


def test_the_form_loses_nothing_and_has_all_of_it(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    question_id = add_question(own_server, **EVERYTHING)
    before = _read(own_server, question_id)
    ana = person(color_scheme="dark", locale="es-ES")
    ana.goto(f"{own_server.url}/library/{question_id}/edit")
    expect(ana.get_by_role("textbox", name="Función")).to_have_value("twiceEach")
    _fits(ana, "form-of-a-function-dark-es")
    ana.get_by_role("button", name="Guardar").click()
    expect(ana.get_by_text("versión 1 ·")).to_be_visible()
    assert _read(own_server, question_id) == before
    bo = person()
    bo.goto(f"{own_server.url}/library/{question_id}/edit")
    bo.get_by_role("group", name="Parameter 2").get_by_role("textbox", name="Parameter").fill(
        "count"
    )
    bo.get_by_role("group", name="Parameter 1").get_by_role("textbox", name="Parameter").fill(
        "values"
    )
    expect(bo.get_by_label("Changes in place")).to_have_value("values")
    wrong = bo.get_by_role("group", name="Wrong solution 1")
    wrong.get_by_label("How it fails").select_option("rejected")
    wrong.get_by_label("sample 1").uncheck()
    wrong.get_by_label("to come").check()
    bo.get_by_role("button", name="One more wrong solution").click()
    second = bo.get_by_role("group", name="Wrong solution 2")
    second.get_by_label("Written in").select_option("java")
    second.get_by_label("Program").fill("class Main {}\n")
    bo.get_by_label("Add pictures").set_input_files(
        {"name": "My dot.GIF", "mimeType": "image/gif", "buffer": base64.b64decode(DOT)}
    )
    expect(bo.get_by_text("![](my-dot.gif)")).to_be_visible()
    bo.get_by_role("button", name="Remove dot.gif").click()
    bo.get_by_label("Rubric").fill("Asks\n\nMeasures")
    asked = bo.get_by_role("group", name="Follow-up 1")
    asked.get_by_label("What to ask").fill("And without more memory?")
    bo.get_by_label("… or by this part of the number").fill("")
    _fits(bo, "form-of-a-function")
    bo.get_by_role("button", name="Save").click()
    expect(bo.get_by_text("version 2 ·")).to_be_visible()
    after = _read(own_server, question_id)
    assert [each["name"] for each in after["signature"]["parameters"]] == ["values", "count"]
    assert after["signature"]["in_place"] == "values"
    assert [(each["verdict"], each["fails"]) for each in after["wrong"]] == [
        ("rejected", ["small", "to come"]),
        ("rejected", []),
    ]
    assert after["images"] == {"my-dot.gif": DOT}
    assert after["rubric"] == ["Asks", "Measures"]
    assert after["follow_ups"][0]["text"] == "And without more memory?"
    assert after["follow_ups"][0]["cases"] == before["follow_ups"][0]["cases"]
    assert after["comparator"] == before["comparator"] | {"relative_tolerance": None}


def test_a_question_comes_of_a_signature(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    ana = person()
    ana.goto(f"{own_server.url}/library")
    ana.get_by_role("button", name="From a signature…").click()
    ana.get_by_label("Signature and examples").fill("nothing of the kind")
    ana.get_by_role("button", name="Read it").click()
    expect(ana.get_by_role("alert")).to_contain_text("Its first line is no signature.")
    ana.get_by_label("Signature and examples").fill(PASTED)
    ana.get_by_label("Statement").fill("Find the two that make the *target*.")
    ana.get_by_role("button", name="Read it").click()
    proposed = ana.get_by_role("region", name="Two sum")
    expect(proposed).to_be_focused()
    expect(proposed).to_contain_text("twoSum(int[] nums, int target) → int[]")
    expect(proposed).to_contain_text("[3, 3]")
    _fits(ana, "from-a-signature")
    assert httpx2.get(f"{own_server.url}/api/questions").json() == []
    proposed.get_by_role("button", name="Make a draft").click()
    expect(ana.get_by_role("textbox", name="Function")).to_have_value("twoSum")
    expect(ana.get_by_label("A draft: no session begins with it yet")).to_be_checked()
    [listed] = httpx2.get(f"{own_server.url}/api/questions").json()
    assert _read(own_server, listed["question_id"])["statement"].endswith("the *target*.")
    bo = person(color_scheme="dark", locale="es-ES")
    bo.goto(f"{own_server.url}/library/paste")
    bo.locator("input[type=file]").set_input_files(
        {
            "name": "canonical-data.json",
            "mimeType": "application/json",
            "buffer": b'{"exercise": "leap", "cases": [{"uuid": "1", "description": "no", "property": "leapYear",'
            b' "input": {"year": 2015}, "expected": false}, {"uuid": "2", "description": "?",'
            b' "property": "leapYear", "input": {"year": -1}, "expected": {"error": "x"}}]}',
        }
    )
    expect(bo.get_by_label("Firma y ejemplos")).to_have_value(re.compile(r"^\{"))
    bo.get_by_role("button", name="Leer").click()
    proposed = bo.get_by_role("region", name="Leap")
    expect(proposed).to_contain_text("Los tipos se han deducido de los valores")
    _fits(bo, "from-an-exercise-dark-es")


def test_a_question_is_edited_as_files(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    question_id = add_question(own_server, **EVERYTHING)
    ana = person()
    ana.goto(f"{own_server.url}/library/{question_id}")
    ana.get_by_role("button", name="Files").click()
    files = ana.get_by_role("navigation", name="Files")
    expect(ana.get_by_label("problem.yaml")).to_have_value(
        re.compile("problem_format_version: .?2025-09")
    )
    files.get_by_role("button", name="statement/problem.en.md").click()
    ana.get_by_label("statement/problem.en.md").fill("Each of them, **twice**.")
    files.get_by_role("button", name="data/sample/001.in").click()
    ana.get_by_label("data/sample/001.in").fill("[1.5]\ntwo")
    files.get_by_role("button", name="problem.yaml").click()
    ana.get_by_role("button", name="Save as a new version").click()
    expect(ana.get_by_role("alert")).to_contain_text("This is in the file data/sample/001.in.")
    ana.get_by_label("data/sample/001.in").fill("[1.5]\n2")
    files.get_by_label("New file").fill("generators/large.py")
    files.get_by_role("button", name="Add").click()
    ana.get_by_label("generators/large.py").fill("print(1)\n")
    _fits(ana, "files")
    ana.get_by_role("button", name="Save as a new version").click()
    saved = ana.get_by_role("status").filter(has_text="It is version 2 now.")
    expect(saved).to_contain_text("These parts were left out: generators.")
    expect(files.get_by_role("button", name="generators/large.py")).to_have_count(0)
    assert _read(own_server, question_id)["statement"] == "Each of them, **twice**."
    bo = person(color_scheme="dark", locale="es-ES")
    bo.goto(f"{own_server.url}/library/{question_id}/files")
    expect(bo.get_by_label("problem.yaml")).to_be_visible()
    _fits(bo, "files-dark-es")
    # Whoever has the files of an older version is told, and nothing is written over.
    ana.get_by_label("problem.yaml").press("End")
    httpx2.patch(f"{own_server.url}/api/questions/{question_id}", json={"minutes": 7})
    ana.get_by_role("button", name="Remove problem.yaml").click()
    ana.get_by_role("button", name="Save as a new version").click()
    expect(ana.get_by_role("alert")).to_contain_text("Somebody changed this")
    ana.once("dialog", lambda dialog: dialog.accept())
    ana.get_by_role("button", name="Close").click()
    expect(ana.get_by_text("version 3 ·")).to_be_visible()


def test_a_proof_says_how_far_it_is_and_is_stopped(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    endless = {"python": "while True:\n    pass\n"}
    cases = [{"input": "1\n", "expected": "2\n"}] * 100  # it has not ended before it is stopped
    question_id = add_question(
        own_server,
        references=endless,
        starters={},
        languages=["python", "java"],
        secret=[{"name": "many", "cases": cases}],
    )
    ana = person()
    ana.goto(f"{own_server.url}/library/{question_id}")
    proof = ana.get_by_role("region", name="Proof")
    proof.get_by_role("button", name="Prove").click()
    expect(proof.get_by_role("status")).to_contain_text("0 of 2 languages")
    assert violations(ana) == []
    picture(ana, "proof-under-way-1280")
    # A server that was away for a moment: it was asked no more, and the proof never came to an end.
    ana.route(f"**/api/questions/{question_id}", lambda route: route.fulfill(status=503, json={}))
    expect(proof.get_by_role("alert")).to_be_visible()
    ana.unroute(f"**/api/questions/{question_id}")
    expect(proof.get_by_role("alert")).to_have_count(0)
    expect(proof.get_by_role("status")).to_contain_text("0 of 2 languages")
    proof.get_by_role("button", name="Stop").click()
    expect(proof).to_contain_text("Nobody has proven this version yet.")
    expect(proof.get_by_role("button", name="Stop")).to_have_count(0)
    expect(proof.get_by_role("button", name="Prove")).to_be_enabled()


def test_a_question_is_tried_out_as_a_candidate_sees_it(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    statement = "Print it **twice over**. ![a dot](dot.gif)"
    about = {"guide": "gu1de", "draft": True, "images": {"dot.gif": DOT}}
    question_id = add_question(own_server, statement=statement, **about)
    ana = person()
    ana.goto(f"{own_server.url}/library/{question_id}")
    ana.get_by_role("button", name="Try it").click()
    expect(ana.get_by_role("region", name="Problem")).to_contain_text("twice over")
    expect(ana.get_by_text("You see this question as a candidate does.")).to_be_visible()
    drawn = ana.get_by_role("region", name="Problem").get_by_role("img", name="a dot")
    assert drawn.evaluate("each => each.decode().then(() => each.naturalWidth)") == 1
    expect(ana.locator(".cm-content")).to_be_visible()
    ana.keyboard.press("Control+Shift+Enter")
    expect(ana.locator(".samples-standing")).to_be_visible()
    assert "gu1de" not in ana.content()
    picture(ana, "trying-1280")
    assert violations(ana) == []
    ana.set_viewport_size({"width": 390, "height": 844})
    assert ana.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(ana, "trying-390")
    ana.get_by_role("button", name="Back to the question").click()
    expect(ana.get_by_text("not used yet")).to_be_visible()
    assert httpx2.get(f"{own_server.url}/api/sessions").json() == []
