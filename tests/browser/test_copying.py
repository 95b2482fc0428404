"""What is copied, and what is said of it: a link that cannot leave this computer, a browser that copies nothing."""

import re
from collections.abc import Callable

from playwright.sync_api import Dialog, Page, expect
from tests.browser.conftest import picture
from tests.browser.test_story import create_session
from tests.harness.server import ServerProcess

# Without TLS, on another address than this computer's, a page has no clipboard of its own.
_NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
_NO_COPYING = "document.execCommand = () => false"


def test_a_link_that_stays_here_says_so(server: ServerProcess, person: Callable[..., Page]) -> None:
    host = person()
    link = create_session(host, server, "Local", "print(1)\n")
    host.evaluate("navigator.clipboard.writeText('')")
    host.get_by_role("button", name="Copy link").click()
    toast = host.locator(".toast")
    expect(toast).to_contain_text("Candidate link copied. It opens on this computer only.")
    assert host.evaluate("navigator.clipboard.readText()") == link
    toast.get_by_role("button", name="How others get in").click()
    dialog = host.get_by_role("dialog", name="Letting people in")
    expect(dialog).to_contain_text("pizarra serve --host 0.0.0.0")
    picture(host, "letting-in-1280")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_copied_is_said_of_what_was(server: ServerProcess, person: Callable[..., Page]) -> None:
    """On a server without TLS nothing was copied, and a link was said to be."""
    host = person()
    link = create_session(host, server, "Copied", "print(1)\n")
    shown: list[str] = []

    def note(dialog: Dialog) -> None:
        shown.append(dialog.default_value)
        dialog.dismiss()

    host.on("dialog", note)
    host.evaluate(f"() => {{ {_NO_CLIPBOARD} }}")
    toast = host.locator(".toast")
    host.get_by_role("button", name="Copy link").click()
    expect(toast).to_contain_text("Candidate link copied.")
    assert shown == []
    host.locator(".cm-content").click()
    host.keyboard.press("Control+End")
    host.keyboard.press("Control+V")
    expect(host.locator(".cm-content")).to_contain_text(link)

    host.evaluate(f"() => {{ {_NO_COPYING} }}")
    host.get_by_role("button", name="Copy link").click()
    expect(toast).to_contain_text(re.compile(r"^It opens on this computer only\."))
    assert shown == [link]
    # It lasts, and lies over what is below: it is put away.
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
