"""A whole interview by two people in two browsers, in real time: everything stands where it was typed, and is replayed.

    PYTHONPATH=. .venv/bin/python benchmarks/interview/hour.py [--minutes 60]

They type at the speed of people, pause, paste, run, lose the network six times, rename a file, change the language,
ask a follow-up question, and wrap up. After each act the code that both see is compared with what was typed; at the
end the replay is wound to each of these instants and compared with what was seen then. Ends with 1 if anything differs.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
from benchmarks.interview.acts import ACTS, Interview
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from tests.browser.test_replay import code as code_in_replay
from tests.browser.test_replay import go_to
from tests.harness.ports import free_port, wait_until
from tests.harness.relay import Relay

_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PICTURES = Path("test-output/interview")


def open_page(browser: Browser, faults: list[str]) -> Page:
    """Open a browser of one person."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page


def hold(url: str, port: int, browser: Browser, minutes: float) -> list[str]:
    """Hold the interview; return what was wrong."""
    faults: list[str] = []
    relay = Relay(port)
    interview = Interview(
        api=httpx2.Client(base_url=url, timeout=60),
        relay=relay,
        host_page=open_page(browser, faults),
        guest_page=open_page(browser, faults),
        wrong=faults,
        pictures=PICTURES,
    )
    begun = time.monotonic()
    for minute, act in ACTS:
        while (left := begun + minute / 60 * minutes * 60 - time.monotonic()) > 0:
            interview.guest_page.wait_for_timeout(min(left, 1) * 1000)
        print(
            f"{(time.monotonic() - begun) / 60:5.1f} min  {act.__name__.replace('_', ' ')}",
            flush=True,
        )
        try:
            act(interview)
        except (AssertionError, TimeoutError, PlaywrightError) as error:
            faults.append(f"{act.__name__} broke off: {str(error)[:600]}")
            for name, page in (("host", interview.host_page), ("guest", interview.guest_page)):
                page.screenshot(path=PICTURES / f"broken-{act.__name__}-{name}.png")
            break
    compare_replay(interview, open_page(browser, faults), url)
    return faults


def compare_replay(interview: Interview, page: Page, url: str) -> None:
    """Wind the replay to each instant that was looked at."""
    page.goto(f"{url}/s/{interview.session_id}/replay")
    expect(page.get_by_role("slider")).to_be_visible()
    for look in interview.looks:
        go_to(page, look.seq)
        page.get_by_role("tab", name=look.path, exact=True).first.click()
        try:
            wait_until(lambda look=look: code_in_replay(page) == look.text, look.act, seconds=10)  # type: ignore[misc]
        except TimeoutError:
            interview.wrong.append(
                f"replay at {look.seq} ({look.act}): {code_in_replay(page)!r}, not {look.text!r}"
            )
    page.screenshot(path=PICTURES / "replay.png")
    print(f"the replay was compared at {len(interview.looks)} instants")


def main() -> None:
    """Start the program as `make run` does, and hold the interview in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=60)
    minutes = parser.parse_args().minutes
    PICTURES.mkdir(parents=True, exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        command = [
            str(Path(sys.executable).parent / "pizarra"),
            "serve",
            "--port",
            str(port),
            "--data-dir",
            data,
        ]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: _answers(url), "the server")
            path = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))))
            browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
            wrong = hold(url, port, browser, minutes)
            browser.close()
        finally:
            server.terminate()
            server.wait(10)
    print(
        "\n".join(wrong)
        or "every key stood where it was typed, and the replay showed what was seen"
    )
    sys.exit(bool(wrong))


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health").status_code == 200
    except httpx2.TransportError:
        return False


if __name__ == "__main__":
    main()
