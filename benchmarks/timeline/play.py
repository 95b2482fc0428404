"""How a long session plays in the browser: opening it, going to an instant, and the frames at 32 ×.

    PYTHONPATH=. .venv/bin/python benchmarks/timeline/play.py [edits …]        (default 50000 250000)

The edits are 43 ms apart, as in three hours of six people who make 250,000; the file is the one that plays offline.
"""

import asyncio
import itertools
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from pycrdt import Doc, Text
from sqlalchemy import select
from tests.harness.application import application

from pizarra.access.session_access import Access
from pizarra.collab.journal import EditEntry
from pizarra.config import Settings
from pizarra.exports.gathering import gather
from pizarra.exports.writer import stream_html
from pizarra.http.logs import configure_logging
from pizarra.http.page import STATIC
from pizarra.models import InterviewSession, Role

DEFAULT = (50_000, 250_000)
SOURCES = Path(__file__).resolve().parents[2] / "src"
APART = timedelta(milliseconds=43)
PLAYED_MS = 6000
_FRAMES = """() => {
    window.frames32 = [];
    let last = performance.now();
    requestAnimationFrame(function frame(now) {
        window.frames32.push(now - last);
        last = now;
        requestAnimationFrame(frame);
    });
}"""

# A task that follows a frame's callbacks runs once that frame was painted.
_GO = """seq => new Promise(done => {
    const scrubber = document.querySelector(".scrubber");
    const begun = performance.now();
    new MutationObserver((_, observer) => {
        if (!scrubber.getAttribute("aria-valuetext").includes(`entry ${seq} of`)) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
    }).observe(scrubber, { attributes: true });
    location.hash = `#t=${seq}`;
})"""


def typed_code(count: int) -> list[bytes]:
    """Return updates of somebody who types our own source, with a slip and its correction now and then.

    Text that no parser understands, as `typed` makes it, would measure the highlighter's recovery from errors.
    """
    chance = random.Random(count)
    source = "".join(path.read_text() for path in sorted(SOURCES.rglob("*.py")))
    doc: Doc[Any] = Doc()
    text = doc.get("file:main.py", type=Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    length = 0
    for character in itertools.cycle(source):
        if not character.isascii():
            continue
        if chance.random() < 0.07:
            text.insert(length, "q")
            del text[length : length + 1]
        text.insert(length, character)
        length += 1
        if len(updates) >= count:
            break
    doc.unobserve(subscription)
    return updates[:count]


def steps() -> Callable[[], datetime]:
    """Return a clock that goes on by a step each time it is asked."""
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def tick() -> datetime:
        nonlocal now
        now += APART
        return now

    return tick


async def make(edits: int, target: Path, folder: Path) -> None:
    """Record a session edit by edit and export it as one file."""
    async with (
        application(Settings(data_dir=folder, log_level="error"), steps()) as running,
        running.client() as owner,
    ):
        services = running.services
        (await owner.post("/api/sessions", json={"initial_code": ""})).raise_for_status()
        session = await _session(services)
        for update in typed_code(edits):
            await services.journal.append(session.id, session.epoch, [EditEntry(None, update)])
        access = Access(await _session(services), Role.HOST, None)
        exported = await gather(services, access, with_private=True, with_report=False)
        with target.open("wb") as file:
            async for piece in stream_html(
                services.database, exported, (STATIC / "player.html").read_text()
            ):
                file.write(piece)


async def _session(services: Any) -> InterviewSession:
    async with services.database.read() as db:
        session: InterviewSession = (await db.scalars(select(InterviewSession))).one()
    return session


def go(page: Page, seq: int) -> float:
    """Go to an instant; return the milliseconds until it has been painted."""
    return float(page.evaluate(_GO, seq))


def play(edits: int, file: Path, page: Page) -> None:
    """Open a file, go about in it, play it at 32 ×."""
    begun = time.perf_counter()
    page.goto(file.as_uri())
    page.get_by_role("slider").wait_for()
    opened = time.perf_counter() - begun
    jumps = []
    for turn in range(1, 21):
        # until the address says where the page is: it would be overwritten
        page.wait_for_timeout(100)
        jumps.append(go(page, 1 + (turn * 7919) % edits))
    page.wait_for_timeout(100)
    go(page, edits // 2)
    page.get_by_label("Speed").select_option("32")
    page.evaluate(_FRAMES)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(PLAYED_MS)
    frames = sorted(page.evaluate("() => window.frames32.slice(5)"))
    at = str(page.locator(".scrubber").get_attribute("aria-valuetext"))
    long = sum(frame > 34 for frame in frames)
    print(f"{edits:>8,} edits: {file.stat().st_size / 1e6:.1f} MB, opens in {opened:.1f} s")
    print(
        f"{'':>16}to any instant: p50 {statistics.median(jumps):.0f} ms, longest {max(jumps):.0f} ms"
    )
    print(
        f"{'':>16}at 32 ×: {len(frames)} frames in {PLAYED_MS / 1000:.0f} s, p50 {statistics.median(frames):.1f} ms, "
        f"p99 {frames[int(len(frames) * 0.99)]:.1f} ms, {long} longer than two; then at {at}"
    )


def main() -> None:
    """Measure each size."""
    configure_logging("error", "console")
    for edits in [int(each) for each in sys.argv[1:]] or DEFAULT:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "session.html"
            with ThreadPoolExecutor(1) as thread:  # Playwright's loop is this thread's
                thread.submit(asyncio.run, make(edits, file, Path(folder) / "data")).result()
            with sync_playwright() as web:
                chromium = shutil.which("chromium") or "chromium"
                browser = web.chromium.launch(
                    executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page()
                page.set_default_timeout(180_000)
                play(edits, file, page)
                browser.close()


if __name__ == "__main__":
    main()
