"""A phone and small windows, in the language with the longer words: everything can be reached, nothing is cut off."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, ViewportSize, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, open_session
from tests.browser.test_problem import add_question, open_with
from tests.harness.axe import violations
from tests.harness.hands import VIEW, place_of, text_of
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

_PHONE: ViewportSize = {"width": 390, "height": 844}
# What reaches out of the window, and buttons whose words are cut.
_OUTSIDE = """() => {
    const { clientWidth, clientHeight, scrollWidth } = document.documentElement;
    const found = scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide`] : [];
    const parts = "button, a.button, select, .chip, .clock, .menu-panel, .status-explained, .fold-panel";
    for (const each of document.querySelectorAll(parts)) {
        const { left, right, width, top, bottom } = each.getBoundingClientRect();
        if (width === 0 || each.closest(".cm-editor, .xterm, .tabs")) continue;
        const cut = each.matches("button") && each.scrollWidth > each.clientWidth + 1;
        const low = each.matches(".menu-panel, .status-explained") && (top < 0 || bottom > clientHeight);
        if (left < 0 || right > clientWidth || cut || low) found.push(`${each.className}: ${each.textContent}`);
    }
    return found;
}"""


# Where one writes in letters smaller than 16 px an iPhone makes the page larger, and leaves it so.
_SMALL = """() => matchMedia("(pointer: coarse)").matches
    ? [...document.querySelectorAll("input, select, textarea")].filter((each) =>
        each.checkVisibility() && parseFloat(getComputedStyle(each).fontSize) < 16).map((each) => each.outerHTML)
    : ["no finger"]"""


def _whole(page: Page) -> None:
    # Popovers are put in place when they have their size.
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert page.evaluate(_OUTSIDE) == []


def test_a_phone_has_the_keys_for_code_and_room_for_everything(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person(viewport=_PHONE, has_touch=True, locale="es-ES")
    _, address = open_session(server, host, title="Dos números que suman", initial_code="if f")
    row = host.get_by_role("group", name="Teclas para el código")

    def tap(name: str) -> None:
        row.get_by_role("button", name=name).tap()

    # Each key does what it does on a keyboard, and the phone's stays: the editor keeps the focus.
    host.locator(".cm-content").tap()
    host.keyboard.press("Control+End")
    host.keyboard.press("Shift+ArrowLeft")
    tap("igual")
    assert (text_of(host), place_of(host)[:2]) == ("if =", [4, 4])
    host.keyboard.press("Control+z")
    assert (text_of(host), place_of(host)[:2]) == ("if f", [4, 3])
    host.keyboard.press("ArrowRight")
    for name in ("abrir paréntesis", "comillas", "comillas", "cerrar paréntesis", "dos puntos"):
        tap(name)
    host.keyboard.press("Enter")
    tap("abrir llave")
    tap("cerrar llave")
    expect(host.locator(".cm-content")).to_be_focused()
    assert text_of(host) == 'if f(""):\n    {}'
    host.keyboard.press("Control+f")
    expect(host.get_by_role("textbox", name="Buscar")).to_be_focused()
    assert host.evaluate(_SMALL) == []
    host.keyboard.press("Escape")
    host.keyboard.press("Control+End")
    tap("Tab")
    assert text_of(host) == 'if f(""):\n        {}'
    picture(host, "phone-es-390")
    assert violations(host) == []
    _whole(host)
    # What opens is inside the window, in the middle of the bar too.
    for name in ("guardado", "Aspecto y teclas", "Más", "Archivo"):
        button = host.get_by_role("button", name=name, exact=True)
        button.tap()
        expect(button).to_have_attribute("aria-expanded", "true")
        _whole(host)
        if name == "Más":
            expect(host.get_by_label("Lenguaje")).to_be_visible()
            assert host.evaluate(_SMALL) == []
            picture(host, "phone-more-es-390")
            assert violations(host) == []
        host.keyboard.press("Escape")
        button.blur()
    # Lying on its side, with and without its keyboard, there is code to see; a tablet and a desk have whole words.
    for width, height, lines in ((844, 390, 8), (844, 220, 5), (768, 1024, 20), (1280, 800, 15)):
        host.set_viewport_size({"width": width, "height": height})
        expect(host.locator(".session")).to_be_visible()
        _whole(host)
        assert host.locator(".cm-scroller").bounding_box()["height"] > lines * 22  # type: ignore[index]
    # The result of a run is seen beside its buttons where the terminal is narrow.
    host.set_viewport_size({"width": 768, "height": 1024})
    host.evaluate(
        f"() => {VIEW}.dispatch({{ changes: {{ from: 0, to: {VIEW}.state.doc.length, insert: 'print(1)' }} }})"
    )
    host.get_by_role("button", name="Ejecutar").click()
    result = host.locator(".run-state")
    expect(result).to_contain_text("salió con 0")
    assert result.evaluate(
        "(each) => each.scrollWidth <= each.clientWidth && each.clientHeight < 30"
    )
    picture(host, "run-es-768")
    # What comes after the interview fits as well.
    host.set_viewport_size(_PHONE)
    for screen in ("wrap-up", "replay"):
        host.goto(f"{address}/{screen}")
        expect(host.get_by_role("heading", level=1)).to_be_visible()
        _whole(host)
    ended = host.locator(".run-how")
    host.get_by_role("navigation").get_by_role("button", name="Terminal").click()
    expect(ended).to_be_visible()
    expect(ended).to_contain_text("salió con 0")
    assert ended.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    host.goto(server.url)
    expect(host.get_by_text("Dos números que suman")).to_be_visible()
    _whole(host)


def test_a_pane_one_went_to_before_the_problem_came_stays(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person(viewport=_PHONE, has_touch=True)
    session, _ = open_with(server, host, question_id=add_question(server))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    zoe.route(re.compile(r"/problem\?"), hold, times=1)
    come_in(zoe, session["share_url"], "Zoë")
    zoe.get_by_role("button", name="Code", exact=True).tap()
    zoe.locator(".cm-content").tap()
    # To ask the page anything is to have Playwright hand over what it held.
    wait_until(lambda: zoe.title() != "" and held != [], "what is held", seconds=30)
    held[0].continue_()
    expect(zoe.locator(".problem-panel h2")).to_have_count(1)
    expect(zoe.locator(".session")).to_have_attribute("data-pane", "editor")
    expect(zoe.locator(".cm-content")).to_be_focused()
