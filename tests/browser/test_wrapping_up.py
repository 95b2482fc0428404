"""An interview from greeting to decision: the wrap-up, a link for a hiring manager, and what the candidate is told."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, interviewer_link, open_session
from tests.harness.axe import violations
from tests.harness.server import ServerProcess


def test_an_interview_ends_with_a_decision(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, ida, zoe = (
        person(),
        person(color_scheme="dark"),
        person(viewport={"width": 390, "height": 844}),
    )
    session, address = open_session(server, host, title="Two Sum", candidate_name="Zoë Martínez")
    come_in(zoe, session["share_url"], "Zoë")
    come_in(ida, interviewer_link(server, session), "Ida")
    ida.get_by_role("tab", name="Everybody").click()
    ida.get_by_label("Line to everybody").fill("Two numbers, please")
    ida.get_by_role("button", name="Send to everybody").click()
    # It is reached while the session goes on, and nothing ends by looking at it.
    ida.get_by_role("button", name="Wrap up").click()
    expect(ida.get_by_text("The session is open")).to_be_visible()
    ida.get_by_role("button", name="Back to the session").click()
    expect(ida.locator(".cm-content")).to_be_visible()
    host.get_by_role("button", name="Wrap up").click()
    host.get_by_role("button", name="End the session").click()
    expect(host.get_by_text("The session has ended")).to_be_visible()
    expect(zoe.get_by_text("Thank you.")).to_be_visible()
    expect(zoe.locator(".thanks")).to_contain_text("you may read and download both until")
    expect(zoe.locator(".thanks")).to_contain_text("kept until the interviewers erase it")
    picture(zoe, "thanks-390")
    assert violations(zoe) == []
    # What each came to is blind until the other has decided too.
    ida.goto(f"{address}/wrap-up")
    ida.get_by_label("strong yes").check()
    ida.get_by_role("region", name="Decision").get_by_label("Why").fill("Found the hash map")
    ida.get_by_role("button", name="Submit decision").click()
    expect(ida.get_by_text("Still to decide: Host")).to_be_visible()
    decision = host.get_by_role("region", name="Decision")
    host.reload()
    expect(decision).to_contain_text("once you have submitted yours")
    assert "hash map" not in host.content()
    _change_the_rubric(host)
    host.get_by_label("Private note").fill("Asked good questions")
    host.get_by_role("button", name="Add note").click()
    expect(host.locator(".entries")).to_contain_text("Asked good questions")
    decision.get_by_label("no", exact=True).check()
    decision.get_by_role("button", name="Submit decision").click()
    expect(decision).to_contain_text("Found the hash map")
    expect(decision).to_contain_text("strong yes")
    manager = _opened_by_a_manager(host, person)
    picture(host, "wrap-up-1280")
    picture(ida, "wrap-up-dark-1280")
    for page in (host, ida):
        assert violations(page) == []
    host.set_viewport_size({"width": 390, "height": 844})
    assert host.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "nothing is wider than the phone"
    )
    host.screenshot(path="test-output/wrap-up-390.png", full_page=True)
    host.get_by_role("button", name="Revoke").click()
    expect(host.get_by_role("list", name="Replay links")).to_have_count(0)
    manager.reload()
    expect(manager.get_by_text("Este enlace no abre nada")).to_be_visible()
    _opened_with_notes(host, manager)


def _change_the_rubric(host: Page) -> None:
    """Words of ours are Spanish on a Spanish page, and stay the same criteria."""
    scores = host.get_by_role("region", name="Scores")
    scores.get_by_label("3 · good").first.check()
    expect(scores.get_by_text("kept", exact=True)).to_be_visible()
    host.get_by_role("button", name="Appearance and keys").click()
    host.get_by_label("Language of the page").select_option("es")
    host.keyboard.press("Escape")
    expect(host.get_by_role("group", name="Resolución de problemas")).to_be_visible()
    host.get_by_role("button", name="Cambiar los criterios").click()
    host.get_by_role("button", name="Quitar el criterio 4").click()
    host.get_by_role("button", name="Uno más").click()
    host.get_by_label("Criterio 4", exact=True).fill("Uses tests")
    host.get_by_role("button", name="Guardar los criterios").click()
    expect(host.get_by_role("group", name="Uses tests")).to_be_visible()
    picture(host, "wrap-up-es-1280")
    host.get_by_role("button", name="Aspecto y teclas").click()
    host.get_by_label("Idioma de la página").select_option("en")
    host.keyboard.press("Escape")
    expect(
        host.get_by_role("group", name="Problem solving").get_by_label("3 · good")
    ).to_be_checked()
    expect(host.get_by_role("group", name="Communication")).to_have_count(0)


def _opened_by_a_manager(host: Page, person: Callable[..., Page]) -> Page:
    """The link opens the replay, on another computer and without an account, and nothing more."""
    host.get_by_role("button", name="Copy replay link").click()
    expect(host.get_by_text("It opens on this computer only")).to_be_visible()  # so does this test
    host.get_by_role("button", name="How others get in").click()
    expect(host.get_by_role("dialog")).to_contain_text("--host 0.0.0.0")
    picture(host, "letting-in-1280")
    assert violations(host, "dialog") == []
    host.get_by_role("button", name="Close").click()
    manager = person(locale="es-ES")
    asked: list[str] = []
    manager.on("request", lambda request: asked.append(request.url))
    manager.goto(str(host.evaluate("navigator.clipboard.readText()")))
    expect(manager.get_by_role("heading", name="Two Sum: repetición")).to_be_visible()
    expect(manager.locator(".cm-content")).to_contain_text("def two_sum")
    assert "good questions" not in manager.content()
    api = {url.split("/api/")[1].split("/")[0] for url in asked if "/api/" in url}
    assert api == {"replays"}, "it asks for nothing that the link does not open"
    picture(manager, "shared-replay-1280")
    assert violations(manager) == []
    manager.set_viewport_size({"width": 390, "height": 844})
    expect(manager.get_by_role("button", name="Aspecto y teclas")).to_be_in_viewport(ratio=1)
    assert manager.evaluate("() => document.documentElement.scrollWidth") == 390
    manager.set_viewport_size({"width": 1280, "height": 800})
    return manager


def _opened_with_notes(host: Page, manager: Page) -> None:
    """Such a link shows what it promises: notes, scores and decisions, in the words of whoever reads them."""
    host.get_by_role("button", name="Submit scores").click()
    host.get_by_label("With our notes").check()
    host.get_by_role("button", name="Copy replay link").click()
    expect(host.get_by_role("list", name="Replay links")).to_contain_text("with notes")
    manager.goto(str(host.evaluate("navigator.clipboard.readText()")))
    moments = manager.get_by_role("list", name="Qué pasó")
    expect(moments).to_contain_text("dijo a todosTwo numbers, please")
    expect(moments).to_contain_text("Asked good questions")
    manager.get_by_role("tab", name="Puntos").click()
    expect(manager.get_by_role("region", name="Decisión")).to_contain_text(
        "sí rotundoFound the hash map"
    )
    expect(manager.locator(".scorecards")).to_contain_text("Resolución de problemas")
    picture(manager, "shared-replay-notes-1280")
    assert violations(manager) == []
