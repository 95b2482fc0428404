"""For everybody: by keyboard alone, with a screen reader, in Spanish, on a phone, in every script."""

import re
from collections.abc import Callable

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, open_session, tab
from tests.harness.actors import PASSWORD, setup_secret
from tests.harness.axe import violations
from tests.harness.server import ServerProcess, server_process

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("dark", 390), ("light", 768)])
def test_no_screen_violates_the_guidelines(
    server: ServerProcess, person: Callable[..., Page], scheme: str, width: int
) -> None:
    options = PHONE if width == 390 else {"viewport": {"width": width, "height": 900}}
    host, zoe = person(color_scheme=scheme, **options), person(color_scheme=scheme, **options)
    shown: list[str] = []

    def check(page: Page, name: str, part: str = "html") -> None:
        picture(page, f"{name}-{scheme}-{width}")
        shown.extend(f"{name}: {each}" for each in violations(page, part))
        assert page.viewport_size is not None
        usual = page.viewport_size
        for each in (width, 1920) if width == 1280 else (width,):  # a wide one shows the same
            page.set_viewport_size({"width": each, "height": usual["height"]})
            overflow = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{name} is wider than {each} px by {overflow}"
        page.set_viewport_size(usual)

    host.goto(server.url)
    host.get_by_role("button", name="New session").first.click()
    host.get_by_text("Rules and privacy").click()
    check(host, "a11y-new-session")
    host.get_by_role("textbox", name="Title").fill("Two Sum, warm-up")
    host.get_by_label("Candidate's name").fill("Zoë")
    host.get_by_role("button", name="Create and copy link").click()
    expect(host.locator(".cm-content")).to_be_visible()
    link = host.evaluate("() => navigator.clipboard.readText()")
    zoe.goto(link)
    expect(zoe.get_by_text("good,").or_(zoe.get_by_text("slow,"))).to_be_visible()
    check(zoe, "a11y-join")
    come_in(zoe, link, "Zoë")
    zoe.get_by_role("button", name=re.compile("^Run")).last.click()
    expect(zoe.locator(".run-state")).to_contain_text("exited 0")
    check(zoe, "a11y-candidate-output")
    check(host, "a11y-session")
    panes = host.locator(".panes")
    if width == 390:
        panes.get_by_role("button", name="People").click()
        check(host, "a11y-people")
    for name in ("Notes", "Scores", "Activity", "People"):
        tab(host, name)
        check(host, f"a11y-{name.lower()}")
    if width != 390:  # a phone has no keys
        host.get_by_role("button", name="Keys and help").click()
        check(host, "a11y-help", "dialog")
        host.keyboard.press("Escape")
    host.get_by_role("button", name="Appearance and keys").click()
    check(host, "a11y-preferences", ".menu-panel")
    host.keyboard.press("Escape")
    if width == 390:
        host.get_by_role("button", name="More", exact=True).click()
        check(host, "a11y-more", ".menu-panel")
    host.get_by_role("button", name="Wrap up", exact=True).click()
    host.get_by_role("button", name="End the session").click()
    expect(host.get_by_role("button", name="Reopen")).to_be_visible()
    check(host, "a11y-wrap-up")
    host.get_by_role("button", name="Code").click()
    expect(host.get_by_text("This session has ended")).to_be_visible()
    check(host, "a11y-ended")
    host.goto(server.url)
    expect(host.locator(".session-row").first).to_be_visible()
    check(host, "a11y-home")
    host.goto(f"{server.url}/s/{'0' * 32}")
    expect(host.get_by_text("This session is not here")).to_be_visible()
    check(host, "a11y-missing")
    assert shown == []


def test_no_screen_about_accounts_violates_the_guidelines(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: object, person: Callable[..., Page]
) -> None:
    folder = tmp_path_factory.mktemp("accounts")
    with server_process(folder, runner_socket=runner_socket, auth="accounts") as server:
        page = person(color_scheme="dark")
        page.goto(f"{server.url}/welcome#{setup_secret(server)}")
        page.get_by_label("E-mail address or name").fill("ana")
        shown = [f"welcome: {each}" for each in violations(page)]
        page.get_by_label("Your name").fill("Ana")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        expect(page.get_by_text("No sessions yet")).to_be_visible()
        for path in ("accounts", "me"):
            page.goto(f"{server.url}/{path}")
            expect(page.locator("h2").first).to_be_visible()
            shown += [f"{path}: {each}" for each in violations(page)]
        page.goto(server.url)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        shown += [f"sign in: {each}" for each in violations(page)]
        assert shown == []


def test_the_whole_interview_by_keyboard_alone(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()

    def go_to(page: Page, selector: str, key: str = "Tab", limit: int = 60) -> None:
        """Walk with the keyboard until something has the focus, which must be visible."""
        for _ in range(limit):
            if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
                outline = page.evaluate(
                    "() => getComputedStyle(document.activeElement).outlineStyle"
                )
                assert outline != "none" or page.evaluate(
                    "() => document.activeElement.matches('.cm-content')"
                )
                return
            page.keyboard.press(key)
        raise AssertionError(f"{selector} is not reached by {key}")

    host.goto(server.url)
    expect(host.get_by_role("button", name="New session").first).to_be_visible()
    go_to(host, "button.primary")
    host.keyboard.press("Enter")
    expect(host.get_by_role("textbox", name="Title")).to_be_focused()
    host.keyboard.type("By keyboard")
    host.keyboard.press("Enter")
    expect(host.locator(".cm-content")).to_be_focused()
    link = host.evaluate("() => navigator.clipboard.readText()")
    zoe.goto(link)
    expect(zoe.get_by_label("Your name")).to_be_focused()
    zoe.keyboard.type("Zoë")
    zoe.keyboard.press("Enter")
    expect(zoe.locator(".cm-content")).to_be_focused()
    zoe.keyboard.press("Control+a")
    zoe.keyboard.type('name = input("Who? ")\nprint("Hello " + name)')
    # Tab is the editor's; Escape, then Tab leaves it.
    before = zoe.locator(".cm-content").inner_text()
    zoe.keyboard.press("Escape")
    zoe.keyboard.press("Tab")
    expect(zoe.locator(".cm-content")).not_to_be_focused()
    assert zoe.locator(".cm-content").inner_text() == before
    zoe.keyboard.press("Control+Enter")
    expect(zoe.locator(".run-state")).to_contain_text("running")
    expect(zoe.locator(".xterm-helper-textarea")).to_be_focused()
    zoe.keyboard.type("Zoë\n")
    expect(zoe.locator(".run-state")).to_contain_text("exited 0")
    # What others do is said to who does not see it.
    expect(host.locator(".for-readers")).not_to_be_empty()
    # F6 walks the panes; a note is written and the session ended without a mouse.
    for _ in range(2):
        host.keyboard.press("F6")
    go_to(host, "#side-people")
    go_to(host, "#side-notes", "ArrowRight")
    host.keyboard.press("Enter")
    expect(host.locator(".composer textarea")).to_be_enabled()
    go_to(host, ".composer textarea")
    host.keyboard.type("Types well")
    host.keyboard.press("Enter")
    expect(host.locator(".entries")).to_contain_text("Types well")
    host.keyboard.press("F6")  # from the last pane to the bar
    go_to(host, ".help-button")
    host.keyboard.press("Enter")
    expect(host.get_by_role("dialog")).to_be_visible()
    host.keyboard.press("Escape")
    expect(host.get_by_role("dialog")).to_have_count(0)
    go_to(host, "button.end")
    host.keyboard.press("Enter")
    expect(host.get_by_role("button", name="End the session")).to_be_visible()
    go_to(host, ".wrap-up-state button.primary")
    host.keyboard.press("Enter")
    expect(host.get_by_role("button", name="Reopen")).to_be_visible()
    expect(zoe.get_by_text("This session has ended")).to_be_visible()


def test_the_interview_in_spanish_on_a_phone(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(locale="es-ES", **PHONE), person(locale="es-MX", **PHONE)
    host.goto(server.url)
    host.get_by_role("button", name="Nueva sesión").first.click()
    host.get_by_role("textbox", name="Título").fill("Dos sumandos")
    picture(host, "es-new-session-390")
    host.get_by_role("button", name="Crear y copiar el enlace").click()
    expect(host.locator(".cm-content")).to_be_visible()
    assert host.evaluate("() => document.documentElement.lang") == "es"
    link = host.evaluate("() => navigator.clipboard.readText()")
    zoe.goto(link)
    expect(zoe.get_by_text("Te han invitado a una entrevista")).to_be_visible()
    picture(zoe, "es-join-390")
    assert violations(zoe) == []
    zoe.get_by_label("Tu nombre").fill("\u2060")  # nobody sees it
    zoe.get_by_role("button", name="Entrar", exact=True).click()
    # the server said so
    expect(zoe.get_by_text("debe tener algún carácter que se vea")).to_be_visible()
    zoe.get_by_label("Tu nombre").fill("Zoë")
    zoe.get_by_role("button", name="Entrar", exact=True).click()
    expect(zoe.locator(".cm-content")).to_be_visible()
    zoe.get_by_role("button", name="Ejecutar el programa").click()
    expect(zoe.locator(".run-state")).to_contain_text("salió con 0")
    picture(zoe, "es-output-390")
    host.get_by_role("navigation", name="Paneles").get_by_role("button", name="Gente").click()
    tab(host, "Notas")
    host.get_by_label("Nota privada").fill("Piensa en voz alta")
    host.get_by_role("button", name="Añadir nota").click()
    expect(host.locator(".entries")).to_contain_text("Piensa en voz alta")
    picture(host, "es-notes-390")
    assert violations(host) == []
    # Switched while the session goes on: nothing is loaded again.
    host.evaluate("() => { window.kept = true; }")
    host.get_by_role("button", name="Aspecto y teclas").click()
    host.get_by_label("Idioma de la página").select_option("en")
    expect(host.get_by_role("button", name="Appearance and keys")).to_be_visible()
    assert host.evaluate("() => window.kept && document.documentElement.lang") == "en"
    host.keyboard.press("Escape")
    host.get_by_role("button", name="More", exact=True).click()
    host.get_by_role("button", name="Wrap up", exact=True).click()
    host.get_by_role("button", name="End the session").click()
    expect(zoe.get_by_text("Esta sesión ha terminado")).to_be_visible()


def test_every_script_is_typed_pasted_and_shared(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code="", signals="none")
    come_in(zoe, session["share_url"], "Zoë")
    code = zoe.locator(".cm-content")
    code.click()
    # Composed, as an input method for Japanese does, while somebody else types in the same line.
    client = zoe.context.new_cdp_session(zoe)
    client.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    host.locator(".cm-content").click()
    host.keyboard.press("Control+Home")
    host.keyboard.type("# ")
    expect(host.locator(".cm-content")).to_contain_text("# ")
    client.send(
        "Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3}
    )
    client.send("Input.insertText", {"text": "日本"})
    expect(host.locator(".cm-content")).to_contain_text("日本")
    zoe.keyboard.press("End")
    zoe.keyboard.type("\n👩🏽‍💻 x̂ שלום مرحبا\n")
    zoe.evaluate("text => navigator.clipboard.writeText(text)", "one\r\ntwo\rthree")
    zoe.keyboard.press("Control+v")
    expect(host.locator(".cm-content")).to_contain_text("three")
    path = f"{server.url}/api/sessions/{session['session_id']}/files/main.py"
    expect(zoe.locator(".status")).to_contain_text("saved")
    text = httpx2.get(path).text
    assert text.splitlines()[-3:] == ["one", "two", "three"]
    assert "\r" not in text
    assert "# " in text
    assert "日本" in text
    assert "👩🏽‍💻 x̂ שלום مرحبا" in text
    assert zoe.evaluate("() => document.querySelector('.cm-content').innerText.length > 0")
    # 900 KB at once, in another file; typing goes on at once.
    big = "x = 'ñandú 🦤'  # " + "y" * 60 + "\n"
    big = big * (900_000 // len(big.encode()))
    zoe.get_by_role("button", name="New file").click()
    zoe.get_by_label("Name of the new file").fill("big.py")
    zoe.keyboard.press("Enter")
    expect(zoe.get_by_role("tab", name="big.py")).to_have_attribute("aria-selected", "true")
    zoe.locator(".cm-content").click()
    zoe.evaluate("text => navigator.clipboard.writeText(text)", big)
    zoe.keyboard.press("Control+v")
    zoe.keyboard.type("# done")
    expect(zoe.locator(".status")).to_contain_text("saved")
    host.get_by_role("tab", name="big.py").click()
    expect(host.locator(".cm-content")).to_contain_text("ñandú")
    assert httpx2.get(path.replace("main.py", "big.py")).text == big + "# done"


def test_a_rehearsal_before_the_day(server: ServerProcess, person: Callable[..., Page]) -> None:
    session = httpx2.post(
        f"{server.url}/api/sessions", json={"initial_code": "s3cret = 1\n", "title": "Real"}
    ).json()
    zoe = person()
    zoe.goto(session["share_url"])
    zoe.get_by_role("button", name="Try the editor first").click()
    expect(zoe.get_by_text("This is a rehearsal")).to_be_visible()
    expect(zoe.locator(".cm-content")).to_contain_text("Hello from Pizarra")
    assert "s3cret" not in zoe.content()
    expect(zoe.get_by_text("This room is yours alone")).to_be_visible()
    expect(zoe.get_by_text("what it prints comes here, and you can type")).to_be_visible()
    expect(zoe.locator(".side")).not_to_contain_text(re.compile("Recorded|Copy the link|Everybody"))
    picture(zoe, "rehearsal-1280")
    assert violations(zoe) == []
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Enter")
    expect(zoe.locator(".run-state")).to_contain_text("exited 0")
    zoe.get_by_role("button", name="Appearance and keys").click()
    zoe.get_by_label("Theme").select_option("dark")
    zoe.keyboard.press("Escape")
    rehearsal = zoe.url
    zoe.get_by_role("button", name="Back to the invitation").click()
    # The same browser gets its room again; the list does not show it, the session does not know of it.
    zoe.get_by_role("button", name="Try the editor first").click()
    expect(zoe.locator(".cm-content")).to_contain_text("Hello from Pizarra")
    assert zoe.url == rehearsal
    titles = [each["title"] for each in httpx2.get(f"{server.url}/api/sessions").json()]
    assert "Rehearsal" not in titles
    come_in(zoe, session["share_url"], "Zoë")
    expect(zoe.locator(".cm-content")).to_contain_text("s3cret")
    # carried into the interview
    assert zoe.evaluate("() => document.documentElement.dataset.theme") == "dark"
