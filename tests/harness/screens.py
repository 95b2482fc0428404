"""Every screen of the page with something on it: where it is, who sees it, and what is wrong with how it looks.

A server with accounts is filled once (`set_the_stage`); then each screen can be opened by itself, in any width, theme
and language. `benchmarks/page/screens.py` looks at the whole table.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.harness.actors import add_account, add_team, browser, first_admin, join
from tests.harness.axe import violations
from tests.harness.server import ServerProcess

WIDTHS = {390: 844, 768: 1024, 1280: 800, 1920: 1080}
_WORDS = Path(__file__).resolve().parents[2] / "web/src/words"
_PROGRAM = "n = int(input())\nprint(n * 2)\n"
_BROKEN = "n = int(input())\nprint(n * 3 if n > 9 else n * 2)\n"
_QUESTION: dict[str, Any] = {
    "title": "Paquetes y balanzas",
    "spoken": "es",
    "statement": "Lee $n$ y escribe *el doble*: $2 \\cdot n$.\n\n## Entrada\n\n- un entero, $0 \\le n < 10^9$\n",
    "difficulty": "easy",
    "minutes": 25,
    "tags": ["aritmética", "entrada y salida"],
    "starters": {"python": "n = int(input())\n", "javascript": "// n\n"},
    "references": {"python": _PROGRAM},
    "samples": [
        {"name": "tres", "input": "3\n", "expected": "6\n", "hint": "2 · 3"},
        {"name": "doce", "input": "12\n", "expected": "24\n", "description": "dos cifras"},
    ],
    "secret": [{"name": "grande", "cases": [{"input": "500000001\n", "expected": "1000000002\n"}]}],
    "guide": "Preguntar por el desbordamiento.",
    "rubric": ["Casos", "Claridad"],
    "follow_ups": [{"title": "¿Y si llega un flujo?", "text": "Sin guardar $n$."}],
    "policy": {"secret_count": True},
}
_FUNCTION: dict[str, Any] = {
    **{key: _QUESTION[key] for key in ("spoken", "tags", "guide")},
    "title": "Una lista con un nombre bastante largo, para quien tiene una ventana estrecha",
    "statement": "Devuelve los índices.",
    "kind": "function",
    "difficulty": "hard",
    "signature": {
        "function": "twoSum",
        "parameters": [{"name": "nums", "type": "int[]"}, {"name": "target", "type": "int"}],
        "returns": "int[]",
    },
    "samples": [{"name": "uno", "input": "[2, 7, 11, 15]\n9", "expected": "[0, 1]"}],
    "draft": True,
}


@dataclass
class Stage:
    """A server on which everything has happened once, and the browsers of those who were there."""

    server: ServerProcess
    people: dict[str, httpx2.Client]
    # name -> what stands for it in an address
    ids: dict[str, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def opened(self, browser: Browser, who: str, **options: Any) -> Iterator[Page]:
        """Give a page of somebody's, in a browser that has what theirs has."""
        context = browser.new_context(**options)
        context.set_default_timeout(30_000)
        _bring(context, self.people[who], self.server.url)
        try:
            yield context.new_page()
        finally:
            context.close()


def _bring(context: BrowserContext, client: httpx2.Client, url: str) -> None:
    context.add_cookies(
        [{"name": each.name, "value": str(each.value), "url": url} for each in client.cookies.jar]
    )


@dataclass(frozen=True)
class Screen:
    """Who goes where, what is there once it is there, and what they do then; `narrow` alone on a phone, or never."""

    who: str
    address: str
    there: str
    do: Callable[[Page], None] = lambda _: None
    narrow: bool | None = None


def _click(*selectors: str) -> Callable[[Page], None]:
    """Click one thing after the other."""

    def do(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()

    return do


def _beside(*selectors: str) -> Callable[[Page], None]:
    """Click what stands in the side panel, which a phone shows by itself."""

    def do(page: Page) -> None:
        pane = page.locator("nav.panes button:not(.primary)").last
        if pane.is_visible():
            pane.click()
        for selector in selectors:
            page.locator(selector).first.click()

    return do


def _pane(number: int) -> Callable[[Page], None]:
    return lambda page: page.locator("nav.panes button").nth(number).click()


def _search(text: str, there: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        page.locator("input[type=search]").fill(text)
        page.locator(there).wait_for()

    return do


def _turn_to(page: Page, pane: int) -> None:
    """On a phone one pane is seen at a time."""
    if page.locator("nav.panes").is_visible():
        _pane(pane)(page)


def _own_case(page: Page) -> None:
    _turn_to(page, 0)
    page.locator(".samples-bar:has(#own-title) button").click()


def _cut_off(page: Page) -> None:
    """Lose the network with something unsaved."""
    _turn_to(page, 1)
    page.locator(".cm-content").click()
    page.context.set_offline(True)
    page.keyboard.insert_text("# sin red\n")
    page.locator(".status[data-state]:not([data-state=online])").wait_for()


def _compare(page: Page) -> None:
    fold = page.locator(".transport .fold-button")
    if fold.is_visible():
        fold.click()
    page.locator(".transport").get_by_role("button", name=re.compile("^Compar")).click()
    for _ in range(4):
        page.locator(".transport .step").first.click()


def _search_code(page: Page) -> None:
    _turn_to(page, 1)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+f")
    page.locator(".cm-search").wait_for()


def _knock(page: Page) -> None:
    page.locator(".join input").fill("Zoë")
    page.locator(".join button[type=submit]").click()
    page.locator(".join [role=status]").wait_for()


_LIVE, _ENDED = "/s/{live}", "/s/{ended}"
SCREENS: dict[str, Screen] = {
    "sign-in": Screen("nobody", "/", "form"),
    "welcome": Screen("nobody", "/welcome#{welcome}", "form"),
    "accounts": Screen("root", "/accounts", "main h2"),
    "own": Screen("root", "/me", "main h2"),
    "home": Screen("ana", "/", ".session-row"),
    "home-nothing": Screen("ana", "/", ".session-row", _search("zzzz", ".empty")),
    "new-session": Screen(
        "ana", "/", ".session-row", _click(".home-bar button.primary", "form summary")
    ),
    "preferences": Screen("ana", "/", ".session-row", _click(".home-bar .menu > button")),
    "home-empty": Screen("eva", "/", ".empty"),
    "library": Screen("ana", "/library", ".questions li"),
    "library-nothing": Screen("ana", "/library", ".questions li", _search("zzzz", ".empty")),
    "question": Screen("ana", "/library/{question}", ".preview"),
    "question-private": Screen(
        "ana", "/library/{question}", ".preview", _click("#preview-interviewer")
    ),
    "question-draft": Screen("ana", "/library/{function}", ".preview"),
    "question-new": Screen("ana", "/library/new", ".question-form"),
    "question-edit": Screen(
        "ana", "/library/{question}/edit", ".question-form", _click(".question-form summary")
    ),
    "question-edit-function": Screen("ana", "/library/{function}/edit", ".question-form"),
    "plans": Screen("ana", "/library/plans", ".questions li"),
    "plan-new": Screen("ana", "/library/plans/new", "main input"),
    "plan-edit": Screen("ana", "/library/plans/{plan}", "main input"),
    "plan-missing": Screen("ana", "/library/plans/" + "0" * 32, "main p"),
    "question-missing": Screen("ana", "/library/" + "0" * 32, "main p"),
    "join": Screen("nobody", "/j/{invitation}", "form"),
    "waiting-room": Screen(
        "nobody",
        "/j/{door_invitation}",
        "form",
        _knock,
    ),
    "join-missing": Screen("nobody", "/j/nothing", ".join h1"),
    "missing": Screen("nobody", "/s/" + "0" * 32, ".join h1"),
    "session-problem": Screen("ana", _LIVE, ".cm-content", _pane(0), narrow=True),
    "session-host": Screen("ana", _LIVE, ".cm-content"),
    "session-output": Screen("ana", _LIVE, ".cm-content", _pane(2), narrow=True),
    "session-more": Screen(
        "ana", _LIVE, ".cm-content", _click(".bar > .menu:last-child > button"), narrow=True
    ),
    "session-status": Screen("ana", _LIVE, ".cm-content", _click(".chip")),
    "session-clock": Screen("ana", _LIVE, ".clock", _click(".menu > button:has(.clock)")),
    "session-keys": Screen("ana", _LIVE, ".cm-content", _click(".help-button"), narrow=False),
    "session-file": Screen("ana", _LIVE, ".cm-content", _click(".files .menu > button")),
    "session-lines": Screen("ana", _LIVE, ".cm-content", _beside("#side-lines")),
    "session-notes": Screen("ana", _LIVE, ".cm-content", _beside("#side-notes")),
    "session-guide": Screen("ana", _LIVE, ".cm-content", _beside("#side-guide")),
    "session-scores": Screen("ana", _LIVE, ".cm-content", _beside("#side-scores")),
    "session-tests": Screen("ana", _LIVE, ".cm-content", _beside("#side-tests")),
    "session-activity": Screen("ana", _LIVE, ".cm-content", _beside("#side-activity")),
    "session-people": Screen("ana", _LIVE, ".cm-content", _beside("#side-people")),
    "session-own-case": Screen("zoe", _LIVE, ".problem-panel", _own_case),
    "session-search": Screen("ana", _LIVE, ".cm-content", _search_code),
    "session-cut-off": Screen("zoe", _LIVE, ".problem-panel", _cut_off),
    "session-no-problem": Screen("ana", "/s/{door}", ".cm-content", _pane(0), narrow=True),
    "session-candidate": Screen("zoe", _LIVE, ".problem-panel"),
    "session-observer": Screen("olga", _LIVE, ".cm-content"),
    "session-plain": Screen("ana", "/s/{door}", ".cm-content", _beside("#side-people")),
    "wrap-up-open": Screen("ana", _LIVE + "/wrap-up", ".wrap-up-state"),
    "wrap-up": Screen("ana", _ENDED + "/wrap-up", ".wrap-up-state"),
    "ended-host": Screen("ana", _ENDED, ".cm-content"),
    "ended-candidate": Screen("bo", _ENDED, ".thanks"),
    "replay": Screen("ana", _ENDED + "/replay", ".timeline"),
    "replay-problem": Screen("ana", _ENDED + "/replay", ".timeline", _pane(0), narrow=True),
    "replay-output": Screen("ana", _ENDED + "/replay", ".timeline", _pane(2), narrow=True),
    "replay-moments": Screen("ana", _ENDED + "/replay", ".timeline", _beside("#replay-moments")),
    "replay-scores": Screen("ana", _ENDED + "/replay", ".timeline", _beside("#replay-scores")),
    "replay-tests": Screen("ana", _ENDED + "/replay", ".timeline", _beside("#replay-tests")),
    "replay-compare": Screen("ana", _ENDED + "/replay", ".timeline", _compare),
    "nowhere": Screen("nobody", "/nowhere", ".join h1"),
    "shared-missing": Screen("nobody", "/r/nothing", ".join h1"),
    "shared-replay": Screen("nobody", "/r/{shared}", ".timeline"),
    "report": Screen("ana", "/api/sessions/{ended}/export?format=report&language={language}", "h1"),
}


def set_the_stage(server: ServerProcess, web: Browser) -> Stage:
    """Make accounts, questions, a plan, and sessions: one that goes on, one with a door, one that has ended."""
    root = first_admin(server)
    ana = add_account(server, root, "ana", add_team(root, "Plataforma"))
    eva = add_account(server, root, "eva", add_team(root, "Otro equipo"))
    stage = Stage(server, {"nobody": browser(server), "root": root, "ana": ana, "eva": eva})
    link = root.post("/api/accounts", json={"name": "leo", "display_name": "Leo"}).json()["link"]
    stage.ids["welcome"] = link["url"].partition("#")[2]
    for name, question in (("question", _QUESTION), ("function", _FUNCTION)):
        stage.ids[name] = _made(ana, "/api/questions", question)["question_id"]
    plan = {
        "title": "Una hora de servidor",
        "questions": [{"question_id": stage.ids["question"], "minutes": 25}],
        "rubric": ["Casos", "Claridad", "Pruebas"],
    }
    stage.ids["plan"] = _made(ana, "/api/plans", plan)["plan_id"]
    live = _session(stage, "live", plan_id=stage.ids["plan"], candidate_name="Zoë Martínez")
    stage.ids["invitation"] = live["share_url"].rpartition("/")[2]
    door = _session(stage, "door", title="Dos sumandos", waiting_room=True, rules="Sin red.")
    stage.ids["door_invitation"] = door["share_url"].rpartition("/")[2]
    for name, role in (("zoe", "candidate"), ("olga", "observer")):
        stage.people[name], _ = join(server, ana, stage.ids["live"], role, name.title())
    ended = _session(stage, "ended", plan_id=stage.ids["plan"], title="Grafos y caminos cortos")
    stage.people["bo"], _ = join(server, ana, ended["session_id"], "candidate", "Bo Lund")
    for who, session in (("zoe", "live"), ("bo", "ended")):
        _interview(stage, web, who, session)
    _wrap_up(stage)
    return stage


def _made(client: httpx2.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


def _session(stage: Stage, name: str, **body: Any) -> dict[str, Any]:
    made = _made(stage.people["ana"], "/api/sessions", {"candidate_keeps": "timeline", **body})
    stage.ids[name] = made["session_id"]
    return made


def _interview(stage: Stage, web: Browser, who: str, session: str) -> None:
    """Somebody writes, tries the samples, runs into an error; the interviewer says and notes something."""
    ana, path = stage.people["ana"], f"/api/sessions/{stage.ids[session]}"
    clock = {"minutes": 60, "steps": [{"name": "Calentar", "minutes": 10}], "shown": True}
    ana.put(f"{path}/clock", json=clock).raise_for_status()
    tests = [{"name": "vacío", "stdin": "0\n", "expected": "0\n"}]
    ana.put(f"{path}/tests", json={"tests": tests}).raise_for_status()
    with stage.opened(web, who, viewport={"width": 1280, "height": 800}) as page:
        page.goto(f"{stage.server.url}/s/{stage.ids[session]}")
        page.locator(".cm-content").click()
        for program in (_PROGRAM, _BROKEN, "x = (\n"):
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(program)
            expect(page.locator(".chip")).to_contain_text("saved", timeout=30_000)
            ana.post(f"{path}/samples?wait=true", json={}, timeout=60)
            ana.post(f"{path}/runs?wait=true", json={"stdin": "4\n"}, timeout=60)
    _made(ana, f"{path}/lines", {"text": "Con calma."})
    _made(ana, f"{path}/notes", {"kind": "note", "text": "Pregunta por los casos vacíos."})
    _made(ana, f"{path}/notes", {"kind": "chat", "text": "¿Seguimos?"})
    scores = [{"criterion": "Casos", "score": 3, "comment": "Los nombra antes de escribir."}]
    ana.put(f"{path}/scores", json={"scores": scores}).raise_for_status()


def _wrap_up(stage: Stage) -> None:
    ana, path = stage.people["ana"], f"/api/sessions/{stage.ids['ended']}"
    ana.post(f"{path}/end").raise_for_status()
    ana.post(f"{path}/scores/submit").raise_for_status()
    decision = {"verdict": "strong_yes", "text": "Encuentra el mapa."}
    ana.put(f"{path}/decision", json=decision).raise_for_status()
    link = _made(ana, f"{path}/replay-links", {"with_notes": True})
    stage.ids["shared"] = str(link["url"]).rpartition("/")[2]


@contextlib.contextmanager
def shown(
    stage: Stage, web: Browser, name: str, *, width: int, scheme: str, locale: str
) -> Iterator[Page]:
    """Give a page that shows a screen, once everything on it is there."""
    screen = SCREENS[name]
    phone = {"has_touch": True, "is_mobile": True} if width == 390 else {}
    size: ViewportSize = {"width": width, "height": WIDTHS[width]}
    options = {"viewport": size, "color_scheme": scheme, "locale": locale, **phone}
    with stage.opened(web, screen.who, **options) as page:
        page.goto(stage.server.url + screen.address.format(**stage.ids, language=locale))
        page.locator(screen.there).first.wait_for()
        screen.do(page)
        with contextlib.suppress(PlaywrightTimeout):  # some ask on and on
            page.wait_for_load_state("networkidle", timeout=3000)
        page.evaluate(_SETTLED)
        yield page


_SETTLED = """async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
# What reaches out of the window, buttons whose words are cut or that something else covers, words cut without a mark.
_FAULTS = """() => {
    const root = document.documentElement, { clientWidth, clientHeight } = root, found = [];
    if (root.scrollWidth > clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
    const name = (each) => `${each.localName}.${each.className} "${(each.getAttribute("aria-label") ??
        each.innerText ?? "").trim().slice(0, 40)}"`;
    const scrolls = (each) => {
        for (let at = each.parentElement; at; at = at.parentElement)
            if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
        return false;
    };
    const quiet = ".cm-editor, .xterm, .xterm-helper-textarea, .for-readers, [aria-hidden=true]";
    const parts = "button, a[href], select, input, textarea, summary, .chip, .clock, .menu-panel, dialog";
    for (const each of document.querySelectorAll(parts)) {
        if (each.closest(quiet) || !each.checkVisibility({ visibilityProperty: true })) continue;
        const { left, right, width, height, top, bottom } = each.getBoundingClientRect();
        if (width < 2 || height < 2) continue;
        const label = each.closest("label");
        if ((left < -1 || right > clientWidth + 1) && !scrolls(each)) found.push(`outside: ${name(each)}`);
        if (each.matches("button, a") && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)
            found.push(`cut: ${name(each)}`);
        const [x, y] = [(left + right) / 2, (top + bottom) / 2];
        if (x < 0 || x >= clientWidth || y < 0 || y >= clientHeight || each.matches(".menu-panel, dialog")) continue;
        const hit = document.elementFromPoint(x, y);
        const floats = hit?.closest(".menu-panel, dialog, .toast, .fold-panel, .status-explained, .bar, .panes");
        const own = hit && (each.contains(hit) || hit.contains(each) || label?.contains(hit));
        // Marks of one moment lie upon each other; each is in the list of moments by itself.
        const together = hit && each.matches(".mark") && hit.closest(".mark");
        if (hit && !own && !floats && !together && !clipped(each, x, y))
            found.push(`covered: ${name(each)} by ${name(hit)}`);
    }
    if (matchMedia("(pointer: coarse)").matches)
        for (const each of document.querySelectorAll("input, select, textarea"))
            if (each.checkVisibility() && parseFloat(getComputedStyle(each).fontSize) < 16)
                found.push(`an iPhone zooms in on: ${name(each)}`);
    function clipped(each, x, y) {
        for (let at = each.parentElement; at; at = at.parentElement) {
            const box = at.getBoundingClientRect();
            if (getComputedStyle(at).overflow !== "visible" &&
                (x < box.left || x > box.right || y < box.top || y > box.bottom)) return true;
        }
        return false;
    }
    for (const each of document.querySelectorAll("body *")) {
        if (each.closest(quiet) || each.children.length > 0 || !each.textContent.trim()) continue;
        if (!each.checkVisibility({ visibilityProperty: true })) continue;
        const style = getComputedStyle(each), box = each.getBoundingClientRect();
        if (style.overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1 && box.width > 2 &&
            !/auto|scroll/.test(style.overflowX) && !each.closest("[title], input, textarea, select"))
            found.push(`cut without a title: ${name(each)}`);
    }
    return [...new Set(found)];
}"""
_TEXTS = """() => {
    const quiet = ".cm-editor, .xterm, script, style, noscript, .statement, [lang]:not(html)";
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const { parentElement: place, data } = walker.currentNode;
        if (data.trim() && !place.closest(quiet)) found.add(data.trim());
    }
    for (const each of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
        for (const name of ["aria-label", "title", "placeholder", "alt"])
            if (each.getAttribute(name) && !each.closest(quiet)) found.add(each.getAttribute(name));
    return [...found];
}"""
_ENGLISH = re.compile(
    r"\b(the|your|you|is|are|was|were|has|have|and|with|of|this|that|from|not|to|for|nobody|everybody|who|what)\b"
)


def faults(page: Page, locale: str) -> list[str]:
    """Return what is wrong with what a page shows, a line each."""
    found = violations(page) + list(page.evaluate(_FAULTS))
    if locale.startswith("es"):
        found += [f"English: {text[:90]}" for text in page.evaluate(_TEXTS) if _is_english(text)]
    return found


def _is_english(text: str) -> bool:
    return text in _english_alone() or len(_ENGLISH.findall(text.lower())) > 1


def _english_alone() -> frozenset[str]:
    """What the English catalogues say and the Spanish ones do not."""
    said = {
        language: {
            literal
            for path in (*_WORDS.glob(f"*.{language}.ts"), _WORDS / f"{language}.ts")
            for literal in re.findall(r'(?<=[ {[(])"([^"\\]{3,})"', path.read_text())
        }
        for language in ("en", "es")
    }
    return frozenset(said["en"] - said["es"])
