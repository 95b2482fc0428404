"""What happens in the interview, minute by minute."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

import httpx2
from benchmarks.interview.keyboard import Typist
from playwright.sync_api import Page, expect
from tests.harness.ports import wait_until
from tests.harness.relay import Relay

QUESTION = "# Two Sum: indices of the two numbers that add up to target\n"
FIRST = """def two_sum(nums, target):
    seen = {}
    for i, n in enumerate(nums):
        if target - n in seen:
            return [seen[target - n], i]
        seen[n] = i
    return None
"""
BROKEN_CALL = "print(two_sum([2, 7, 11, 15]))\n"
CALL = "print(two_sum([2, 7, 11, 15], 9))\n"
CASES = """CASES = [
    ([2, 7, 11, 15], 9),
    ([3, 2, 4], 6),
    ([3, 3], 6),
]
"""
CHECK = """from cases import CASES

for nums, target in CASES:
    print(target, two_sum(nums, target))
"""
PASTED = "# From the statement: exactly one solution, no element twice.\n"
STREAM = """def two_sum_stream(numbers, target):
    seen = set()
    for n in numbers:
        if target - n in seen:
            yield target - n, n
        seen.add(n)
"""
SCRIPT = """const seen = new Map();
function twoSum(nums, target) {
  for (let i = 0; i < nums.length; i++) {
    const other = seen.get(target - nums[i]);
    if (other !== undefined) return [other, i];
    seen.set(nums[i], i);
  }
  return null;
}
console.log(twoSum([2, 7, 11, 15], 9));
"""


@dataclass(frozen=True)
class Look:
    """What both saw after an act."""

    act: str
    seq: int
    path: str
    text: str


@dataclass
class Interview:
    """Two people, what they have written so far, and what was wrong."""

    api: httpx2.Client
    relay: Relay
    host_page: Page
    guest_page: Page
    wrong: list[str]
    pictures: Path
    session_id: str = ""
    path: str = "main.py"
    looks: list[Look] = field(default_factory=list)

    @cached_property
    def host(self) -> Typist:
        """The interviewer."""
        return Typist(self.host_page, seed=1)

    @cached_property
    def guest(self) -> Typist:
        """The candidate."""
        return Typist(self.guest_page, seed=2)

    @property
    def address(self) -> str:
        """Where the API has the session."""
        return f"/api/sessions/{self.session_id}"

    def look(self, act: str, wanted: str) -> None:
        """Compare what both and the server have with what was typed; remember it for the replay."""
        for page in (self.host_page, self.guest_page):
            expect(page.locator(".chip").first).to_contain_text("saved", timeout=60_000)
        for who, seen in (
            ("host", self._settled(self.host, wanted)),
            ("guest", self._settled(self.guest, wanted)),
        ):
            if seen != wanted:
                self.wrong.append(f"{act}: {who} saw {seen!r}, not {wanted!r}")
        if (served := self.api.get(f"{self.address}/files/{self.path}").text) != wanted:
            self.wrong.append(f"{act}: the server has {served!r}, not {wanted!r}")
        self.looks.append(Look(act, self._length(), self.path, wanted))
        for name, page in (("host", self.host_page), ("guest", self.guest_page)):
            page.screenshot(
                path=self.pictures / f"{len(self.looks):02}-{act.replace(' ', '-')}-{name}.png"
            )

    def _settled(self, typist: Typist, wanted: str) -> str:
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: typist.code() == wanted, "the same code", seconds=10)
        return typist.code()

    def _length(self) -> int:
        after = 0
        while page := self.api.get(
            f"{self.address}/timeline", params={"after": after, "limit": 1000}
        ).json():
            after = page[-1]["seq"]
        return after

    def tab(self, path: str) -> None:
        """Both look at a file."""
        self.path = path
        for page in (self.host_page, self.guest_page):
            page.get_by_role("tab", name=path, exact=True).click()
            expect(page.get_by_role("tab", name=path, exact=True)).to_have_attribute(
                "aria-selected", "true"
            )

    def without_network(self, act: Callable[[], None], *, silent: bool = False) -> None:
        """Let something happen while the candidate's network is gone."""
        self.relay.silence() if silent else self.relay.cut()
        act()
        self.relay.mend()


def greeting(it: Interview) -> None:
    """The session, its two people."""
    made = it.api.post("/api/sessions", json={"title": "Two Sum", "initial_code": ""}).json()
    it.session_id = made["session_id"]
    it.host_page.goto(f"{it.api.base_url}/s/{it.session_id}")
    expect(it.host_page.locator(".cm-content")).to_be_visible()
    it.guest_page.goto(it.relay.through(made["share_url"]))
    it.guest_page.get_by_label("Your name").fill("Zoë Martínez")
    it.guest_page.get_by_role("button", name="Join", exact=True).click()
    expect(it.guest_page.locator(".cm-content")).to_be_visible()
    it.look("greeting", "")


def the_question(it: Interview) -> None:
    """The interviewer writes what is asked."""
    it.host.to_end()
    it.host.lines(QUESTION)
    it.look("question", QUESTION)


def first_thoughts(it: Interview) -> None:
    """The candidate begins; the network is cut in the middle of a line."""
    head, tail = FIRST.splitlines()[:3], FIRST.splitlines()[3:]
    it.guest.to_end()
    it.guest.lines("\n".join(head))
    it.without_network(lambda: it.guest.keys("\n" + tail[0].strip()[:12]))
    it.guest.keys(tail[0].strip()[12:] + "\n")
    it.guest.lines("\n".join(tail[1:]) + "\n")
    it.look("first function", QUESTION + FIRST)


def a_run_that_fails(it: Interview) -> None:
    """An argument is forgotten."""
    it.guest.to_end()
    it.guest.key("Home")
    it.guest.lines(BROKEN_CALL)
    it.guest_page.keyboard.press("Control+Enter")
    expect(it.host_page.locator(".run-state")).to_contain_text("exited 1", timeout=30_000)
    it.look("run that fails", QUESTION + FIRST + BROKEN_CALL)


def mended_in_silence(it: Interview) -> None:
    """The network says nothing any more while the call is mended."""
    lines = (QUESTION + FIRST + BROKEN_CALL).splitlines()

    def mend() -> None:
        it.guest.click_line(len(lines))
        for _ in range(2):
            it.guest.key("ArrowLeft")
        it.guest.keys(", 9")

    it.without_network(mend, silent=True)
    it.guest_page.wait_for_timeout(8000)
    expect(it.guest_page.locator(".chip").first).to_contain_text("saved", timeout=60_000)
    it.guest_page.keyboard.press("Control+Enter")
    expect(it.host_page.locator(".run-state")).to_contain_text("exited 0", timeout=30_000)
    it.look("mended", QUESTION + FIRST + CALL)


def two_at_once(it: Interview) -> None:
    """Both type at the same time, at different places: the interviewer a remark, the candidate goes on."""
    it.host.click_line(1)
    it.host.key("\n")
    it.guest.to_end()
    for left, right in zip_longest("# O(n), please", "# done", fillvalue=""):
        for typist, key in ((it.host, left), (it.guest, right)):
            if key:
                typist.key(key)
    it.look("two at once", _main())


def a_second_file(it: Interview) -> None:
    """The candidate adds a file with cases, loses the network twice, and is left in peace meanwhile."""
    page = it.guest_page
    page.get_by_role("button", name="New file").click()
    page.get_by_label("Name of the new file").fill("samples.py")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="samples.py", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    it.guest.to_end()
    lines = CASES.splitlines()
    it.guest.lines("\n".join(lines[:2]))
    it.guest.key("\n")
    it.without_network(lambda: it.guest.lines(lines[2]))
    it.guest.key("\n")
    it.without_network(lambda: it.guest.lines("\n".join(lines[3:])), silent=True)
    it.guest.key("\n")
    it.tab("samples.py")
    it.look("second file", CASES)


def renamed_while_typing(it: Interview) -> None:
    """The interviewer renames the file under the candidate's hands."""
    it.guest.to_end()
    it.guest.keys("# thr")
    it.host_page.get_by_role("button", name="File", exact=True).click()
    it.host_page.get_by_role("button", name="Rename samples.py").click()
    it.host_page.get_by_label("New name of samples.py").fill("cases.py")
    it.host_page.keyboard.press("Enter")
    it.guest.keys("ee cases")
    it.path = "cases.py"
    expect(it.guest_page.get_by_role("tab", name="cases.py", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    it.host_page.get_by_role("tab", name="cases.py", exact=True).click()
    it.look("renamed", CASES + "# three cases")


def the_cases_run(it: Interview) -> None:
    """Back to the program, which takes the cases from the other file."""
    it.tab("main.py")
    it.guest.to_end()
    it.guest.key("\n")
    it.guest.lines(CHECK)
    it.guest_page.keyboard.press("Control+Enter")
    expect(it.host_page.locator(".run-state")).to_contain_text("exited 0", timeout=30_000)
    it.look("cases", _main() + "\n" + CHECK)


def a_paste(it: Interview) -> None:
    """The candidate pastes a line from outside; the network is gone for a moment."""
    it.guest_page.evaluate("text => navigator.clipboard.writeText(text)", PASTED)
    it.guest_page.locator(".cm-line").first.click()
    it.guest.key("Home")
    it.without_network(lambda: it.guest_page.keyboard.press("Control+v"))
    it.look("paste", PASTED + _main() + "\n" + CHECK)


def a_note(it: Interview) -> None:
    """The interviewer writes down what nobody else sees."""
    it.host_page.locator(".side").get_by_role("tab", name="Notes").click()
    it.host_page.get_by_label("Private note").click()
    it.host.keys("tests early, asks about duplicates")
    it.host_page.get_by_role("button", name="Add note").click()
    it.look("note", PASTED + _main() + "\n" + CHECK)


def a_follow_up(it: Interview) -> None:
    """What if the input is a stream?"""
    it.host_page.locator(".side").get_by_role("tab", name="People").click()
    it.host_page.get_by_label("Question", exact=False).first.fill("What if the input is a stream?")
    it.host_page.get_by_role("button", name="Ask", exact=True).click()
    expect(it.guest_page.get_by_text("What if the input is a stream?").first).to_be_visible()
    it.guest.to_end()
    before = PASTED + _main() + "\n" + CHECK
    lines = STREAM.splitlines()
    it.guest.lines("\n".join(lines[:3]))
    it.guest.key("\n")
    it.without_network(lambda: it.guest.lines(lines[3]))
    it.guest.key("\n")
    it.guest.lines("\n".join(lines[4:]) + "\n")
    it.look("follow-up", before + STREAM)


def back_again(it: Interview) -> None:
    """One click brings the main line back."""
    it.host_page.get_by_role("button", name="Back to the main line").click()
    it.look("main line", PASTED + _main() + "\n" + CHECK)


def another_language(it: Interview) -> None:
    """The same in JavaScript; whoever writes is left where they are until they go there."""
    it.host_page.get_by_label("Language").first.select_option("javascript")
    it.tab("main.js")
    it.guest.to_end()
    it.guest.key("Control+a")
    it.guest.key("Backspace")
    it.guest.lines(SCRIPT)
    it.guest_page.keyboard.press("Control+Enter")
    expect(it.host_page.locator(".run-state")).to_contain_text("exited 0", timeout=30_000)
    it.look("javascript", SCRIPT)


def wrapping_up(it: Interview) -> None:
    """The interviewer ends it and decides; the candidate is thanked."""
    host = it.host_page
    host.get_by_role("button", name="Wrap up").click()
    host.get_by_role("button", name="End the session").click()
    expect(it.guest_page.get_by_text("Thank you", exact=False).first).to_be_visible()
    decision = host.get_by_role("region", name="Decision")
    decision.get_by_label("strong yes").check()
    decision.get_by_label("Why").click()
    it.host.keys("found the hash map, tested early")
    decision.get_by_role("button", name="Submit decision").click()
    expect(decision).to_contain_text("Yours, ")
    host.reload()  # what is kept is shown again
    expect(decision.get_by_label("strong yes")).to_be_checked()
    expect(decision.get_by_label("Why")).to_have_value("found the hash map, tested early")
    for name, page in (("host", host), ("guest", it.guest_page)):
        page.screenshot(path=it.pictures / f"99-wrapped-up-{name}.png")


def _main() -> str:
    return QUESTION + "# O(n), please\n" + FIRST + CALL + "# done"


ACTS: list[tuple[float, Callable[[Interview], None]]] = [
    (0, greeting),
    (1, the_question),
    (4, first_thoughts),
    (12, a_run_that_fails),
    (15, mended_in_silence),
    (19, two_at_once),
    (23, a_second_file),
    (28, renamed_while_typing),
    (31, the_cases_run),
    (36, a_paste),
    (38, a_note),
    (41, a_follow_up),
    (48, back_again),
    (50, another_language),
    (57, wrapping_up),
]
