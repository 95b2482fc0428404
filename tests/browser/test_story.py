"""The story of the first day: share a link, write together, run Python, kill the server, lose nothing."""

import re
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.harness.axe import violations
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

PROGRAM = """def two_sum(nums, target):
    seen = {}
    for index, number in enumerate(nums):
        if target - number in seen:
            return [seen[target - number], index]
        seen[number] = index


print(two_sum([2, 7, 11, 15], 9))
"""
README_PICTURE = Path(__file__).resolve().parents[2] / "docs" / "session.png"


def create_session(host: Page, server: ServerProcess, title: str, code: str = "") -> str:
    """Create a session by the form; return the candidate's link from the clipboard."""
    host.goto(server.url)
    host.get_by_role("button", name="New session").first.click()
    host.get_by_label("Title", exact=True).fill(title)
    if code:
        host.get_by_label("Starter code").fill(code)
    host.get_by_role("button", name="Create and copy link").click()
    expect(host.locator(".cm-content")).to_be_visible()
    return str(host.evaluate("navigator.clipboard.readText()"))


def join(page: Page, link: str, name: str) -> None:
    """Open an invitation and come in."""
    page.goto(link)
    expect(page.get_by_text("What is recorded")).to_be_visible()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".cm-content")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator(".chip")).to_contain_text("saved")


def code_of(page: Page) -> str:
    """Return the text the editor shows."""
    lines = "[...document.querySelectorAll('.cm-line')].map((line) => line.textContent)"
    return str(page.evaluate(f"() => {lines}.join('\\n')"))


def test_two_people_write_run_and_survive_a_kill(
    own_server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(color_scheme="dark"), person(color_scheme="light")
    link = create_session(host, own_server, "Two Sum, warm-up", PROGRAM)
    assert re.fullmatch(rf"{own_server.url}/j/\S+", link)
    join(zoe, link, "Zoë")
    expect(host.get_by_text("Zoë", exact=True).first).to_be_visible()
    expect(zoe.locator(".people")).to_contain_text("Zoëcandidate, you")

    # Both at the same time, in different places.
    host.locator(".cm-content").click()
    host.keyboard.press("Control+Home")
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+End")
    for left, right in zip_longest("# from the host\n", "# from zoe é😀\n", fillvalue=""):
        for page, character in ((host, left), (zoe, right)):
            page.keyboard.press("Enter") if character == "\n" else page.keyboard.insert_text(
                character
            )
    for page in (host, zoe):
        expect(page.locator(".cm-content")).to_contain_text("# from the host")
        expect(page.locator(".cm-content")).to_contain_text("# from zoe é😀")
        saved(page)

    # Run: the same output for both, and for somebody who comes late.
    zoe.get_by_role("button", name="Run", exact=False).first.click()
    for page in (host, zoe):
        expect(page.locator(".screen")).to_contain_text("[0, 1]")
        expect(page.locator(".run-state")).to_contain_text("exited 0")
        expect(page.locator(".run-state")).to_contain_text("Zoë")
    late = person()
    join(late, link, "Late")
    expect(late.locator(".screen")).to_contain_text("[0, 1]")
    zoe.locator(".cm-line").nth(5).click()
    zoe.keyboard.press("End")
    expect(host.locator(".peer-name", has_text="Zoë")).to_be_visible()
    picture(host, "session-dark-1280")
    picture(zoe, "session-light-1280")
    if not README_PICTURE.exists():
        expect(host.locator(".toast")).to_have_count(0)
        README_PICTURE.write_bytes(host.screenshot())

    # kill -9, while the host goes on writing.
    before = code_of(host)
    own_server.kill()
    expect(host.locator(".chip")).to_contain_text("reconnecting")
    host.locator(".cm-content").click()
    host.keyboard.press("Control+Home")
    host.keyboard.insert_text("# written while the server was dead")
    host.keyboard.press("Enter")
    expect(host.locator(".chip")).to_contain_text("kept here")
    picture(host, "offline")
    own_server.start()
    for page in (host, zoe):
        saved(page)
        expect(page.locator(".cm-content")).to_contain_text("# written while the server was dead")
        expect(page.locator(".screen")).to_contain_text("[0, 1]")
    session_id = host.url.rpartition("/")[2]
    served = httpx2.get(f"{own_server.url}/api/sessions/{session_id}/files/main.py").text
    assert served == "# written while the server was dead\n" + before
    assert served.count("def two_sum") == 1
    kinds = [
        entry["kind"]
        for entry in httpx2.get(
            f"{own_server.url}/api/sessions/{session_id}/timeline?limit=1000"
        ).json()
    ]
    assert {"edit", "join", "run.started", "run.output", "run.ended"} <= set(kinds)


def test_stop_an_endless_program(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    create_session(host, server, "Endless", "while True:\n    pass\n")
    host.locator(".cm-content").click()
    host.keyboard.press("Control+Enter")
    expect(host.locator(".run-state")).to_contain_text("running")
    host.get_by_role("button", name="Stop").click()
    expect(host.locator(".run-state")).to_contain_text("stopped")


def test_each_language_keeps_its_file(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    create_session(host, server, "Languages", "print('kept')\n")
    host.get_by_label("Language").select_option("java")
    expect(host.get_by_role("tab", name="Main.java")).to_have_attribute("aria-selected", "true")
    expect(host.locator(".cm-content")).to_contain_text("public class Main")
    host.get_by_label("Language").select_option("python")
    expect(host.get_by_role("tab", name="main.py")).to_have_attribute("aria-selected", "true")
    expect(host.locator(".cm-content")).to_contain_text("print('kept')")
    assert code_of(host) == "print('kept')\n"


def test_end_and_reopen(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person()
    link = create_session(host, server, "Ending", "print('kept')\n")
    join(zoe, link, "Zoë")
    host.get_by_role("button", name="Wrap up").click()
    host.get_by_role("button", name="End the session").click()
    host.get_by_role("button", name="Code").click()
    for page in (host, zoe):
        expect(page.get_by_text("This session has ended")).to_be_visible()
        expect(page.locator(".cm-content")).to_contain_text("print('kept')")
        expect(page.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    picture(host, "ended-1280")
    host.get_by_role("button", name="Reopen").click()
    expect(host.locator(".cm-content")).to_have_attribute("contenteditable", "true")
    zoe.reload()
    expect(zoe.locator(".cm-content")).to_have_attribute("contenteditable", "true")


def test_an_observer_watches(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, eve = person(), person()
    create_session(host, server, "Watched", "x = 1\n")
    session_id = host.url.rpartition("/")[2]
    invite = httpx2.post(
        f"{server.url}/api/sessions/{session_id}/invites", json={"role": "observer"}
    ).json()
    join(eve, invite["url"], "Eve")
    expect(eve.locator(".cm-content")).to_have_attribute("contenteditable", "false")
    expect(eve.get_by_role("button", name="Run")).to_have_count(0)
    host.locator(".cm-content").click()
    host.keyboard.insert_text("seen_by_all ")
    expect(eve.locator(".cm-content")).to_contain_text("seen_by_all")


def test_a_pasted_windows_text_has_line_feeds_only(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    create_session(host, server, "Paste", "")
    host.locator(".cm-content").click()
    host.keyboard.press("Control+a")
    host.evaluate("navigator.clipboard.writeText('a = 1\\r\\nb = 2\\rc = 3\\n')")
    host.keyboard.press("Control+v")
    saved(host)
    session_id = host.url.rpartition("/")[2]
    expect(host.locator(".cm-content")).to_contain_text("c = 3")
    assert (
        httpx2.get(f"{server.url}/api/sessions/{session_id}/files/main.py").text
        == "a = 1\nb = 2\nc = 3\n"
    )


def test_undo_takes_back_ones_own_text_only(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    link = create_session(host, server, "Undo", "start\n")
    join(zoe, link, "Zoë")
    for page, text in ((host, "HOST"), (zoe, "ZOE")):
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text(text)
        expect(host.locator(".cm-content")).to_contain_text(text)
    expect(zoe.locator(".cm-content")).to_contain_text("HOST")
    host.keyboard.press("Control+z")
    for page in (host, zoe):
        expect(page.locator(".cm-content")).not_to_contain_text("HOST")
        expect(page.locator(".cm-content")).to_contain_text("ZOE")
        expect(page.locator(".cm-content")).to_contain_text("start")


def test_a_phone_shows_one_pane_at_a_time(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    host, zoe = person(color_scheme="dark", **phone), person(color_scheme="light", **phone)
    host.goto(server.url)
    expect(host.get_by_role("button", name="New session").first).to_be_visible()
    picture(host, "home-390")
    link = create_session(host, server, "On the train", PROGRAM)
    zoe.goto(link)
    picture(zoe, "join-390")
    join(zoe, link, "Zoë")
    zoe.get_by_role("button", name="Run the program").click()
    expect(zoe.locator(".screen")).to_contain_text("[0, 1]")
    expect(zoe.locator(".cm-content")).to_be_hidden()
    picture(zoe, "output-390")
    zoe.get_by_role("button", name="Code").click()
    expect(zoe.locator(".cm-content")).to_be_visible()
    picture(zoe, "code-light-390")
    picture(host, "code-dark-390")
    host.get_by_role("button", name="People").click()
    expect(host.locator(".people")).to_contain_text("Zoë")
    picture(host, "people-390")
    for page in (host, zoe):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            "nothing is wider than the phone"
        )


def test_home_lists_ends_and_erases(own_server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person(color_scheme="light")
    host.goto(own_server.url)
    expect(host.get_by_text("No sessions yet")).to_be_visible()
    picture(host, "home-empty-1280")
    for index in range(3):
        httpx2.post(f"{own_server.url}/api/sessions", json={"title": f"Session {index}"})
    host.reload()
    rows = host.locator(".session-row")
    expect(rows).to_have_count(3)
    expect(host.get_by_role("list", name="Today").locator("li")).to_have_count(3)
    rows.nth(0).get_by_role("button", name="End").click()
    ended = host.get_by_role("list", name="Ended").locator("li")
    expect(ended).to_contain_text("Session 2")
    ended.get_by_role("button", name="Wrap up").click()
    expect(host.get_by_role("heading", name="Wrap up: Session 2")).to_be_visible()
    host.go_back()
    expect(ended.get_by_role("button", name="Replay")).to_be_visible()
    picture(host, "home-1280")
    host.get_by_role("button", name="Delete Session 0").click()
    expect(rows).to_have_count(2)
    host.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(3)
    host.get_by_role("button", name="Delete Session 0").click()
    expect(rows).to_have_count(2)
    host.goto("about:blank")  # who leaves has decided
    wait_until(lambda: len(httpx2.get(f"{own_server.url}/api/sessions").json()) == 2, "the erasure")


def test_home_is_an_agenda(own_server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person(color_scheme="light")
    host.goto(own_server.url)
    host.get_by_role("button", name="New session").first.click()
    form = host.get_by_role("form", name="New session")
    form.get_by_label("Title").fill("LRU cache")
    form.get_by_label("Candidate's name").fill("Tomás Iglesias de la Torre")
    soon = host.evaluate(
        "new Date(Date.now() + 864e5 - new Date().getTimezoneOffset() * 6e4).toISOString()"
    )[:16]
    form.get_by_label("When").fill(soon)
    form.get_by_role("button", name="Create and copy link").click()
    expect(host.locator(".cm-content")).to_be_visible()  # the host takes part now
    with httpx2.Client(base_url=own_server.url) as client:
        made = client.post("/api/sessions", json={"title": "Two Sum"}).json()
        address = f"/api/sessions/{made['session_id']}"
        client.post(f"{address}/notes", json={"text": "takes part"})
        invited = {"token": made["share_url"].rpartition("/")[2], "name": "Zoë Martínez"}
        httpx2.post(f"{own_server.url}/api/join", json=invited)
        client.post(f"{address}/end")
        host.goto(own_server.url)
        coming = host.get_by_role("list", name="Coming").locator("li")
        expect(coming).to_contain_text("LRU cacheTomás Iglesias de la Torre")
        expect(coming).to_contain_text("with Host")
        expect(coming.get_by_role("button", name="Copy link")).to_be_visible()
        ended = host.get_by_role("list", name="Ended").locator("li")
        expect(ended).to_contain_text("Two SumZoë Martínez")
        expect(ended).to_contain_text("your decision is missing")
        client.put(f"{address}/decision", json={"verdict": "strong_yes"})
    host.reload()
    expect(ended).to_contain_text("strong yes")
    picture(host, "home-agenda-1280")
    host.set_viewport_size({"width": 390, "height": 800})
    assert host.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(host, "home-agenda-390")


def test_home_is_searched(own_server: ServerProcess, person: Callable[..., Page]) -> None:
    with httpx2.Client(base_url=own_server.url) as client:
        for index in range(120):
            client.post("/api/sessions", json={"title": f"Session {index}", "language": "java"})
        client.post("/api/sessions", json={"title": "Two Sum", "candidate_name": "Zoë"})
    host = person()
    host.goto(own_server.url)
    rows = host.locator(".session-row")
    expect(rows).to_have_count(50)
    host.get_by_role("button", name="Show older sessions").click()
    expect(rows).to_have_count(100)
    host.get_by_role("searchbox").fill("zo")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Two Sum")
    expect(rows.first).to_contain_text("last activity")
    host.get_by_label("Show", exact=True).select_option("ended")
    expect(host.get_by_text("No session has that")).to_be_visible()
    host.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(50)


def test_back_leaves(server: ServerProcess, person: Callable[..., Page]) -> None:
    """One step from each screen to the one before: joining, playing and looking about are no steps."""
    host, zoe = person(), person()
    link = create_session(host, server, "Back", PROGRAM)
    address = host.url
    zoe.goto("about:blank")
    join(zoe, link, "Zoë")
    saved(zoe)
    zoe.go_back()
    expect(zoe).to_have_url("about:blank")
    zoe.go_forward()
    expect(zoe.locator(".cm-content")).to_be_visible()  # in again, without being asked for a name
    host.get_by_role("button", name="Wrap up").click()
    expect(host.get_by_role("heading", name="Wrap up: Back")).to_be_visible()
    host.get_by_role("link", name="Replay").or_(
        host.get_by_role("button", name="Replay")
    ).first.click()
    expect(host.locator(".timeline")).to_be_visible()
    host.keyboard.press("End")
    host.keyboard.press("ArrowLeft")
    expect(host).to_have_url(re.compile("/replay#"))
    for screen in (f"{address}/wrap-up", address, f"{server.url}/"):
        host.go_back()
        expect(host).to_have_url(screen)


def test_unhappy_addresses_explain_themselves(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    page = person()
    page.goto(f"{server.url}/j/forged")
    expect(page.get_by_text("This link does not work")).to_be_visible()
    page.goto(f"{server.url}/s/{'0' * 32}")
    expect(page.get_by_text("This session is not here")).to_be_visible()
    expect(page).to_have_title("This session is not here · Pizarra")
    page.goto(f"{server.url}/j/")  # a link that was cut off
    expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
    expect(page).to_have_title("Nothing is here · Pizarra")
    assert violations(page) == []


def test_documentation_needs_no_internet(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    page = person()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/docs")  # each draws every operation
    expect(page.get_by_text("/api/sessions", exact=True).first).to_be_visible(timeout=20_000)
    page.goto(f"{server.url}/redoc")
    expect(page.get_by_role("heading", name="Create Session")).to_be_visible(timeout=20_000)
    page.goto(server.url)
    foreign = [url for url in asked if not url.startswith((server.url, "data:", "blob:"))]
    assert foreign == []
