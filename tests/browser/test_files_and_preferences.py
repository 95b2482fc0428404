"""Files by their tabs, and the page as each person likes it."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_interview import come_in, open_session
from tests.browser.test_story import code_of, create_session, join, saved
from tests.harness.server import ServerProcess

PROGRAM = "from lib.tools import greet\n\nprint(greet('Zoë'))\n"
TOOLS = "def greet(name):\r\n    return f'hello {name}'\r\n"


def menu(page: Page, item: str) -> None:
    page.get_by_role("button", name="File", exact=True).click()
    page.get_by_role("button", name=item).click()


def test_files_are_added_renamed_deleted_and_brought_back(
    server: ServerProcess, person: Callable[..., Page], tmp_path: Path
) -> None:
    host, zoe = person(color_scheme="dark"), person()
    join(zoe, create_session(host, server, "Files", PROGRAM), "Zoë")

    # Names are checked where they are typed.
    zoe.get_by_role("button", name="New file").click()
    field = zoe.get_by_label("Name of the new file")
    for wrong, says in (
        ("", "Type a name"),
        ("main.py", "already"),
        ("../x.py", "plain path"),
        ("main.py/x", "folder"),
    ):
        field.fill(wrong)
        field.press("Enter")
        expect(zoe.get_by_role("alert")).to_contain_text(says)
    picture(zoe, "file-name-refused")
    field.fill("helpers.py")
    field.press("Enter")
    for page in (host, zoe):
        expect(page.get_by_role("tab", name="helpers.py")).to_be_visible()
    zoe.locator(".cm-content").click()
    zoe.keyboard.insert_text("x = 1")
    saved(zoe)

    # Renamed: gone under the old name, with its text under the new one.
    menu(zoe, "Rename helpers.py…")
    zoe.get_by_label("New name of helpers.py").fill("notes.md")
    zoe.keyboard.press("Enter")
    expect(host.get_by_role("tab", name="helpers.py")).to_have_count(0)
    host.get_by_role("tab", name="notes.md").click()
    expect(host.locator(".cm-content")).to_contain_text("x = 1")

    # Deleted, and brought back as it was.
    menu(host, "Delete notes.md")
    expect(zoe.get_by_role("tab", name="notes.md")).to_have_count(0)
    picture(host, "file-deleted")
    host.get_by_role("button", name="Undo").click()
    expect(zoe.get_by_role("tab", name="notes.md")).to_be_visible()
    expect(host.locator(".cm-content")).to_contain_text("x = 1")
    host.get_by_role("tab", name="main.py").click()
    host.get_by_role("button", name="File", exact=True).click()
    expect(host.get_by_text("main.py is what Run runs: it stays.")).to_be_visible()
    host.keyboard.press("Escape")
    expect(host.get_by_text("it stays.")).to_have_count(0)

    # Uploaded, and used by the program.
    upload = tmp_path / "tools.py"
    upload.write_bytes(TOOLS.encode())
    zoe.get_by_label("Files to upload").set_input_files(upload)
    expect(zoe.get_by_role("tab", name="tools.py")).to_be_visible()
    menu(zoe, "Rename tools.py…")
    zoe.get_by_label("New name of tools.py").fill("lib/tools.py")
    zoe.keyboard.press("Enter")
    expect(host.get_by_role("tab", name="lib/tools.py")).to_be_visible()
    zoe.get_by_role("button", name="Run", exact=False).first.click()
    expect(host.locator(".screen")).to_contain_text("hello Zoë")
    picture(host, "several-files")

    with zoe.expect_download() as download:
        menu(zoe, "Download lib/tools.py")
    assert download.value.suggested_filename == "tools.py"
    assert Path(download.value.path()).read_bytes() == TOOLS.replace("\r\n", "\n").encode()


def test_what_others_do_takes_nobody_out_of_their_file(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(), person()
    join(zoe, create_session(host, server, "Nobody is moved", "print(1)\n"), "Zoë")
    session = f"{server.url}/api/sessions/{host.url.rpartition('/')[2]}"
    run = zoe.get_by_role("button", name=re.compile("^Run main.py"))
    expect(run).to_be_visible()
    zoe.get_by_role("button", name="New file").click()
    zoe.get_by_label("Name of the new file").fill("a_helper.py")
    zoe.keyboard.press("Enter")
    expect(zoe.locator(".cm-content")).to_be_focused()
    zoe.keyboard.type("one ")
    # Another language, and somebody who wants everybody at another place: she is told, and offered to go.
    host.get_by_label("Language").select_option("javascript")
    expect(zoe.get_by_role("button", name="Go to main.js")).to_be_visible()
    expect(zoe.get_by_role("button", name=re.compile("^Run main.js"))).to_be_visible()
    zoe.keyboard.type("two ")
    host.get_by_role("button", name="Bring everybody to me").click()
    expect(zoe.get_by_text("Host asks you to look at main.js.")).to_be_visible()
    zoe.keyboard.type("three ")
    # The file that she writes in is renamed, and deleted, under her hands.
    host.get_by_role("tab", name="a_helper.py").click()
    menu(host, "Rename a_helper.py…")
    host.get_by_label("New name of a_helper.py").fill("tools.py")
    host.keyboard.press("Enter")
    expect(zoe.get_by_role("tab", name="tools.py")).to_have_attribute("aria-selected", "true")
    expect(zoe.get_by_label(re.compile("^tools.py, shared editor"))).to_be_focused()
    zoe.keyboard.type("four ")
    expect(host.locator(".cm-content")).to_contain_text("one two three four")
    menu(host, "Delete tools.py")
    expect(zoe.get_by_text("tools.py was deleted. What you type is kept.")).to_be_visible()
    zoe.keyboard.type("five")
    picture(zoe, "file-gone")
    zoe.get_by_role("button", name="Bring back tools.py").click()
    expect(zoe.get_by_text("What you type is kept.")).to_have_count(0)
    saved(zoe)
    assert httpx2.get(f"{session}/files/tools.py").text == "one two three four five"
    assert httpx2.get(f"{session}/files/main.py").text == "print(1)\n"
    # Who only looks on is led, and may go back.
    host.get_by_role("tab", name="main.py").click()
    host.locator(".cm-content").click()
    zoe.get_by_role("tab", name="main.js").click()
    host.get_by_role("button", name="Bring everybody to me").click()
    expect(zoe.get_by_role("tab", name="main.py")).to_have_attribute("aria-selected", "true")
    expect(zoe.locator(".cm-content")).not_to_be_focused()
    zoe.get_by_role("button", name="Back to main.js").click()
    # Opened anew, the page shows what Run runs, not the first file of the language.
    zoe.reload()
    expect(zoe.get_by_role("tab", name="main.js")).to_have_attribute("aria-selected", "true")


def test_the_page_as_somebody_likes_it_stays_so(
    server: ServerProcess, person: Callable[..., Page]
) -> None:
    host, zoe = person(color_scheme="light"), person(color_scheme="light")
    link = create_session(host, server, "Likes", "x = 1\n" * 3)
    join(zoe, link, "Zoë")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert zoe.evaluate(ground) == "rgb(251, 250, 246)"
    zoe.get_by_role("button", name="Appearance and keys").click()
    zoe.get_by_role("combobox", name="Theme").select_option("dark")
    zoe.get_by_role("combobox", name="Text size").select_option("20")
    zoe.get_by_role("combobox", name="Keys").select_option("vim")
    zoe.get_by_label("Wrap long lines").check()
    picture(zoe, "preferences-dark")
    zoe.keyboard.press("Escape")
    for again in (False, True):
        if again:
            zoe.reload()
            expect(zoe.locator(".cm-content")).to_be_visible()
        assert zoe.evaluate(ground) == "rgb(22, 32, 29)"
        expect(zoe.locator(".cm-scroller")).to_have_css("font-size", "20px")
        expect(zoe.locator(".cm-lineWrapping")).to_be_visible()
        expect(zoe.locator(".cm-vim-panel")).to_be_visible()
    assert host.evaluate(ground) == "rgb(251, 250, 246)"  # one person's choice is one person's

    # Vim's keys edit the shared text: dd takes a line, u brings it back.
    zoe.locator(".cm-content").click()
    zoe.keyboard.press("Escape")
    zoe.keyboard.type("ggdd")
    expect(host.locator(".cm-line")).to_have_count(3)
    zoe.keyboard.type("ihello ")
    zoe.keyboard.press("Escape")
    saved(zoe)
    expect(host.locator(".cm-content")).to_contain_text("hello")
    assert code_of(host).startswith("hello x = 1")

    zoe.get_by_role("button", name="Appearance and keys").click()
    zoe.get_by_role("combobox", name="Theme").select_option("contrast")
    zoe.get_by_role("combobox", name="Keys").select_option("default")
    assert zoe.evaluate(ground) == "rgb(0, 0, 0)"
    zoe.keyboard.press("Escape")
    zoe.get_by_role("button", name="Run", exact=False).first.click()
    expect(zoe.locator(".run-state")).to_contain_text(re.compile("exited|running"))
    expect(zoe.locator(".xterm-viewport, .xterm-scrollable-element").first).to_be_visible()
    picture(zoe, "contrast")


# How much lighter or darker the words of each control are than what is behind them.
_CONTRASTS = """(panel) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const light = (color, over) => {
        canvas.fillStyle = over; canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
        const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((each) => each / 255)
            .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const behind = (each) => {
        const colors = [];
        for (let at = each; at; at = at.parentElement) colors.unshift(getComputedStyle(at).backgroundColor);
        canvas.clearRect(0, 0, 1, 1);
        for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
        const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
        return `rgb(${r}, ${g}, ${b})`;
    };
    return [...panel.querySelectorAll("button, label, input[type=text], input:not([type])")].map((each) => {
        const ground = behind(each);
        const [one, other] = [light(getComputedStyle(each).color, ground), light(ground, ground)];
        return [each.name || each.textContent, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)];
    });
}"""


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_search_is_readable_and_the_end_opens_what_was_looked_at(
    server: ServerProcess, person: Callable[..., Page], scheme: str
) -> None:
    host, zoe = person(color_scheme=scheme), person(color_scheme=scheme)
    session, _ = open_session(server, host)
    come_in(zoe, session["share_url"], "Zoë")
    zoe.get_by_role("button", name="New file").click()
    zoe.get_by_label("Name of the new file").fill("extra.py")
    zoe.keyboard.press("Enter")
    expect(zoe.get_by_role("tab", name="extra.py")).to_have_attribute("aria-selected", "true")
    zoe.locator(".cm-content").click()
    zoe.keyboard.type("one two one")
    zoe.keyboard.press("Control+f")
    panel = zoe.locator(".cm-panel.cm-search")
    expect(panel).to_be_visible()
    zoe.keyboard.type("one")
    picture(zoe, f"search-{scheme}-1280")
    contrasts = panel.evaluate(_CONTRASTS)
    assert len(contrasts) > 5
    assert [each for each in contrasts if each[1] < 4.5] == []
    expect(zoe.locator(".cm-searchMatch")).to_have_count(2)
    httpx2.post(f"{server.url}/api/sessions/{session['session_id']}/end").raise_for_status()
    expect(zoe.locator(".chip")).to_have_text("ended")
    expect(zoe.get_by_role("tab", name="extra.py")).to_have_attribute("aria-selected", "true")
    expect(zoe.locator(".cm-content")).to_contain_text("one two one")
