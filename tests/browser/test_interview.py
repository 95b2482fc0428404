"""An interview with everything the interviewers have: what they see, and what the candidate never does."""

import re
from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import picture
from tests.harness.axe import violations
from tests.harness.hands import caret_at
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess

CODE = "def two_sum(nums, target):\n    seen = {}\n    return seen\n"


def open_session(server: ServerProcess, host: Page, **body: object) -> tuple[dict[str, str], str]:
    """Create a session and open it as its host; return it and its address."""
    session = httpx2.post(f"{server.url}/api/sessions", json={"initial_code": CODE, **body}).json()
    address = f"{server.url}/s/{session['session_id']}"
    host.goto(address)
    expect(host.locator(".cm-content")).to_be_visible()
    return session, address


def come_in(page: Page, link: str, name: str) -> None:
    """Join by a link."""
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.locator(".cm-content")).to_be_visible()


def tab(page: Page, name: str) -> None:
    """Open a part of the side panel."""
    page.get_by_role("tab", name=name, exact=True).click()


def interviewer_link(server: ServerProcess, session: dict[str, str]) -> str:
    """Return a link for one more interviewer."""
    path = f"{server.url}/api/sessions/{session['session_id']}/invites"
    return str(httpx2.post(path, json={"role": "interviewer"}).json()["url"])


def test_notes_chat_and_blind_scores(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe, ida = person(), person(), person(color_scheme="dark")
    session, _ = open_session(server, host)
    come_in(zoe, session["share_url"], "Zoë")
    come_in(ida, interviewer_link(server, session), "Ida")
    tab(host, "Notes")
    field = host.get_by_label("Private note")
    field.fill("Asks about duplicates")
    field.press("Enter")
    expect(host.locator(".entries")).to_contain_text("Asks about duplicates")
    expect(field).to_have_value("")
    host.get_by_label("What to write").select_option("chat")
    host.get_by_label("Line to the interviewers").fill("Shall I ask for the hash map?")
    host.get_by_role("button", name="Send").click()
    tab(ida, "Notes")
    expect(ida.locator(".entries")).to_contain_text("Shall I ask for the hash map?")
    host.get_by_role("button", name="Edit").first.click()
    host.get_by_role("textbox", name="Edit", exact=True).fill("Asks about duplicates at once")
    host.get_by_role("button", name="Save", exact=True).click()
    expect(ida.locator(".entries")).to_contain_text("at once")
    picture(host, "notes-1280")
    assert violations(host) == []
    # Nothing can be judged before what was kept earlier is here: it would take the judgement back.
    asked: list[Route] = []
    host.route("**/scores", lambda route: asked.append(route), times=1)  # noqa: PLW0108 - Playwright looks into it
    tab(host, "Scores")
    scores = host.get_by_role("group", name="Problem solving")
    expect(scores.get_by_label("3 · good")).to_be_disabled()
    # Playwright tells of it while one asks
    wait_until(lambda: bool(host.title() and asked), "the question for the card")
    asked.pop().continue_()
    scores.get_by_label("3 · good").check()
    host.get_by_label("Why, for Problem solving").fill("Found the hash map")
    expect(host.get_by_text("kept", exact=True)).to_be_visible()
    tab(ida, "Scores")
    expect(ida.get_by_text("Nobody else has submitted")).to_be_visible()
    host.get_by_role("button", name="Submit scores").click()
    expect(ida.locator(".card")).to_contain_text("Found the hash map")
    picture(ida, "scores-dark-1280")
    assert violations(ida) == []
    # The candidate has no such panel, and nothing of it ever reached their page.
    expect(zoe.get_by_role("tab", name="People")).to_be_visible()
    expect(zoe.get_by_role("tab", name="Notes")).to_have_count(0)
    assert "duplicates" not in zoe.content()


def test_scores_that_could_not_be_kept_are_kept_before_they_are_submitted(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """What the server did not take was forgotten: an older card was submitted, and another one shown."""
    host = person()
    session, _ = open_session(server, host)
    tab(host, "Scores")
    host.route(
        "**/scores",
        lambda route: (
            route.fulfill(status=503, json={})
            if route.request.method == "PUT"
            else route.continue_()
        ),
    )
    with host.expect_response(lambda answer: answer.request.method == "PUT"):
        host.get_by_role("group", name="Problem solving").get_by_label("3 · good").check()
    host.unroute("**/scores")
    with host.expect_response("**/scores/submit") as submitted:
        host.get_by_role("button", name="Submit scores").click()
    assert submitted.value.status == 200
    [card] = httpx2.get(f"{server.url}/api/sessions/{session['session_id']}/scores").json()
    assert [each["score"] for each in card["scores"]] == [3]


def test_both_sides_see_the_same_of_pastes_and_absence(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host, rules="You may look things up.")
    zoe.goto(session["share_url"])
    expect(zoe.get_by_text("You may look things up.")).to_be_visible()
    expect(zoe.get_by_text("when you leave this page and come back")).to_be_visible()
    picture(zoe, "join-1280")
    assert violations(zoe) == []
    come_in(zoe, session["share_url"], "Zoë")
    code = zoe.locator(".cm-content")
    code.click()
    zoe.keyboard.press("Control+End")
    zoe.evaluate("text => navigator.clipboard.writeText(text)", "# from elsewhere\n" * 10)
    zoe.keyboard.press("Control+v")
    for page in (host, zoe):
        tab(page, "Activity")
        expect(page.locator(".entries")).to_contain_text("Zoë pasted 170 characters")
        expect(page.locator(".entries")).to_contain_text("from outside")
    # Cut and pasted again it is their own.
    code.press("Control+a")
    code.press("Control+x")
    code.press("Control+v")
    expect(host.locator(".entries")).to_contain_text("cut or copied here by the same person")
    expect(host.get_by_role("button", name="Say why")).to_have_count(0)  # it is for Zoë to say
    zoe.get_by_role("button", name="Say why").last.click()
    zoe.get_by_label("What the others should know").fill("my usual header")
    zoe.get_by_role("button", name="Say it").click()
    expect(host.locator(".entries")).to_contain_text("my usual header")
    # Another window comes to the front for longer than a glance.
    zoe.evaluate(
        """() => {
            document.hasFocus = () => false;
            dispatchEvent(new Event("blur"));
        }"""
    )
    expect(host.locator(".entries")).to_contain_text("Zoë left the page")
    tab(host, "People")
    expect(host.locator(".people")).to_contain_text("away from the page")
    zoe.evaluate("() => { delete document.hasFocus; dispatchEvent(new Event('focus')); }")
    expect(host.locator(".people")).not_to_contain_text("away from the page")
    tab(host, "Activity")
    expect(host.locator(".entries")).to_contain_text("Zoë came back after")
    picture(host, "activity-1280")
    assert violations(host) == []
    # Who comes when Zoë has left, or loads the page again, is told her name all the same.
    zoe.get_by_role("button", name=re.compile("^Run")).click()
    ran = host.locator(".run-state")
    expect(ran).to_contain_text("Zoë · main.py · exited 0")
    zoe.close()
    expect(host.locator(".bar")).not_to_contain_text("Zoë")
    expect(ran).to_contain_text("Zoë · main.py")
    host.reload()
    expect(ran).to_contain_text("Zoë · main.py")
    tab(host, "Activity")
    expect(host.locator(".entries")).to_contain_text("Zoë ran main.py")
    expect(host.locator(".entries")).to_contain_text("Zoë pasted 170 characters")


def test_a_session_without_signals_shows_none(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    open_session(server, host, signals="none")
    host.locator(".cm-content").click()
    host.evaluate("text => navigator.clipboard.writeText(text)", "x = 1\n" * 40)
    host.keyboard.press("Control+v")
    host.get_by_role("button", name=re.compile("^Run")).first.click()
    tab(host, "Activity")
    expect(host.locator(".entries")).to_contain_text("Host ran main.py")
    expect(host.locator(".entries")).not_to_contain_text("pasted")


def test_looking_together(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person()
    session, _ = open_session(
        server, host, initial_code="\n".join(f"line_{n} = {n}" for n in range(300))
    )
    come_in(zoe, session["share_url"], "Zoë")
    # Following shows what somebody looks at, in whatever file, and ends when one goes one's own way.
    host.get_by_role("button", name="Follow Zoë").first.click()
    expect(host.get_by_text("Following Zoë")).to_be_visible()
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+End")
    expect(host.locator(".cm-line", has_text="line_299 = 299")).to_be_visible()
    zoe.get_by_role("button", name="New file").click()
    zoe.get_by_label("Name of the new file").fill("notes.py")
    zoe.keyboard.press("Enter")
    expect(host.get_by_role("tab", name="notes.py")).to_have_attribute("aria-selected", "true")
    host.locator(".cm-content").click()
    expect(host.get_by_text("Following Zoë")).to_have_count(0)
    # Everybody comes where the interviewer is.
    host.get_by_role("tab", name="main.py").click()
    host.locator(".cm-content").click()
    host.keyboard.press("Control+Home")
    host.get_by_role("button", name="Bring everybody to me").click()
    expect(zoe.get_by_role("tab", name="main.py")).to_have_attribute("aria-selected", "true")
    expect(zoe.locator(".cm-line", has_text="line_0 = 0")).to_be_visible()
    # Pointing shows a place for a moment and types nothing.
    host.locator(".cm-line", has_text="line_2 = 2").click(
        modifiers=["Alt"], position={"x": 20, "y": 10}
    )
    expect(zoe.locator(".peer-point")).to_have_text("line_2")
    picture(zoe, "point-1280")
    expect(zoe.locator(".peer-point")).to_have_count(0)


def test_a_suggestion_is_accepted_and_another_declined(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host)
    come_in(zoe, session["share_url"], "Zoë")
    # Whatever comes and goes around it, the line with the caret stays where it is: on a row of the screen, in a column.
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Control+Home")
    zoe.keyboard.type("# hello\n" * 9)
    before = caret_at(zoe)
    host.locator(".cm-line", has_text="seen = {}").click()
    there = caret_at(host)
    host.get_by_role("button", name="Suggest", exact=True).click()
    host.get_by_label("Another text for the marked lines").fill("    seen: dict[int, int] = {}")
    assert caret_at(host) == there
    host.get_by_role("button", name="Send suggestion").click()
    expect(zoe.locator(".suggestions")).to_contain_text("Host suggests")
    tab(host, "People")
    host.get_by_label("Lock their running").click()
    expect(host.get_by_label("Lock their running")).to_be_checked()
    expect(zoe.locator(".banner")).to_be_visible()
    assert caret_at(zoe) == before
    picture(zoe, "suggestion-1280")
    assert violations(zoe) == []
    zoe.get_by_role("button", name="Accept").click()
    expect(host.locator(".cm-content")).to_contain_text("seen: dict[int, int] = {}")
    expect(host.get_by_text("Zoë accepted the suggestion")).to_be_visible()
    expect(zoe.locator(".suggestions")).to_have_count(0)
    expect(zoe.locator(".cm-content")).to_contain_text("# hello")
    host.locator(".cm-line", has_text="return seen").click()
    host.get_by_role("button", name="Suggest", exact=True).click()
    host.get_by_label("Another text for the marked lines").fill("    return None")
    host.get_by_role("button", name="Send suggestion").click()
    zoe.get_by_role("button", name="Decline").click()
    expect(host.get_by_text("Zoë declined the suggestion")).to_be_visible()
    expect(host.locator(".cm-content")).not_to_contain_text("return None")


def test_private_thinking_time(server: ServerProcess, person: Callable[..., Page]) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host)
    # Alone, it speaks of nobody else.
    expect(host.locator(".side")).to_contain_text(
        "Nobody else is here yet. Copy the link and send it."
    )
    expect(host.locator(".screen")).not_to_contain_text("everybody")
    come_in(zoe, session["share_url"], "Zoë")
    expect(host.locator(".screen")).to_contain_text("everybody in the session sees what it prints")
    host.get_by_label("Private thinking time").select_option("2")
    host.get_by_role("button", name="Start").click()
    expect(host.get_by_text(re.compile(r"Private thinking time: \d:\d\d left"))).to_be_visible()
    expect(host.locator(".cm-content")).to_have_count(0)
    expect(zoe.get_by_text("hide your editor")).to_be_visible()
    picture(host, "thinking-1280")
    assert violations(host) == []
    zoe.locator(".cm-content").click()
    zoe.keyboard.type("# unseen\n")
    zoe.get_by_role("button", name="Show my editor").click()
    expect(host.locator(".cm-content")).to_contain_text("# unseen")
    expect(zoe.get_by_text("hide your editor")).to_have_count(0)
    # What hides it is put away by keyboard too.
    host.get_by_role("button", name="Start").press("Enter")
    veil = host.locator(".veil button")
    expect(veil).to_be_visible()
    for _ in range(60):
        if veil.evaluate("(each) => each === document.activeElement"):
            break
        host.keyboard.press("Tab")
    expect(veil).to_be_focused()
    host.keyboard.press("Enter")
    expect(host.locator(".cm-content")).to_contain_text("# unseen")


def test_the_interviewer_sees_a_freeze_for_what_it_is(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    session, _ = open_session(server, host)
    come_in(zoe, session["share_url"], "Zoë")
    people = host.locator(".people")
    expect(people).to_contain_text(re.compile(r"Zoë.*\d+ ms", re.DOTALL))
    zoe.context.set_offline(True)
    zoe.locator(".cm-content").click()
    zoe.keyboard.type("# typed offline\n")
    # An open socket that says nothing any more is told from somebody who thinks.
    expect(people).to_contain_text(re.compile("no sign of life|not connected for"))
    picture(host, "silent-1280")
    zoe.context.set_offline(False)
    expect(host.locator(".cm-content")).to_contain_text("# typed offline", timeout=40_000)
    expect(people).not_to_contain_text("no sign of life")
    # Whoever is not connected themselves is told nothing of others: it would be read as theirs.
    expect(people).to_contain_text(re.compile(r"Zoë.*\d+ ms", re.DOTALL))
    host.context.set_offline(True)
    expect(host.locator(".chip")).to_contain_text("reconnecting")
    expect(people.locator(".connection")).to_have_text([""])
    host.context.set_offline(False)
    expect(people).to_contain_text(re.compile(r"Zoë.*\d+ ms", re.DOTALL))


def test_format_and_completion(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    open_session(server, host, initial_code="def  f( a,b ):\n  return {'a':a,'b':b}\n")
    host.get_by_role("button", name="Format").click()
    expect(host.get_by_text("main.py was formatted by Ruff.")).to_be_visible()
    expect(host.locator(".cm-content")).to_contain_text("def f(a, b):")
    host.locator(".cm-content").click()
    host.keyboard.press("Control+End")
    host.keyboard.type("enume")
    expect(host.locator(".cm-tooltip-autocomplete")).to_contain_text("enumerate")
    picture(host, "completion-1280")
    host.keyboard.press("Escape")
    host.keyboard.press("Control+a")
    host.keyboard.type("def f(:\n")
    host.get_by_role("button", name="Format").click()
    expect(host.locator(".toast")).to_contain_text(
        re.compile("expected|Expected|parse", re.IGNORECASE)
    )


def test_panes_are_resized_by_keyboard_and_mouse_and_stay_so(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host = person()
    _, address = open_session(server, host)
    side, edge = (
        host.locator(".side"),
        host.get_by_role("separator", name="Width of the side panel"),
    )
    before = side.bounding_box()
    assert before is not None
    edge.focus()
    host.keyboard.press("ArrowLeft")
    expect(edge).to_have_attribute("aria-valuenow", str(int(before["width"]) + 24))
    ledge = host.get_by_role("separator", name="Height of the terminal")
    box = ledge.bounding_box()
    assert box is not None
    host.mouse.move(box["x"] + 100, box["y"] + 2)
    host.mouse.down()
    host.mouse.move(box["x"] + 100, box["y"] - 98)
    host.mouse.up()
    expect(ledge).to_have_attribute("aria-valuenow", re.compile(r"3[56]\d"))
    host.goto(address)
    expect(edge).to_have_attribute("aria-valuenow", str(int(before["width"]) + 24))
    expect(ledge).to_have_attribute("aria-valuenow", re.compile(r"3[56]\d"))
    edge.dblclick()
    expect(edge).to_have_attribute("aria-valuenow", str(int(before["width"])))
