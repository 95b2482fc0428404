"""The question of a session, on the page: read beside the code, tried on its samples, and never more than it may be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, tab
from tests.harness.axe import violations
from tests.harness.server import ServerProcess

STATEMENT = """
Read an integer $n$, and print it **twice over**: $2 \\cdot n$.

## Input

- one integer, $0 \\le n < 10^9$

| n | out |
| --: | --: |
| 3 | 6 |

See [the rules](https://example.org/rules), not [this](javascript:alert(1)).
<img src=x onerror="document.title='caught'"><script>document.title='caught'</script>

![a drawing](https://example.org/a.png)
"""
QUESTION: dict[str, Any] = {
    "title": "Double it",
    "statement": STATEMENT,
    "translations": {
        "es": {"title": "Duplica", "statement": "Lee un entero y escribe *el doble*."}
    },
    "difficulty": "easy",
    "tags": ["arithmetic"],
    "starters": {"python": "n = int(input())\n", "javascript": "// read n\n"},
    "references": {"python": "print(int(input()) * 2)  # REFERENCE\n"},
    "samples": [
        {"name": "three", "input": "3\n", "expected": "6\n"},
        {"name": "zero", "input": "0\n", "expected": "0\n"},
    ],
    "secret": [{"name": "large", "cases": [{"input": "500000001\n", "expected": "1000000002\n"}]}],
    "guide": "GUIDE: ask about overflow.",
    "policy": {"secret_count": True},
}


def add_question(server: ServerProcess, **more: Any) -> str:
    """Put a question into the library; return its id."""
    answer = httpx2.post(f"{server.url}/api/questions", json={**QUESTION, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["question_id"])


def open_with(server: ServerProcess, host: Page, **body: Any) -> tuple[dict[str, str], str]:
    """Create a session, of a question if one is named, and open it as its host."""
    session = httpx2.post(f"{server.url}/api/sessions", json=body).json()
    address = f"{server.url}/s/{session['session_id']}"
    host.goto(address)
    expect(host.locator(".cm-content")).to_be_visible()
    return session, address


def type_program(page: Page, text: str) -> None:
    """Write a program instead of what is there."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_a_statement_is_read_beside_the_code(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person(color_scheme="dark", locale="es-ES")
    session, _ = open_with(server, host, question_id=add_question(server))
    panel = host.get_by_role("region", name="Problem")
    expect(panel.get_by_role("heading", name="Double it")).to_be_visible()
    expect(panel.get_by_role("heading", name="Input", level=3)).to_be_visible()
    expect(panel.locator("strong").first).to_have_text("twice over")
    expect(panel.locator("td[align=right]")).to_have_count(2)
    expect(panel.locator("math")).to_have_count(3)
    # Nothing of what a stranger writes is more than words.
    link = panel.get_by_role("link", name="the rules")
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in str(link.get_attribute("rel"))
    expect(panel.get_by_role("link")).to_have_count(1)
    expect(panel.locator("img, script")).to_have_count(0)
    expect(panel).to_contain_text("<img src=x onerror=")
    expect(host).to_have_title("Double it · Pizarra")
    picture(host, "problem-1280")
    assert violations(host) == []
    # In the language of whoever reads, and without a byte of what is for interviewers.
    answers: list[str] = []
    zoe.on("response", lambda response: answers.append(response.url))
    zoe.goto(session["share_url"])
    zoe.get_by_label("Tu nombre").fill("Zoë")
    zoe.get_by_role("button", name="Entrar", exact=True).click()
    problema = zoe.get_by_role("region", name="Problema")
    expect(problema.get_by_role("heading", name="Duplica")).to_be_visible()
    expect(problema.locator("em")).to_have_text("el doble")
    expect(problema).to_contain_text("Se prueba un caso más que solo ven los entrevistadores.")
    assert not any("/api/questions" in url for url in answers)
    for secret in ("REFERENCE", "GUIDE", "500000001"):
        assert secret not in zoe.content()
    picture(zoe, "problem-dark-es-1280")
    assert violations(zoe) == []
    _folded_and_widened(host)
    _on_every_screen(host, zoe)


def _folded_and_widened(host: Page) -> None:
    """It is folded and as wide as one wants it, and is so again when one comes back; Alt+1 leads to it."""
    panel = host.get_by_role("region", name="Problem")
    wide = panel.bounding_box()
    splitter = host.get_by_role("separator", name="Width of the problem")
    splitter.focus()
    splitter.press("ArrowRight")
    splitter.press("ArrowRight")
    now = panel.bounding_box()
    assert wide is not None
    assert now is not None
    assert now["width"] == wide["width"] + 48
    host.get_by_role("button", name="Hide", exact=True).click()
    unfold = host.get_by_role("button", name="Problem", exact=True)
    expect(unfold).to_be_focused()
    expect(panel.locator(".statement")).to_have_count(0)
    picture(host, "problem-folded-1280")
    assert violations(host) == []
    host.reload()
    expect(host.locator(".cm-content")).to_be_visible()
    expect(unfold).to_be_visible()
    host.locator(".cm-content").click()
    host.keyboard.press("Alt+1")
    expect(panel).to_be_focused()
    expect(panel.locator(".statement")).to_contain_text("Read an integer")
    now = panel.bounding_box()
    assert now is not None
    assert now["width"] == wide["width"] + 48


def _on_every_screen(host: Page, zoe: Page) -> None:
    for page, name in ((host, "host"), (zoe, "candidate")):
        for width, height in ((1920, 1080), (768, 1024), (390, 844), (844, 390)):
            page.set_viewport_size({"width": width, "height": height})
            if min(width, height) < 500:
                page.locator(".panes button").nth(1).click()
                expect(page.locator(".problem-panel")).to_be_hidden()
                page.locator(".panes button").first.click()
                expect(page.locator(".cm-content")).to_be_hidden()
            expect(page.locator(".statement")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            picture(page, f"problem-{name}-{width}")
            assert violations(page) == []
            if min(width, height) < 500:
                page.locator(".panes button").nth(1).click()
                expect(page.locator(".cm-content")).to_be_visible()
        page.set_viewport_size({"width": 1280, "height": 800})


def test_samples_are_tried_seen_by_all_and_replayed(
    server: ServerProcess, person: Callable[..., Page], tmp_path: Path
) -> None:
    host, zoe = person(), person(color_scheme="dark")
    session, address = open_with(server, host, question_id=add_question(server))
    come_in(zoe, session["share_url"], "Zoë")
    expect(zoe.get_by_role("region", name="Problem")).to_contain_text("twice over")
    type_program(zoe, 'n = int(input())\nprint("looking")\nprint(n * 2 if n else 1)\n')
    zoe.keyboard.press("Control+Shift+Enter")
    cases = zoe.locator(".cases")
    expect(zoe.locator(".samples-standing")).to_contain_text("0 of 2 samples pass")
    expect(cases.get_by_role("rowheader", name="three")).to_be_visible()
    expect(cases.locator("mark").nth(1)).to_have_text("looking")
    # Everybody sees what came of it; the code that ran is nobody's second run.
    expect(host.locator(".samples-standing")).to_contain_text("Zoë · main.py")
    expect(host.locator(".cases")).to_contain_text("failed")
    expect(zoe.locator(".run-state")).to_have_count(0)
    picture(zoe, "samples-failed-dark-1280")
    picture(host, "samples-failed-1280")
    for page in (host, zoe):
        assert violations(page) == []
    # What fails is the program's input with one click.
    cases.get_by_role("button", name="Run with this input").first.click()
    expect(zoe.locator(".run-how")).to_contain_text("exited 0")
    expect(zoe.locator(".xterm-rows")).to_contain_text("looking")
    type_program(zoe, "n = int(input())\nprint(2 * n)\n")
    zoe.get_by_role("button", name="Run samples").click()
    expect(zoe.locator(".samples-standing")).to_contain_text("2 of 2 samples pass")
    expect(zoe.get_by_role("button", name="Run with this input")).to_have_count(0)
    picture(zoe, "samples-passed-dark-1280")
    type_program(zoe, "n = int(input())\nraise ValueError('no idea')\n")
    zoe.get_by_role("button", name="Run samples").click()
    expect(cases.locator(".complaint").first).to_contain_text("ValueError: no idea")
    zoe.set_viewport_size({"width": 390, "height": 844})
    zoe.keyboard.press("Alt+1")
    expect(cases).to_be_visible()
    picture(zoe, "samples-390")
    assert violations(zoe) == []
    host.goto(f"{address}/replay")
    moments = host.get_by_role("list", name="What happened")
    expect(moments).to_contain_text("2 of 2 samples pass")
    expect(moments).to_contain_text("0 of 2 samples pass")
    expect(moments).to_contain_text("Double it")
    # So it is in the file that plays without any server.
    path = f"{server.url}/api/sessions/{session['session_id']}"
    file = tmp_path / "session.html"
    file.write_bytes(httpx2.get(f"{path}/export", params={"format": "html"}).content)
    offline = person()
    offline.context.set_offline(True)
    offline.goto(file.as_uri())
    moments = offline.get_by_role("list", name="What happened")
    expect(moments).to_contain_text("2 of 2 samples pass")
    expect(moments).to_contain_text("0 of 2 samples pass")
    expect(moments).to_contain_text("Double it")
    picture(offline, "samples-offline-1280")


def test_who_only_watches_or_may_not_run_tries_nothing(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_with(server, host, question_id=add_question(server))
    come_in(zoe, session["share_url"], "Zoë")
    expect(zoe.get_by_role("button", name="Run samples")).to_be_visible()
    tab(host, "People")
    host.get_by_label("Lock their running").click()
    expect(zoe.get_by_role("button", name="Run samples")).to_have_count(0)
    expect(zoe.locator(".cases")).to_contain_text("three")
    zoe.keyboard.press("Control+Shift+Enter")
    path = f"{server.url}/api/sessions/{session['session_id']}"
    link = httpx2.post(f"{path}/invites", json={"role": "observer"}).json()["url"]
    bo = person()
    come_in(bo, link, "Bo")
    expect(bo.get_by_role("region", name="Problem")).to_contain_text("twice over")
    expect(bo.get_by_role("button", name="Run samples")).to_have_count(0)
    assert httpx2.get(f"{path}/timeline?kinds=samples").json() == []


def test_without_a_question_only_interviewers_have_a_place_for_one(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_with(server, host)
    come_in(zoe, session["share_url"], "Zoë")
    host.get_by_role("button", name="Problem", exact=True).click()
    expect(
        host.get_by_text("No problem yet. Choose from the library, or write one.")
    ).to_be_visible()
    assert violations(host) == []
    expect(zoe.get_by_role("tab", name="Everybody")).to_be_visible()
    expect(zoe.get_by_role("region", name="Problem")).to_have_count(0)


def test_a_session_is_created_from_a_question(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    add_question(server, title="Graph paths", languages=["java", "cpp"], starters={}, references={})
    add_question(server, title="Warm-up sum", tags=["kotka"])
    host.goto(server.url)
    host.get_by_role("button", name="New session").first.click()
    form = host.get_by_role("form", name="New session")
    field = form.get_by_role("combobox", name="Question")
    field.fill("kotka")
    options = form.locator(".chooser").get_by_role("option")
    expect(options).to_have_count(1)
    expect(options.first).to_contain_text("Warm-up sum")
    field.fill("graph")
    expect(options.first).to_contain_text("Graph paths")
    picture(host, "choosing-1280")
    assert violations(host) == []
    field.press("Enter")
    expect(form.get_by_text("Graph paths is chosen")).to_be_visible()
    # Only what the question can be solved in is offered.
    expect(form.get_by_label("Language").locator("option")).to_have_text(["Java", "C++"])
    form.get_by_role("button", name="Without Graph paths").click()
    field.press("Escape")
    expect(form).to_be_visible()
    expect(options.first).to_be_hidden()
    field.fill("nothing has this name")
    expect(form.get_by_text("No question has that in its title or tags.")).to_be_visible()
    field.fill("graph")
    options.first.click()
    host.set_viewport_size({"width": 390, "height": 844})
    picture(host, "chosen-390")
    assert violations(host) == []
    form.get_by_role("button", name="Create").click()
    expect(host.get_by_role("heading", name="Graph paths", level=1)).to_be_visible()
    host.locator(".panes").get_by_role("button", name="Problem").click()
    expect(host.locator(".statement")).to_contain_text("Read an integer")


def test_another_question_touches_nothing_and_the_one_before_comes_back(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(color_scheme="dark"), person()
    add_question(server, title="Triple it", statement="Print it *three* times over.")
    session, _ = open_with(server, host, question_id=add_question(server))
    come_in(zoe, session["share_url"], "Zoë")
    expect(zoe.get_by_role("region", name="Problem")).to_contain_text("twice over")
    type_program(zoe, "print('mine')\n")
    host.get_by_role("button", name="Another question…").click()
    field = host.get_by_role("combobox", name="Question")
    expect(field).to_be_focused()
    field.fill("triple")
    expect(host.locator(".chooser").get_by_role("option")).to_have_count(1)
    picture(host, "giving-dark-1280")
    assert violations(host) == []
    field.press("Enter")
    # Its file opens for whoever gave it, and says which; whoever writes is asked.
    expect(host.get_by_role("tab", name="triple-it")).to_have_attribute("aria-selected", "true")
    expect(host.locator(".follow-line")).to_contain_text("Run runs triple-it")
    expect(host.locator(".output-bar")).to_contain_text("Run triple-it")
    expect(host.locator(".statement")).to_contain_text("three times over")
    expect(zoe.locator(".statement")).to_contain_text("three times over")
    expect(zoe.get_by_role("tab", name="main.py", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    picture(host, "given-dark-1280")
    zoe.get_by_role("button", name="Go to triple-it").click()
    expect(zoe.locator(".cm-content")).to_contain_text("n = int(input())")
    zoe.keyboard.press("Control+End")
    zoe.keyboard.insert_text("print(n * 3)\n")
    zoe.get_by_role("button", name="Run samples").click()
    expect(zoe.locator(".samples-standing")).to_contain_text("triple-it")
    zoe.keyboard.press("Control+Enter")
    expect(zoe.locator(".run-state")).to_contain_text("triple-it")
    host.locator(".toast").get_by_role("button", name="Back to Double it").click()
    expect(host.locator(".statement")).to_contain_text("twice over")
    expect(host.get_by_role("tab", name="main.py", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    expect(host.locator(".cm-content")).to_contain_text("print('mine')")
    expect(zoe.locator(".statement")).to_contain_text("twice over")
    files = httpx2.get(f"{server.url}/api/sessions/{session['session_id']}/files").json()
    assert len(files) == 2, "both are there still"
    # Whoever comes now is at the file of the question that is on.
    host.get_by_role("button", name="Another question…").click()
    host.locator(".chooser").get_by_role("option", name="Triple it").click()
    expect(host.locator(".statement")).to_contain_text("three times over")
    bo = person()
    come_in(bo, session["share_url"], "Bo")
    expect(bo.get_by_role("tab", name="triple-it")).to_have_attribute("aria-selected", "true")
    expect(bo.locator(".cm-content")).to_contain_text("print(n * 3)")


def test_the_statement_is_there_before_the_connection(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    zoe = person()
    body = {"question_id": add_question(server)}
    session = httpx2.post(f"{server.url}/api/sessions", json=body).json()
    # Nothing of the document arrives: a network that lets no socket through.
    zoe.route_web_socket("**/ws/**", lambda _socket: None)
    zoe.goto(session["share_url"])
    zoe.get_by_label("Your name").fill("Zoë")
    zoe.get_by_role("button", name="Join", exact=True).click()
    expect(zoe.get_by_role("region", name="Problem")).to_contain_text("twice over")
    expect(zoe.locator(".cm-content")).to_have_count(0)
