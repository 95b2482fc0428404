"""One person at a browser, whichever engine it has: what a story needs that is to be told in all of them.

Chromium and Firefox (over WebDriver BiDi) are driven by Playwright, WebKit by Selenium under a screen that nobody sees.
"""

import contextlib
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, Page
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.harness.ports import free_port, wait_until

# Firefox counts as errors of a page that a killed server does not answer, that somebody went to another page while it
# connected, and the style of Playwright's screenshots.
_NO_FAULTS = (
    "can’t establish a connection to the server at ws",
    "was interrupted while the page was loading",
    "YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA=",
)
_SECONDS = 30.0  # a busy machine is no fault of the page


class Visitor(Protocol):
    """A browser with one tab. An element is named as people know it: by its role and its accessible name."""

    version: str

    def open(self, url: str) -> None:
        """Go to an address."""

    def reopen(self, url: str) -> None:
        """Close the tab without a word, and open an address in a new one of the same browser."""

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""

    def click(self, css: str) -> None:
        """Click the first element that fits, once it is there."""

    def fill(self, css: str, text: str) -> None:
        """Write into a field, once it is there."""

    def type(self, text: str, delay_ms: int = 0) -> None:
        """Type at the caret, key by key; a line end is Enter and \\b is Backspace."""

    def picture(self, path: Path) -> None:
        """Take a screenshot."""


def wait_for(visitor: Visitor, expression: str, seconds: float = _SECONDS) -> None:
    """Wait until a JavaScript expression is true.

    Raises:
        TimeoutError: it did not become true in time.
    """
    wait_until(lambda: bool(visitor.evaluate(expression)), expression, seconds)


class PlaywrightVisitor:
    """Chromium or Firefox."""

    def __init__(self, browser: Browser) -> None:
        self.version = browser.version
        self.faults: list[str] = []
        self._context = browser.new_context(viewport={"width": 1280, "height": 800})
        self._page = self._new_page()

    def _new_page(self) -> Page:
        page = self._context.new_page()
        page.set_default_timeout(_SECONDS * 1000)
        page.on("pageerror", lambda error: self._on_fault(str(error)))
        return page

    def _on_fault(self, text: str) -> None:
        if not any(each in text for each in _NO_FAULTS):
            self.faults.append(text)

    def open(self, url: str) -> None:
        """Go to an address."""
        self._page.goto(url)

    def reopen(self, url: str) -> None:
        """Close the tab, open another."""
        old, self._page = self._page, self._new_page()
        old.close()
        self.open(url)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression."""
        return self._page.evaluate(expression)

    def click(self, css: str) -> None:
        """Click an element."""
        self._page.locator(css).first.click()

    def fill(self, css: str, text: str) -> None:
        """Write into a field."""
        self._page.locator(css).first.fill(text)

    def type(self, text: str, delay_ms: int = 0) -> None:
        """Type key by key."""
        names = {"\n": "Enter", "\b": "Backspace"}
        for character in text:
            self._page.keyboard.press(names.get(character, character), delay=delay_ms / 2)
            self._page.wait_for_timeout(delay_ms / 2)

    def picture(self, path: Path) -> None:
        """Take a screenshot."""
        self._page.screenshot(path=path)

    def close(self) -> None:
        """Leave."""
        self._context.close()


class WebKitVisitor:
    """WebKitGTK."""

    def __init__(self, driver: webdriver.WebKitGTK) -> None:
        self._driver = driver
        self.version = str(driver.capabilities["browserVersion"])
        driver.set_window_size(1280, 800)

    def open(self, url: str) -> None:
        """Go to an address."""
        self._driver.get(url)

    def reopen(self, url: str) -> None:
        """Close the tab, open another."""
        old = self._driver.current_window_handle
        self._driver.switch_to.new_window("tab")
        new = self._driver.current_window_handle
        self._driver.switch_to.window(old)
        self._driver.close()
        self._driver.switch_to.window(new)
        self.open(url)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression."""
        return self._driver.execute_script(f"return ({expression})")

    def click(self, css: str) -> None:
        """Click an element."""
        self._element(css).click()

    def fill(self, css: str, text: str) -> None:
        """Write into a field."""
        field = self._element(css)
        field.clear()
        field.send_keys(text)

    def type(self, text: str, delay_ms: int = 0) -> None:
        """Type key by key."""
        names = {"\n": Keys.ENTER, "\b": Keys.BACKSPACE}
        for character in text:
            keys = ActionChains(self._driver, duration=0).send_keys(names.get(character, character))
            keys.pause(delay_ms / 1000).perform()

    def picture(self, path: Path) -> None:
        """Take a screenshot."""
        self._driver.save_screenshot(str(path))

    def _element(self, css: str) -> WebElement:
        def found() -> list[WebElement]:
            return [
                each
                for each in self._driver.find_elements(By.CSS_SELECTOR, css)
                if each.is_displayed()
            ]

        wait_until(lambda: bool(found()), css, _SECONDS)
        return found()[0]


def webkit_browser() -> Path | None:
    """Return WebKitGTK's own small browser, if it, its driver and a screen for it are installed."""
    if shutil.which("WebKitWebDriver") is None or shutil.which("Xvfb") is None:
        return None
    return next(
        iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"), reverse=True)), None
    )


@contextlib.contextmanager
def webkit(browser: Path) -> Iterator[WebKitVisitor]:
    """Give a WebKit of this test process, on a screen of its own."""
    with _screen() as display:
        options = Options()
        options.binary_location = str(browser)
        options.add_argument("--automation")
        environment = {**os.environ, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        if os.geteuid() == 0:
            # Its own sandbox does not work for root; what it opens here are our pages.
            environment["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
        service = Service(shutil.which("WebKitWebDriver"), port=free_port(), env=environment)
        with warnings.catch_warnings():
            # Selenium's own, of a call it makes to itself
            warnings.simplefilter("ignore", DeprecationWarning)
            driver = webdriver.WebKitGTK(options=options, service=service)
        with driver:
            yield WebKitVisitor(driver)


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """Give the name of a screen that nobody sees."""
    reader, writer = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writer),
        "-screen",
        "0",
        "1400x1000x24",
        "-nolisten",
        "tcp",
    ]
    process = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as said:
            yield f":{said.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)
