"""A real Chromium, and people in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from tests.harness.relay import Relay
from tests.harness.server import ServerProcess, server_process

OUTPUT = Path(__file__).resolve().parents[2] / "test-output"
_ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# Its shell without windows is the same engine and takes two thirds of the time.
_CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# a busy machine is no fault of ours; how fast we are is what `benchmarks/` say
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives Chromium and Firefox; a process has one at the most."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, as the system has it."""
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium-headless-shell")
    launched = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def firefox(playwright: Playwright) -> Iterator[Browser]:
    """Firefox, as the system has it, over WebDriver BiDi."""
    path = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    if path is None:
        pytest.skip("Firefox is not installed: apt-get install firefox-esr")
    launched = playwright.firefox.launch(channel="moz-firefox", executable_path=path)
    yield launched
    launched.close()


@pytest.fixture
def own_server(tmp_path: Path, runner_socket: Path) -> Iterator[ServerProcess]:
    """A server of this test alone: to be killed, or to be empty."""
    with server_process(tmp_path, runner_socket=runner_socket) as process:
        yield process


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with a runner of its own, as `make run` starts it, shared by the tests of this process."""
    with server_process(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a way to open a browser for one more person; fails the test if a page logs an error."""
    contexts = []
    faults: list[str] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda message: faults.append(message.text) if _is_fault(message) else None
        )
        contexts.append(context)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def network() -> Iterator[Callable[[ServerProcess], Relay]]:
    """Give a way to put a network between a page and a server: to be cut, and mended."""
    relays: list[Relay] = []

    def lay(server: ServerProcess) -> Relay:
        relays.append(Relay(server.port))
        return relays[-1]

    yield lay
    for relay in relays:
        relay.close()


def _is_fault(message: Any) -> bool:
    # A server that is killed shows up as failed connections; Playwright's screenshots add a style of their own.
    expected = (
        "WebSocket connection",
        "Failed to load resource",
        "Applying inline style",
    )
    return message.type == "error" and not any(text in message.text for text in expected)


def picture(page: Page, name: str) -> None:
    """Keep a screenshot, to be looked at."""
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"{name}.png")
