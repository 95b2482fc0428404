"""Whether programs come out as typed: fifty of them, at four speeds, with a fast language server and a slow one.

    PYTHONPATH=. .venv/bin/python benchmarks/page/typed.py [languages… speeds…]

Takes a quarter of an hour on a quiet machine, twice that on a busy one: the languages are typed side by side, each in
two pages that are kept, where one program after the other is typed. Wrong lines are printed beside what was typed, and
how fast it was in truth; the suite types a few programs at one speed (`tests/browser/test_typing.py`).
"""

import difflib
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from multiprocessing import get_context
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from tests.harness.hands import delay_answers, keys_of, take_turns, text_of
from tests.harness.server import server_process
from tests.integration.test_language_servers import known

PROGRAMS = Path(__file__).parent / "programs"
GAPS = {
    50: 1,
    90: 2,
    150: 2,
    220: 2,
}  # ms from key to key -> in how many pages a process types at a time
LATE_MS = 1500  # how late a slow language server answers
MAX_LANGUAGE_SERVERS = 10  # one for each page
WINDOW: ViewportSize = {
    "width": 760,
    "height": 540,
}  # what is painted costs more than what is typed


@dataclass
class Tally:
    """What came of typing some programs."""

    programs: int = 0
    keys: int = 0
    lines: int = 0
    wrong_lines: int = 0
    answers: int = 0
    took_ms: list[float] = field(default_factory=list)  # from key to key, for each process

    def add(self, other: "Tally") -> None:
        """Add what came of some more."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass
class Desk:
    """A page, whose language server is as late as it is, and what came of the typing there."""

    page: Page
    language: str
    late: bool
    tally: Tally = field(default_factory=Tally)

    def type(self, program: str) -> Iterator[bool]:
        """Type one program into the emptied file, a step a key, and look at what came out."""
        self.page.keyboard.press("Control+a")
        yield True
        self.page.keyboard.press("Backspace")
        yield True
        yield from keys_of(self.page, program)
        tally = self.tally
        tally.programs += 1
        tally.keys += len(program)
        tally.lines += program.count("\n") + 1
        if (text := text_of(self.page)) != program:
            print(f"{self.language}, {'slow' if self.late else 'fast'} server:")
            tally.wrong_lines += differing(program, text)


def differing(program: str, text: str) -> int:
    """Print the lines that came out otherwise, and return how many of those typed did."""
    lines = list(
        difflib.unified_diff(program.split("\n"), text.split("\n"), "typed", "came", "", "", 1, "")
    )
    print("\n".join(lines), flush=True)
    return max(1, sum(line.startswith("-") for line in lines[2:]))


def open_desk(browser: Browser, url: str, language: str, late: bool) -> Desk:
    """Open a new session in a window of its own, with the cursor in its empty file."""
    body = {"initial_code": "", "language": language}
    session = httpx2.post(f"{url}/api/sessions", json=body, timeout=60).json()
    page = browser.new_context(viewport=WINDOW).new_page()
    page.goto(f"{url}/s/{session['session_id']}")
    page.locator(".cm-content").click(timeout=120_000)
    desk = Desk(page, language, late)

    def count(status: int, asked: str) -> None:
        desk.tally.answers += status == 200 and "/assist" in asked

    page.on("response", lambda response: count(response.status, response.url))
    if late:
        delay_answers(page, LATE_MS)
    return desk


def programs_of(language: str) -> list[str]:
    """The programs of a language."""
    programs = (PROGRAMS / f"{language}.txt").read_text().split("----\n")
    return [program.strip("\n") for program in programs]


def type_all(desks: Sequence[Desk], gap: int, turn: int) -> Tally:
    """Type all programs of a language at one speed."""
    for desk in desks:
        desk.tally = Tally()
    # Each program meets both kinds of servers.
    hands = [
        itertools.chain.from_iterable(
            map(desk.type, programs_of(desk.language)[(turn + desk.late) % 2 :: 2])
        )
        for desk in desks
    ]
    began, keys = time.monotonic(), 0
    for start in range(0, len(hands), GAPS[gap]):
        keys += take_turns(hands[start : start + GAPS[gap]], gap / 1000)
    all_of_it = Tally(took_ms=[(time.monotonic() - began) * 1000 / keys])
    for desk in desks:
        all_of_it.add(desk.tally)
    return all_of_it


def campaign(url: str, language: str, gaps: Sequence[int]) -> list[Tally]:
    """Type all programs of a language at all speeds, in a browser of its own."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "chromium"
    with sync_playwright() as web:
        browser = web.chromium.launch(
            executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        desks = [open_desk(browser, url, language, late) for late in (False, True)]
        tallies = []
        for turn, gap in enumerate(gaps):
            tallies.append(type_all(desks, gap, turn))
            told = tallies[-1]
            print(
                f"  {language}, {gap} ms: {told.wrong_lines} of {told.lines} lines wrong",
                flush=True,
            )
        browser.close()
    return tallies


def main() -> None:
    """Type them all."""
    chosen = sys.argv[1:]
    gaps = [int(each) for each in chosen if each.isdigit()] or list(GAPS)
    languages = [each for each in chosen if not each.isdigit()] or [
        path.stem for path in sorted(PROGRAMS.glob("*.txt"))
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        server_process(Path(folder), max_language_servers=MAX_LANGUAGE_SERVERS) as server,
        ProcessPoolExecutor(len(languages), get_context("spawn")) as pool,
    ):
        for language in languages:
            if not known(server, language):
                print(f"  {language}: no language server here (see pizarra toolchains)", flush=True)
        each = [pool.submit(campaign, server.url, language, gaps) for language in languages]
        for gap, tallies in zip(
            gaps, zip(*(one.result() for one in each), strict=True), strict=True
        ):
            told = Tally()
            for tally in tallies:
                told.add(tally)
            print(
                f"{gap} ms from key to key (in truth {min(told.took_ms):.0f} to {max(told.took_ms):.0f}): "
                f"{told.wrong_lines} of {told.lines} lines otherwise than typed ({told.programs} programs, "
                f"{told.keys:,} keys, {told.answers:,} answers of language servers)"
            )


if __name__ == "__main__":
    main()
