"""Replay: any instant of a session, as it was; from the server, while it goes on, and from one file without any."""

import contextlib
import json
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, Route, expect
from tests.browser.conftest import OUTPUT, picture
from tests.browser.test_interview import come_in, open_session, tab
from tests.harness.axe import violations
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

CODE = "print(input())\n"
_AT_THE_END = re.compile(r"entry (\d+) of \1(?!\d)")


@pytest.fixture
def interview(
    server: ServerProcess, person: Callable[..., Page]
) -> tuple[dict[str, str], Page, Page]:
    """An interview that has just been held, and its two people, still in it."""
    host, zoe = person(), person()
    session, _ = open_session(server, host, initial_code=CODE, title="Two Sum, warm-up")
    come_in(zoe, session["share_url"], "Zoë")
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Home")
    zoe.keyboard.type("# first\n")
    host.locator(".cm-content").click()
    host.keyboard.press("Control+End")
    host.keyboard.type("# host was here\n")
    zoe.keyboard.press("Control+Enter")
    expect(zoe.locator(".run-state")).to_contain_text("running")
    expect(zoe.locator(".xterm-helper-textarea")).to_be_focused()
    zoe.keyboard.type("forty-two\n")
    expect(zoe.locator(".run-state")).to_contain_text("exited 0")
    tab(host, "Notes")
    host.get_by_label("Private note").fill("Runs early")
    host.get_by_role("button", name="Add note").click()
    expect(host.locator(".entries")).to_contain_text("Runs early")
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Home")
    zoe.keyboard.type("x = (\n")
    zoe.keyboard.press("Control+Enter")
    expect(zoe.locator(".run-state")).to_contain_text("exited 1")
    wait_until(lambda: _is_quiet(server, session), "everything recorded")
    return session, host, zoe


def _is_quiet(server: ServerProcess, session: dict[str, str]) -> bool:
    """Whether nothing was recorded in the last second: a cursor is told half a second after it went somewhere."""
    entries = httpx2.get(
        f"{server.url}/api/sessions/{session['session_id']}/timeline", params={"limit": 1000}
    ).json()
    return datetime.now(UTC) - datetime.fromisoformat(entries[-1]["at"]) > timedelta(seconds=1)


def _noting_errors(said: list[str]) -> Callable[[ConsoleMessage], None]:
    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    return note


def _noting(asked: list[str]) -> Callable[[Request], None]:
    return lambda request: asked.append(request.url)


def code(page: Page) -> str:
    """Return the code that is shown, as text."""
    lines = page.evaluate(
        "() => [...document.querySelectorAll('.editor .cm-line')].map((line) => line.textContent)"
    )
    return "\n".join(lines)


def shows(page: Page, text: str) -> None:
    """Wait until exactly this code is shown: the editor follows the clock in its next frame."""
    wait_until(lambda: code(page) == text, text)


def go_to(page: Page, seq: int) -> None:
    """Wind to an instant by its link."""
    page.evaluate("seq => { location.hash = `#t=${seq}`; }", seq)
    stands_at(page, seq)


def _winds_to(page: Page, seq: int) -> bool:
    """Whether an instant of a session that goes on can be shown by now."""
    page.evaluate("seq => { location.hash = ''; location.hash = `#t=${seq}`; }", seq)
    return f"entry {seq} of " in str(page.get_by_role("slider").get_attribute("aria-valuetext"))


def since_start(session: dict[str, str], at: str) -> str:
    """Return an instant as the page says it."""
    seconds = (
        datetime.fromisoformat(at) - datetime.fromisoformat(session["clock_started_at"])
    ).total_seconds()
    whole = int(seconds + 0.5)
    return f"{whole // 60}:{whole % 60:02}"


def stands_at(page: Page, seq: int) -> None:
    """Wait until an instant is shown."""
    expect(page.get_by_role("slider")).to_have_attribute(
        "aria-valuetext", re.compile(f"entry {seq} of ")
    )


def stands_at_the_end(page: Page, least: int, *, milliseconds: int = 5000) -> int:
    """Wait until the newest instant is shown, of at least so many; return which one it is."""
    slider = page.get_by_role("slider")
    for _ in range(20):  # more may be recorded meanwhile
        expect(slider).to_have_attribute("aria-valuetext", _AT_THE_END, timeout=milliseconds)
        found = _AT_THE_END.search(str(slider.get_attribute("aria-valuetext")))
        if found is not None and int(found[1]) >= least:
            return int(found[1])
        page.wait_for_function(
            "([slider, was]) => slider.getAttribute('aria-valuetext') !== was",
            arg=[slider.element_handle(), found and found.string],
        )
    raise AssertionError(f"the end, at {least} or later")


def goes_to_the_end(page: Page) -> int:
    """Wind to the newest instant, whichever that is by now; return it."""
    page.evaluate("() => { location.hash = '#t=999999'; }")
    return stands_at_the_end(page, 1)


def wait_until_moved(path: str, after: int) -> int:
    """Wait for somebody's cursor after an instant; return where it was recorded."""
    found: list[int] = []

    def has_moved() -> bool:
        wanted: dict[str, int | str] = {"after": after, "kinds": "cursor", "limit": 1000}
        found[:] = [each["seq"] for each in httpx2.get(f"{path}/timeline", params=wanted).json()]
        return bool(found)

    wait_until(has_moved, "a cursor")
    return found[0]


def test_replay_shows_every_instant_as_it_was(
    server: ServerProcess, interview: tuple[dict[str, str], Page, Page], person: Callable[..., Page]
) -> None:
    session, host, zoe = interview
    path = f"{server.url}/api/sessions/{session['session_id']}"
    session = httpx2.get(path).json()  # it began when the candidate came
    entries = httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()
    page = person(color_scheme="dark")
    page.goto(f"{server.url}/s/{session['session_id']}/replay")
    expect(page.locator(".cm-content")).to_contain_text("# first")
    step = max(1, len(entries) // 10)
    for seq in [*range(len(entries), 0, -step), *range(1, len(entries), step)]:
        go_to(page, seq)
        expect(page.locator(".cm-content")).to_be_visible()
        shows(page, httpx2.get(f"{path}/files/main.py?at={seq}").text)
    picture(page, "replay-dark-1280")
    assert violations(page) == []
    # From run to run, with what the terminal showed.
    go_to(page, 2)
    page.keyboard.press("k")
    expect(page.locator(".run-state")).to_contain_text(re.compile("Zoë.*exited 0"))
    expect(page.locator(".xterm-rows")).to_contain_text("forty-two")
    # The note stands at its own time, however long nothing else happened, and clicking it goes there.
    note = page.locator(".happenings li", has_text="Runs early")
    (written,) = [each for each in httpx2.get(f"{path}/notes").json() if each["kind"] == "note"]
    expect(note.get_by_role("button")).to_have_text(since_start(session, written["at"]))
    note.get_by_role("button").click()
    expect(page.locator(".instant")).to_have_text(since_start(session, written["at"]))
    expect(page.locator(".run-state")).to_contain_text("exited 0")
    # What one looks for first is told in words; every run only on request.
    moments = page.locator(".happenings")
    expect(moments).to_contain_text("First run · First pass · Zoë ran main.py: exited 0")
    expect(moments).to_contain_text("Breaks · Zoë ran main.py: exited 1")
    expect(moments).not_to_contain_text("joined")
    page.get_by_label("Every run, join and leave too").check()
    expect(moments).to_contain_text("Zoë joined")
    expect(page.locator(".legend")).to_contain_text("failed")
    # Most of the window is the code's, and the bar says the time.
    assert page.locator(".files").bounding_box()["height"] > 800 * 0.5  # type: ignore[index]
    expect(page.locator(".tick").filter(has_text=re.compile(r"^0:00")).first).to_be_visible()
    assert page.locator(".tick").count() > 1
    # An error is shown beside the code that it belongs to, and beside no other.
    go_to(page, len(entries))
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".as-it-was")).to_contain_text("SyntaxError")
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Home")
    zoe.keyboard.type("#")
    wait_until(
        lambda: len(httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()) > len(entries),
        "an edit",
    )
    zoe.keyboard.press("Backspace")
    wait_until(lambda: _is_quiet(server, session), "everything recorded")
    typed = next(
        each["seq"]
        for each in httpx2.get(
            f"{path}/timeline", params={"after": len(entries), "limit": 1000}
        ).json()
        if each["kind"] == "edit"
    )
    expect(page.get_by_role("slider")).to_have_attribute("max", re.compile(r"\d+"))
    wait_until(lambda: _winds_to(page, typed), "what was typed")
    expect(page.locator(".as-it-was")).to_contain_text("did not go well (exited 1")
    expect(page.locator(".as-it-was")).not_to_contain_text("SyntaxError")
    expect(page.locator(".run-state")).to_have_count(0)
    page.get_by_role("button", name="Go to that run").click()
    expect(page.locator(".as-it-was")).to_contain_text("SyntaxError")
    entries = httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()
    note.get_by_role("button").click()
    # Would it have passed here, with another input?
    page.locator(".rerun-input").fill("seven")
    page.get_by_role("button", name="Run here").click()
    expect(page.locator(".rerun")).to_contain_text("seven")
    expect(page.locator(".rerun")).to_contain_text("exited 0")
    expect(page.locator(".rerun")).to_be_in_viewport(ratio=0.9)  # and not below what is cut off
    picture(page, "replay-rerun-1280")
    assert len(httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()) == len(entries)
    # When did it pass? The server tries tests at every run, and between.
    page.get_by_role("tab", name="Tests").click()
    form = page.locator(".tests")
    form.get_by_label("Input").fill("a")
    form.get_by_label("Must print").fill("a")
    form.get_by_role("button", name="Try them").click()
    expect(form.locator(".curve")).to_contain_text("passed at", timeout=60_000)
    expect(form.locator("progress")).to_have_count(0, timeout=60_000)
    expect(form.locator(".curve")).to_contain_text("broke at")
    # Why it fails now, beside what it must print.
    go_to(page, len(entries))
    expect(form.locator(".instead")).to_contain_text("SyntaxError")
    expect(form.get_by_role("row", name="a nothing")).to_be_visible()
    picture(page, "replay-progress-1280")
    assert len(httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()) == len(entries)
    page.get_by_label("Show who wrote what").check()
    expect(page.locator(".blamed").first).to_be_visible()
    go_to(page, 2)
    page.get_by_role("button", name="Compare with this instant").click()
    go_to(page, len(entries))
    expect(page.locator(".cm-changedLine").first).to_be_visible()
    picture(page, "replay-compare-1280")
    page.get_by_role("button", name="End the comparison").click()
    # Carets are where people were; whoever is followed stays in view.
    expect(page.locator(".peer-caret")).to_have_count(2)
    # Something is recorded that nobody here waits for: so is a connection that breaks.
    httpx2.post(f"{path}/lines", json={"text": "hm"}).raise_for_status()
    before = goes_to_the_end(page)
    zoe.locator(".cm-line", has_text="# host was here").click()
    moved = wait_until_moved(path, before)
    stands_at_the_end(page, moved)  # whoever looks at the newest instant goes along
    go_to(page, moved - 1)
    page.get_by_label("Whose cursor to follow").select_option(label="Follow Zoë")
    page.keyboard.press("Escape")
    go_to(page, moved)
    line = page.locator(".cm-line", has_text="# host was here")
    followed = page.locator(".peer-caret", has_text="Zoë")

    def stands_in_it() -> bool:
        there, caret = line.bounding_box(), followed.bounding_box()
        return there is not None and caret is not None and abs(there["y"] - caret["y"]) < 4

    # it is drawn, and scrolled to, a frame after the code
    wait_until(stands_in_it, "the caret in its line")
    picture(page, "replay-follow-1280")
    assert violations(page) == []
    # A link is followed though the address went along with a live session before anybody looked at it.
    page.evaluate("() => { location.hash = '#t=5'; history.replaceState(null, '', '#t=9'); }")
    stands_at(page, 5)
    # Played from the beginning, it comes to the end.
    go_to(page, 1)
    page.get_by_label("Speed").select_option("32")
    page.get_by_role("button", name="Play").click()
    stands_at_the_end(page, moved, milliseconds=20_000)
    # The session goes on; whoever is at its end goes along, and nobody is told.
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Home")
    zoe.keyboard.type("# still here\n")
    expect(page.locator(".cm-content")).to_contain_text("# still here")
    tab(host, "People")
    expect(host.locator(".people li")).to_have_count(2)


def test_a_replay_that_goes_on_outlives_a_server_that_is_away(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """A server that was started anew took the replay, and where somebody was in it, from whoever looked on."""
    host, page = person(), person()
    session, _ = open_session(server, host, initial_code=CODE)
    page.goto(f"{server.url}/s/{session['session_id']}/replay")
    expect(page.locator(".cm-content")).to_contain_text(CODE.strip())
    answers = iter([503, 429, None])
    away = []

    def fail(route: Route) -> None:
        status = next(answers, 0)
        away.append(status)
        if status == 0:
            route.continue_()
        elif status is None:
            route.abort()
        else:
            route.fulfill(status=status, json={})

    page.route("**/timeline?*", fail)
    host.locator(".cm-content").click()
    host.keyboard.press("Control+Home")
    host.keyboard.type("# meanwhile\n")
    expect(page.locator(".cm-content")).to_contain_text("# meanwhile", timeout=20_000)
    assert away[:3] == [503, 429, None]
    httpx2.delete(f"{server.url}/api/sessions/{session['session_id']}").raise_for_status()
    expect(page.locator(".cm-content")).to_have_count(0)


def test_a_replay_sees_a_session_end_and_open_again(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """It asked every two seconds for ever, and offered a follow-up question to a session that had ended."""
    page = person()
    made = httpx2.post(f"{server.url}/api/sessions", json={"initial_code": CODE}).json()
    path = f"{server.url}/api/sessions/{made['session_id']}"
    page.clock.install()
    page.goto(f"{server.url}/s/{made['session_id']}/replay")
    ask = page.get_by_text("Ask from here…")
    expect(ask).to_have_count(1)
    httpx2.post(f"{path}/end").raise_for_status()
    with page.expect_response("**/timeline?*"):
        page.clock.run_for(2100)
    expect(ask).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(20_000)
    httpx2.post(f"{path}/reopen").raise_for_status()
    assert [each for each in asked if "/timeline?" in each] == []
    with page.expect_response("**/timeline?*"):
        page.clock.run_for(10_000)
    expect(ask).to_have_count(1)


@pytest.mark.parametrize(
    ("scheme", "options"), [("light", {}), ("dark", {"viewport": {"width": 390, "height": 844}})]
)
def test_a_file_plays_without_any_server(
    server: ServerProcess,
    interview: tuple[dict[str, str], Page, Page],
    person: Callable[..., Page],
    tmp_path: Path,
    scheme: str,
    options: dict[str, object],
) -> None:
    session, _, zoe = interview
    path = f"{server.url}/api/sessions/{session['session_id']}"
    entries = httpx2.get(f"{path}/timeline", params={"limit": 1000}).json()
    for who in ("host", "candidate"):
        cookies = (
            {each["name"]: each["value"] for each in zoe.context.cookies()}
            if who == "candidate"
            else {}
        )
        file = tmp_path / f"{who}.html"
        file.write_bytes(
            httpx2.get(f"{path}/export", params={"format": "html"}, cookies=cookies).content
        )
        page = person(color_scheme=scheme, **options)
        page.context.set_offline(True)
        asked: list[str] = []
        page.on("request", _noting(asked))
        refused: list[str] = []
        page.on("console", _noting_errors(refused))
        page.goto(file.as_uri())
        expect(page.locator(".cm-content")).to_contain_text("# first")
        for turn in range(20):
            seq = 1 + (turn * 7) % len(entries)
            go_to(page, seq)
            shows(page, httpx2.get(f"{path}/files/main.py?at={seq}").text)
        expect(page.get_by_role("button", name="Run here")).to_have_count(0)
        found = page.locator(".happenings li", has_text="Runs early")
        expect(found).to_have_count(1 if who == "host" else 0)
        assert ("Runs early" in file.read_text()) == (who == "host")
        assert refused == []  # nothing that its own policy forbids
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        picture(page, f"offline-{who}-{scheme}-{'390' if options else '1280'}")
        assert violations(page) == []


def test_the_report_can_be_read_and_printed(
    server: ServerProcess,
    interview: tuple[dict[str, str], Page, Page],
    person: Callable[..., Page],
    tmp_path: Path,
) -> None:
    session, host, zoe = interview
    path = f"{server.url}/api/sessions/{session['session_id']}"
    httpx2.put(
        f"{path}/scores",
        json={"scores": [{"criterion": "Testing", "score": 3, "comment": "Tries odd input"}]},
    )
    httpx2.post(f"{path}/scores/submit").raise_for_status()
    host.goto(f"{server.url}/s/{session['session_id']}/replay")
    with host.context.expect_page() as opened:
        host.get_by_role("link", name="Report").click()
    report = opened.value
    expect(report.get_by_role("heading", name="Two Sum, warm-up")).to_be_visible()
    row = report.get_by_role("row", name="Runs early")
    expect(row.locator("pre")).to_contain_text("# first")  # the code it is about
    expect(report.get_by_role("row", name="Tries odd input")).to_be_visible()
    expect(report.get_by_role("img", name=re.compile(r"Who typed when.* \(2\)"))).to_be_visible()
    expect(report.get_by_text("% typing")).to_be_visible()
    picture(report, "report-1280")
    assert violations(report) == []
    pdf = tmp_path / "report.pdf"
    report.pdf(path=pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    (OUTPUT / "report.pdf").write_bytes(pdf.read_bytes())
    dark = person(color_scheme="dark", viewport={"width": 390, "height": 844})
    dark.goto(f"{path}/export?format=report")
    picture(dark, "report-dark-390")
    assert violations(dark) == []
    assert dark.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    # A candidate's has what everybody saw, and no word of the interviewers.
    zoe.goto(f"{path}/export?format=report")
    expect(zoe.get_by_role("heading", name="Runs")).to_be_visible()
    assert "Runs early" not in zoe.content()
    assert "Tries odd input" not in zoe.content()


def test_what_somebody_typed_is_never_code_in_the_file(
    server: ServerProcess, person: Callable[..., Page], tmp_path: Path
) -> None:
    nasty = "</script><script>window.owned = 1</script><!-- <img src=x onerror='window.owned = 1'>"
    body = {"initial_code": nasty, "title": nasty}
    session = httpx2.post(f"{server.url}/api/sessions", json=body).json()
    path = f"{server.url}/api/sessions/{session['session_id']}"
    httpx2.post(f"{path}/notes", json={"text": nasty})
    page = person()
    for name, query in (("player.html", {"format": "html"}), ("report.html", {"format": "report"})):
        file = tmp_path / name
        file.write_bytes(httpx2.get(f"{path}/export", params=query).content)
        page.goto(file.as_uri())
        expect(page.locator(".cm-content, pre").first).to_contain_text("window.owned")
        assert page.evaluate("() => window.owned") is None
    assert json.loads(json.dumps(page.title())) == nasty


_LAPS = """() => [...document.querySelectorAll('.entries li:not(.end)')].map((row) => {
    const [time, next] = row.children;
    const text = document.createRange();
    text.selectNodeContents(time);
    return text.getBoundingClientRect().right - next.getBoundingClientRect().left;
})"""


def test_times_of_a_session_that_was_open_overnight_have_room(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, address = open_session(own_server, host, initial_code=CODE, title="Overnight")
    come_in(zoe, session["share_url"], "Zoë")
    wait_until(lambda: _started(own_server, session), "the candidate's coming")
    own_server.stop()
    with contextlib.closing(sqlite3.connect(own_server.data_dir / "pizarra.db")) as database:
        hours = 30 * 3_600_000_000
        database.execute("UPDATE sessions SET clock_started_at = clock_started_at - ?", (hours,))
        database.commit()
    own_server.start()
    host.reload()
    tab(host, "Notes")
    host.get_by_label("Private note").fill("Slept over it")
    host.get_by_role("button", name="Add note").click()
    for place in (None, f"{address}/replay"):
        if place is not None:
            host.goto(place)
        row = host.locator(".entries li").filter(has_text="Slept over it")
        expect(row).to_contain_text("30:0")
        assert max(host.evaluate(_LAPS)) <= 0
    picture(host, "replay-overnight")


def _started(server: ServerProcess, session: dict[str, str]) -> bool:
    address = f"{server.url}/api/sessions/{session['session_id']}"
    return httpx2.get(address).json()["clock_started_at"] is not None
