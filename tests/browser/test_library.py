"""The library of questions: written, found, seen as others see it, changed, used and deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_problem import add_question
from tests.harness.axe import violations
from tests.harness.server import ServerProcess


def test_a_question_is_written_seen_changed_and_used(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    ana = person()
    ana.goto(own_server.url)
    ana.get_by_role("button", name="Library").click()
    expect(ana.get_by_text("No questions yet.")).to_be_visible()
    assert violations(ana) == []
    ana.get_by_role("button", name="New question").click()
    _write(ana)
    question = _saved(own_server)
    assert question["translations"]["es"]["title"] == "El doble"
    assert question["samples"] == [
        {"name": "three", "input": "3\n", "expected": "6", "hint": "", "description": ""}
    ]
    assert question["secret"][0]["cases"][0]["expected"] == "1000"
    assert question["languages"] == ["python", "javascript", "typescript", "java"]
    assert question["references"] == {"python": "print(int(input()) * 2)\n"}
    _seen_by_both(ana)
    ana.get_by_role("button", name="Edit").click()
    ana.get_by_label("Minutes").fill("12")
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_text("version 2 ·")).to_be_visible()
    assert _saved(own_server)["minutes"] == 12
    # Whoever has the form of an older version is told, and nothing is written over.
    ana.get_by_role("button", name="Edit").click()
    expect(ana.get_by_label("Minutes")).to_have_value("12")
    path = f"{own_server.url}/api/questions/{question['question_id']}"
    httpx2.patch(path, json={"guide": "Somebody else's."})
    ana.get_by_label("Minutes").fill("13")
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    assert _saved(own_server)["minutes"] == 12
    ana.once("dialog", lambda dialog: dialog.accept())
    ana.get_by_role("button", name="Cancel").click()
    _used(ana)
    _duplicated_and_deleted(ana)


def _write(ana: Page) -> None:
    english = ana.get_by_role("group", name="In English")
    english.get_by_label("Statement").fill("Read $n$, print **twice** as much.")
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_role("alert")).to_contain_text("needs a title")
    english.get_by_label("Title").fill("Twice as much")
    spanish = ana.get_by_role("group", name="In Spanish")
    spanish.get_by_label("Title").fill("El doble")
    spanish.get_by_label("Statement").fill("Lee $n$, escribe el *doble*.")
    ana.get_by_label("Difficulty").select_option("easy")
    ana.get_by_label("Tags").fill("arithmetic, warm-up")
    samples = ana.get_by_role("group", name="Samples")
    samples.get_by_label("Name").fill("three")
    samples.get_by_label("Input").fill("3\n")
    samples.get_by_label("Expected").fill("6")
    secret = ana.get_by_role("group", name="Secret cases")
    secret.get_by_role("button", name="One more group").click()
    secret.get_by_label("Name of the group").fill("large")
    secret.get_by_label("Input").fill("500")
    secret.get_by_label("Expected").fill("1000")
    ana.get_by_label("C++", exact=True).uncheck()
    ana.get_by_text("Starters and references").click()
    ana.get_by_label("Reference in Python").fill("print(int(input()) * 2)\n")
    ana.get_by_label("Guide").fill("Ask about *overflow*.")
    picture(ana, "question-form-1280")
    assert violations(ana) == []
    ana.set_viewport_size({"width": 390, "height": 844})
    assert ana.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ana.screenshot(path="test-output/question-form-390.png", full_page=True)
    assert violations(ana) == []
    ana.set_viewport_size({"width": 1280, "height": 800})
    ana.get_by_role("button", name="Save").click()
    expect(ana.get_by_role("heading", name="Twice as much", level=1)).to_be_visible()


def _saved(server: ServerProcess) -> dict[str, Any]:
    listed = httpx2.get(f"{server.url}/api/questions").json()
    found = next(each for each in listed if each["title"] == "Twice as much")
    read = httpx2.get(f"{server.url}/api/questions/{found['question_id']}").json()
    assert isinstance(read, dict)
    return read


def _seen_by_both(ana: Page) -> None:
    panel = ana.get_by_role("tabpanel")
    expect(panel.locator("strong")).to_have_text("twice")
    expect(panel.locator(".cases")).to_contain_text("three")
    expect(panel).not_to_contain_text("overflow")
    expect(panel).not_to_contain_text("1000")
    picture(ana, "preview-candidate-1280")
    assert violations(ana) == []
    ana.get_by_role("tab", name="As an interviewer").click()
    expect(panel.locator("em")).to_have_text("overflow")
    expect(panel.get_by_role("row", name="Case 1 500 1000")).to_be_visible()
    panel.get_by_text("Python").click()
    expect(panel.locator(".source")).to_contain_text("* 2")
    picture(ana, "preview-interviewer-1280")
    assert violations(ana) == []


def _used(ana: Page) -> None:
    ana.get_by_role("button", name="Use").click()
    form = ana.get_by_role("form", name="New session")
    expect(form.get_by_text("Twice as much is chosen")).to_be_visible()
    form.get_by_role("button", name="Create").click()
    expect(ana.get_by_role("region", name="Problem")).to_contain_text("twice")
    ana.get_by_role("button", name="All sessions").click()
    ana.get_by_role("button", name="Library").click()
    expect(ana.get_by_role("list", name="Questions")).to_contain_text("1 session")


def _duplicated_and_deleted(ana: Page) -> None:
    ana.get_by_role("link", name="Twice as much").click()
    ana.get_by_role("button", name="Duplicate").click()
    rows = ana.get_by_role("list", name="Questions").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Twice as much (copy)")
    expect(rows.first).to_contain_text("draft")
    expect(rows.first.get_by_role("button", name="Use")).to_have_count(0)
    ana.get_by_role("link", name="Twice as much (copy)").click()
    ana.get_by_role("button", name="Delete…").click()
    ana.get_by_role("button", name="Keep it").click()
    ana.get_by_role("button", name="Delete…").click()
    assert violations(ana) == []
    ana.get_by_role("button", name="Delete the question").click()
    expect(rows).to_have_count(1)


def test_the_library_is_searched_and_filtered(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    add_question(own_server, title="Double it", tags=["arithmetic"])
    add_question(
        own_server,
        title="Graph paths",
        difficulty="hard",
        tags=["graphs", "search"],
        languages=["java", "cpp"],
        starters={},
        references={},
    )
    bo = person(color_scheme="dark", locale="es-ES")
    bo.goto(f"{own_server.url}/library")
    rows = bo.get_by_role("list", name="Preguntas").get_by_role("listitem")
    expect(rows).to_have_count(2)
    picture(bo, "library-dark-es-1280")
    assert violations(bo) == []
    bo.get_by_label("Buscar por título o etiqueta").fill("graph")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("difícil")
    bo.get_by_label("Buscar por título o etiqueta").fill("")
    expect(rows).to_have_count(2)
    bo.get_by_label("Lenguaje").select_option("python")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Duplica")
    bo.get_by_label("Dificultad").select_option("hard")
    expect(bo.get_by_text("No hay ninguna pregunta así.")).to_be_visible()
    bo.get_by_role("button", name="Ver todas").click()
    expect(rows).to_have_count(2)
    bo.get_by_role("button", name="graphs").click()
    expect(rows).to_have_count(1)
    for width, height in ((390, 844), (768, 1024), (1920, 1080)):
        bo.set_viewport_size({"width": width, "height": height})
        assert bo.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture(bo, f"library-dark-es-{width}")
        assert violations(bo) == []
    bo.get_by_role("button", name="No solo graphs").click()
    expect(rows).to_have_count(2)
    _filtered_on_a_phone(bo)
    bo.goto(f"{own_server.url}/library/00112233445566778899aabbccddeeff")
    expect(bo.get_by_text("Esta pregunta no está aquí")).to_be_visible()
    assert violations(bo) == []


def _filtered_on_a_phone(bo: Page) -> None:
    """What one may choose from took five rows above the questions."""
    bo.set_viewport_size({"width": 390, "height": 844})
    search, rows = bo.get_by_role("search"), bo.locator(".rows li")
    filters = search.get_by_role("button", name="Filtros", exact=True)
    expect(filters).to_have_attribute("aria-expanded", "false")
    expect(search.get_by_label("Dificultad")).to_have_count(0)
    assert search.evaluate("(each) => each.getBoundingClientRect().height") < 60
    filters.focus()
    bo.keyboard.press("Enter")
    search.get_by_label("Dificultad").select_option("hard")
    expect(rows).to_have_count(1)
    picture(bo, "library-filters-es-390")
    assert violations(bo) == []
    chosen = search.get_by_role("button", name="Filtros (1)", exact=True)
    chosen.click()
    expect(search.get_by_label("Dificultad")).to_have_count(0)
    expect(rows).to_have_count(1)
    chosen.click()
    search.get_by_label("Dificultad").select_option("")
    expect(rows).to_have_count(2)
    expect(filters).to_have_attribute("aria-expanded", "true")


def test_a_candidate_has_no_library(server: ServerProcess, person: Callable[..., Page]) -> None:
    session = httpx2.post(f"{server.url}/api/sessions", json={}).json()
    add_question(server, title="Hidden from view")
    zoe = person()
    zoe.goto(session["share_url"])
    zoe.get_by_label("Your name").fill("Zoë")
    zoe.get_by_role("button", name="Join", exact=True).click()
    expect(zoe.locator(".cm-content")).to_be_visible()
    zoe.goto(f"{server.url}/library")
    expect(zoe.get_by_role("alert")).to_contain_text("The library cannot be shown")
    assert "Hidden from view" not in zoe.content()
    picture(zoe, "library-refused-1280")


def test_a_question_is_proven_exported_and_imported(
    own_server: ServerProcess, person: Callable[..., Page], tmp_path: Path
) -> None:
    question_id = add_question(
        own_server,
        statement="Read $n$, print it **twice over**.",
        languages=["python", "javascript"],
        starters={"python": "n = int(input())\n"},
        references={"python": "print(int(input()) * 2)\n"},
    )
    ana = person()
    ana.goto(f"{own_server.url}/library/{question_id}")
    proof = ana.get_by_role("region", name="Proof")
    expect(proof).to_contain_text("Nobody has proven this version yet.")
    proof.get_by_role("button", name="Prove").click()
    expect(proof).to_contain_text("Python: proven", timeout=60_000)
    expect(proof).to_contain_text("JavaScript: no reference")
    picture(ana, "proof-1280")
    assert violations(ana) == []
    with ana.expect_download() as download:
        ana.get_by_role("link", name="Export").click()
    package = tmp_path / "package.zip"
    download.value.save_as(package)
    ana.get_by_role("button", name="Library").click()
    rows = ana.get_by_role("list", name="Questions").get_by_role("listitem")
    expect(rows).to_contain_text("proven in 1 of 2")
    chosen = ana.locator("input[type=file]")
    with ana.expect_file_chooser():
        ana.get_by_role("button", name="Import…").click()
    chosen.set_input_files(package)
    expect(ana.get_by_role("status").filter(has_text="1 question was imported.")).to_contain_text(
        "Double it"
    )
    expect(rows).to_have_count(2)
    # It is proven here at once: what it was elsewhere says nothing.
    expect(ana.locator(".import-result")).to_contain_text("proven in 1 of 2", timeout=60_000)
    expect(rows.filter(has_text="proven in 1 of 2")).to_have_count(2)
    picture(ana, "imported-1280")
    assert violations(ana) == []
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no archive")
    chosen.set_input_files(broken)
    expect(ana.locator(".import-result .problem")).to_be_visible()
    ana.set_viewport_size({"width": 390, "height": 844})
    assert ana.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(ana, "import-refused-390")
    assert violations(ana) == []
    ana.get_by_role("button", name="Close").click()
    expect(rows).to_have_count(2)
