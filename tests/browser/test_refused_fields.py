"""What is refused of a form is said by the label that stands beside its field, which is marked and has the keyboard."""

from collections.abc import Callable

import httpx2
from playwright.sync_api import Locator, Page, Route, expect
from tests.browser.conftest import picture
from tests.browser.test_accounts import link_for, public, sign_in
from tests.browser.test_interview import tab
from tests.browser.test_story import create_session
from tests.harness.actors import PASSWORD, browser
from tests.harness.axe import violations
from tests.harness.server import ServerProcess

__all__ = ["public"]


def is_refused(field: Locator, why: str) -> None:
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(why)


def test_a_refused_field_is_called_as_its_label(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """People read `candidate_name: string should have at most 80 characters`, and looked for it."""
    host = person()
    host.goto(server.url)
    host.get_by_role("button", name="New session").first.click()
    candidate, rules = (
        host.get_by_label("Candidate's name"),
        host.get_by_label("What is allowed"),
    )
    # As an older page would have sent it, which knows no such limit.
    candidate.evaluate("(each) => each.removeAttribute('maxlength')")
    candidate.fill("x" * 81)
    host.get_by_role("button", name="Create and copy link").click()
    is_refused(candidate, "Candidate's name: string should have at most 80 characters")
    assert violations(host) == []
    candidate.fill("Zoë")
    expect(candidate).not_to_have_attribute("aria-invalid", "true")
    # One that is folded away is shown.
    rules.evaluate("(each) => each.removeAttribute('maxlength')")
    rules.evaluate("(each) => (each.closest('details').open = true)")
    rules.fill("x" * 501)
    rules.evaluate("(each) => (each.closest('details').open = false)")
    host.get_by_role("button", name="Create and copy link").click()
    expect(rules).to_be_visible()
    expect(rules).to_be_focused()


def test_a_note_that_is_too_long_is_refused_at_its_field(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    """It said `text: must not have…`, in a word that went away."""
    host = person()
    create_session(host, server, "Long notes")
    tab(host, "Notes")
    note = host.get_by_label("Private note")
    note.fill("x" * 10_001)
    note.press("Enter")
    is_refused(note, "Private note: must not have more than 10,000 characters")
    note.fill("x")
    note.press("Enter")
    expect(note).to_have_value("")
    expect(host.locator(".composer .problem")).to_have_count(0)


def test_passwords_are_refused_where_they_are_typed(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, admin = public
    ana = person()
    ana.goto(link_for(admin, "ana@example.org"))
    # Whose it is, before anything is asked for.
    expect(ana.get_by_text("The link is for the account of ana, ana@example.org.")).to_be_visible()
    password = ana.get_by_label("Password")
    password.fill("ana@example.org123")
    ana.get_by_role("button", name="Save and sign in").click()
    is_refused(
        password,
        "Password: this is one of the first that somebody would try. Take a few words of your own",
    )
    password.fill(PASSWORD)
    ana.get_by_role("button", name="Save and sign in").click()
    expect(ana.get_by_role("button", name="New session").first).to_be_visible()

    ana.goto(f"{server.url}/me")
    old, new = ana.get_by_label("The one you have"), ana.get_by_label("The one you want")
    old.fill("not this one, certainly")
    new.fill("seven green bicycles")
    ana.get_by_role("button", name="Change password").click()
    is_refused(old, "The old password is wrong.")
    expect(ana.get_by_text("The name or the password")).to_have_count(0)
    old.fill(PASSWORD)
    ana.get_by_role("button", name="Change password").click()
    expect(ana.get_by_text("Password changed.")).to_be_visible()


def test_a_link_that_was_used_asks_for_no_password(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, admin = public
    link = link_for(admin, "bo")
    with browser(server) as bo:
        secret = link.partition("#")[2]
        assert bo.post("/api/welcome/link", json={"token": secret}).json() == {
            "name": "bo",
            "display_name": "bo",
        }
        bo.post("/api/welcome", json={"token": secret, "password": PASSWORD}).raise_for_status()
    page = person()
    page.goto(link)
    expect(page.get_by_text("This link was used, or its time is over.")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)


def test_an_account_is_changed_on_the_page(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    """Who became a colleague of another team, or looks after accounts now, could only be made so by a program."""
    _, admin = public
    admin.post("/api/teams", json={"name": "Backend"}).raise_for_status()
    admin.post("/api/accounts", json={"name": "dan"}).raise_for_status()
    for each in admin.get("/api/accounts").json():
        if each["name"] != "root":
            admin.patch(f"/api/accounts/{each['account_id']}", json={"role": "interviewer"})
    root = person()
    sign_in(root, "root", f"{public[0].url}/accounts")
    root.get_by_role("button", name="Change dan").click()
    form = root.get_by_role("form", name="Change dan")
    expect(form.get_by_label("How others see them")).to_be_focused()
    form.get_by_label("How others see them").fill("Dan Núñez")
    form.get_by_label("Role").select_option(label="administrator")
    form.get_by_label("Team").select_option(label="Backend")
    picture(root, "account-form-1280")
    assert violations(root) == []
    form.get_by_role("button", name="Save").click()
    expect(root.get_by_text("dan, administrator in Backend")).to_be_visible()
    expect(root.get_by_role("button", name="Change Dan Núñez")).to_be_focused()
    (dan,) = (each for each in admin.get("/api/accounts").json() if each["name"] == "dan")
    assert (dan["display_name"], dan["role"], dan["team"]) == ("Dan Núñez", "admin", "Backend")

    # The last administrator stays one.
    admin.patch(f"/api/accounts/{dan['account_id']}", json={"role": "interviewer"})
    root.get_by_role("button", name="Change Root").click()
    form = root.get_by_role("form", name="Change Root")
    form.get_by_label("Role").select_option(label="interviewer")
    form.get_by_role("button", name="Save").click()
    is_refused(form.get_by_label("Role"), "This is the last administrator: make another one first.")
    form.get_by_role("button", name="Cancel").click()
    expect(root.get_by_text("root, administrator in")).to_be_visible()


def test_what_is_refused_of_a_team_is_not_called_as_the_api_does(
    public: tuple[ServerProcess, httpx2.Client], person: Callable[..., Page]
) -> None:
    server, _ = public
    root = person()
    sign_in(root, "root", f"{server.url}/accounts")
    days = root.get_by_label("Days after which ended sessions of Interviewers are erased")

    def more(route: Route) -> None:
        route.continue_(post_data={"retention_days": 36_501})

    root.route("**/api/teams/*", more)  # the page would not send it
    days.fill("90")
    days.press("Enter")
    said = root.get_by_text("input should be less than or equal to 36500")
    expect(said).to_contain_text("Days after which ended sessions of Interviewers are erased")
    expect(said).not_to_contain_text("retention_days")
