"""Names as long as they may be, colours that the system chooses, and paper: nothing is pushed out of its place."""

from collections.abc import Callable
from typing import Any

import httpx2
from playwright.sync_api import Page, expect
from tests.browser.test_interview import come_in
from tests.harness.server import ServerProcess

LONG = "A question whose title is rather long and goes on for a while"
_DROP = """([selector, name]) => {
  const at = document.querySelector(selector);
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["x"], name, { type: "text/plain" }));
  const how = { bubbles: true, cancelable: true, dataTransfer };
  return ["dragover", "drop"].map((kind) => !at.dispatchEvent(new DragEvent(kind, how)));
}"""
_ENDS = "(each) => each.getBoundingClientRect().right"


def planned(server: ServerProcess) -> dict[str, Any]:
    """Return a session by a plan of two questions with long titles."""
    questions = [
        httpx2.post(
            f"{server.url}/api/questions", json={"title": f"{LONG} {number}", "minutes": 5}
        ).json()["question_id"]
        for number in range(2)
    ]
    steps = [{"question_id": each, "minutes": 5} for each in questions]
    plan = httpx2.post(
        f"{server.url}/api/plans", json={"title": "An hour", "questions": steps}
    ).json()["plan_id"]
    return dict(httpx2.post(f"{server.url}/api/sessions", json={"plan_id": plan}).json())


def test_a_long_title_stays_in_its_pane(server: ServerProcess, person: Callable[..., Page]) -> None:
    """The button that stops a program lay over the panel beside it, and so did the way to the next question."""
    session = planned(server)
    ana, zoe = person(), person()
    come_in(zoe, session["share_url"], "Zoë")
    zoe.locator(".cm-content").click()
    ana.goto(f"{server.url}/s/{session['session_id']}")
    ana.get_by_role("button", name=f"Next: {LONG} 1").click()
    line = zoe.locator(".follow-line")
    expect(line).to_be_visible()
    for page in (ana, zoe):
        pane = page.locator(".output").evaluate(_ENDS)
        assert page.get_by_role("button", name="Stop").evaluate(_ENDS) <= pane
    pane = zoe.locator(".files").evaluate(_ENDS)
    assert line.evaluate(_ENDS) <= pane
    assert line.get_by_role("button").evaluate(_ENDS) <= pane
    plan = ana.get_by_role("region", name="Plan")
    given = plan.get_by_role("button", name=f"{LONG} 0")
    assert given.evaluate(_ENDS) <= plan.evaluate(_ENDS)
    # On paper too the plan says which questions were given.
    ana.emulate_media(media="print")
    expect(given).to_be_visible()


def test_a_word_without_an_end_pushes_nothing_out_of_reach(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """By their name who waited moved the button that lets them in out of the window, and an address the field below."""
    made = httpx2.post(
        f"{server.url}/api/sessions",
        json={"title": "T" * 150, "waiting_room": True, "rules": "https://" + "r" * 300},
    ).json()
    ana, zoe = person(), person(viewport={"width": 390, "height": 844})
    ana.goto(f"{server.url}/s/{made['session_id']}")
    zoe.goto(made["share_url"])
    zoe.get_by_label("Your name").fill("z" * 80)
    assert zoe.evaluate("document.documentElement.scrollWidth <= innerWidth")
    zoe.get_by_role("button", name="Join").click()
    let_in = ana.get_by_role("button", name="Let in")
    expect(let_in).to_be_visible()
    assert let_in.evaluate(_ENDS) <= 1280
    let_in.click()
    expect(zoe.locator(".panes")).to_be_visible()
    ana.get_by_role("tab", name="Everybody").click()
    ana.get_by_label("Line to everybody").fill("https://" + "m" * 300)
    ana.keyboard.press("Enter")
    expect(ana.get_by_role("tabpanel")).to_contain_text("mmm")
    for name in ("Everybody", "People"):
        ana.get_by_role("tab", name=name).click()
        panel = ana.get_by_role("tabpanel", name=name)
        assert panel.evaluate("(each) => each.scrollWidth <= each.clientWidth")


def test_chosen_colours_tell_which_tab_is_open(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """What told it was a shadow, and where the system chooses the colours there is none."""
    session = httpx2.post(f"{server.url}/api/sessions").json()["session_id"]
    ana = person(forced_colors="active")
    ana.goto(f"{server.url}/s/{session}")
    for name in ("main.py", "People"):
        tab = ana.get_by_role("tab", name=name)
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(tab).to_have_css("border-bottom-style", "solid")
        expect(tab).to_have_css("border-bottom-width", "3px")
    expect(ana.get_by_role("tab", name="Notes")).to_have_css("border-bottom-width", "0px")


def test_no_screen_is_left_for_a_file_that_is_dropped(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """Only a session kept its place: a half-written question was replaced by the file."""
    session = httpx2.post(f"{server.url}/api/sessions").json()["session_id"]
    ana = person()
    for path, shown in (
        ("/library/new", "textarea"),
        (f"/s/{session}/wrap-up", "textarea"),
        (f"/s/{session}/replay", ".cm-content"),
    ):
        ana.goto(f"{server.url}{path}")
        expect(ana.locator(shown).first).to_be_visible()
        ana.wait_for_function(
            "([how, shown]) => eval(how)([shown, 'a.txt']).every(Boolean)", arg=[_DROP, shown]
        )
    assert ana.evaluate(_DROP, ["body", "a.txt"]) == [True, True]
