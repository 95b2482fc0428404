"""What is there can be seen: whose caret it is at every edge, and spaces that are none."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect
from tests.browser.test_interview import come_in, open_session
from tests.harness.hands import VIEW
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

_WHOLE = """() => {
    const name = document.querySelector(".peer-name")?.getBoundingClientRect();
    const code = document.querySelector(".cm-scroller").getBoundingClientRect();
    return !!name && name.left >= code.left && name.right <= code.right && name.top >= code.top;
}"""
_SCROLLS = """() => {
    const { scrollWidth, clientWidth } = document.querySelector(".cm-scroller");
    return scrollWidth > clientWidth;
}"""


def test_a_name_is_whole_at_every_edge(server: ServerProcess, person: Callable[..., Page]) -> None:
    """yjs/y-codemirror.next#24: cut off above the first line that is seen, and at the right."""
    host, zoe = person(viewport={"width": 900, "height": 700}), person()
    lines = "".join(f"x = {number}\n" for number in range(200))
    session, _ = open_session(server, host, initial_code="\n" + lines)
    come_in(zoe, session["share_url"], "Zoë Martínez de la Torre")
    width = host.evaluate("() => document.querySelector('.cm-content').clientWidth")
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Home")
    # As far to the right as there is room in the other window.
    zoe.keyboard.insert_text("#" * int(width / 8.4 - 4))
    expect(host.locator(".peer-name")).to_be_attached()
    wait_until(lambda: bool(host.evaluate(_WHOLE)), "the name at the right edge")
    assert not host.evaluate(_SCROLLS), "a name makes nothing wider"
    # On the first line that one sees, wherever that is.
    for page in (host, zoe):
        page.evaluate("() => { document.querySelector('.cm-scroller').scrollTop = 22 * 50 + 8; }")
    zoe.get_by_text("x = 49", exact=True).click()
    wait_until(lambda: bool(host.evaluate(_WHOLE)), "the name at the upper edge")


def test_a_space_that_is_none_is_seen(server: ServerProcess, person: Callable[..., Page]) -> None:
    """ajaxorg/ace#4271, docmost/docmost#1725: pasted from a page it breaks the program, and looks like a space."""
    host = person(locale="es-ES")
    held: list[Route] = []

    def hold(route: Route) -> None:  # as on a slow line: the text comes first
        held.append(route)

    host.route("**/assets/second-*.js", hold)
    open_session(server, host, initial_code="")
    code = host.locator(".cm-content")
    code.click()
    host.keyboard.insert_text("x\u00a0= 1\u2009+ 2\u200b\n# 日本\u3000語")
    expect(code).to_contain_text("日本")
    wait_until(lambda: host.evaluate("true") and bool(held), "what is fetched after the editor")
    for route in held:
        route.continue_()
    host.unroute("**/assets/second-*.js")
    strange = code.get_by_role("img", name="Un espacio que ningún programa toma por tal")
    expect(strange).to_have_count(2)
    expect(code.locator(".cm-specialChar").last).to_have_attribute(
        "title", "Un carácter que no se ve (U+200B)"
    )


_COVERED = f"""() => {{
    const {{ top, bottom }} = {VIEW}.coordsAtPos({VIEW}.state.doc.line(2).from);
    return [...document.querySelectorAll('.peer-selection')].some((each) => {{
        const box = each.getBoundingClientRect();
        return box.top <= top && box.bottom >= bottom && box.width > 20;
    }});
}}"""


def test_an_empty_line_that_another_selected_is_seen(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """It had no letters to be marked (yjs/y-codemirror.next#8), nor had the ends of lines."""
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code="one\n\nthree\n")
    come_in(zoe, session["share_url"], "Zoë")
    for anchor, head in ((3, 5), (5, 3), (4, 5)):
        zoe.evaluate(
            f"([anchor, head]) => {{ {VIEW}.focus(); {VIEW}.dispatch({{ selection: {{ anchor, head }} }}); }}",
            [anchor, head],
        )
        host.wait_for_function(_COVERED)
    zoe.keyboard.press("ArrowRight")
    expect(host.locator(".peer-selection")).to_have_count(0)


_APART = """() => {
    const [one, other] = [...document.querySelectorAll('.peer-name')].map((name) => name.getBoundingClientRect());
    return !!other && (one.right <= other.left || other.right <= one.left);
}"""


def test_names_at_one_place_stand_beside_each_other(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """One name lay on the other: at the beginning of a file, where everybody is at first, always."""
    host, zoe, ana = person(), person(), person()
    session, _ = open_session(server, host, initial_code="one\ntwo\n" + "x" * 500)
    for page, name in ((zoe, "Zoë Martínez"), (ana, "Ana")):
        come_in(page, session["share_url"], name)
    for place in (0, 6, 508):
        for page in (zoe, ana):
            page.evaluate(
                f"(at) => {{ {VIEW}.focus(); {VIEW}.dispatch({{ selection: {{ anchor: at }} }}); }}",
                place,
            )
        to = "{ selection: { anchor: at }, scrollIntoView: true }"
        host.evaluate(f"(at) => {VIEW}.dispatch({to})", place)
        host.wait_for_function(_APART)
