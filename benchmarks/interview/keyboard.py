"""Somebody at a keyboard: keys at the speed of people, who look where the caret is and correct it as they go."""

import random

from playwright.sync_api import Page

_VIEW = "document.querySelector('.cm-content').cmTile.root.view"
_CODE = f"() => {_VIEW}.state.doc.toString()"
_BEFORE = f"""() => {{
    const {{state}} = {_VIEW}, at = state.selection.main.head;
    return state.sliceDoc(state.doc.lineAt(at).from, at);
}}"""

_AFTER = f"""() => {{
    const {{state}} = {_VIEW};
    return state.sliceDoc(state.selection.main.head, state.selection.main.head + 80);
}}"""
_CLOSERS = tuple(")]}")


class Typist:
    """One person in one page; `mean_ms` is how long a key takes them."""

    def __init__(self, page: Page, seed: int, mean_ms: float = 140) -> None:
        self.page = page
        self._chance = random.Random(seed)
        self._mean_ms = mean_ms

    def code(self) -> str:
        """Return the text of the editor that is open, from CodeMirror's own document."""
        return str(self.page.evaluate(_CODE))

    def click_line(self, number: int) -> None:
        """Click a line, and go to its end."""
        self.page.locator(".cm-line").nth(number - 1).click()
        self.page.keyboard.press("End")

    def to_end(self) -> None:
        """Go to the end of the file."""
        self.page.locator(".cm-content").click()
        self.page.keyboard.press("Control+End")

    def keys(self, text: str) -> None:
        """Press keys one by one."""
        for character in text:
            self.key(character)

    def key(self, key: str) -> None:
        """Press one key, and take one's time."""
        self.page.keyboard.press("Enter" if key == "\n" else key)
        self.page.wait_for_timeout(max(30.0, self._chance.gauss(self._mean_ms, self._mean_ms / 3)))

    def lines(self, source: str) -> None:
        """Write lines: the editor indents and closes brackets, and one corrects what it does otherwise than wanted."""
        for number, line in enumerate(source.split("\n")):
            text = line.strip()
            if number > 0 and text[:1] in _CLOSERS and self._after().lstrip().startswith(text[:1]):
                self.key("ArrowDown")  # the editor has put it there
                self.key("End")
                self.keys(text[1:])
                continue
            if number > 0:
                self.key("\n")
            self._indent(line[: len(line) - len(line.lstrip())] if text else "")
            self.keys(text)

    def _indent(self, wanted: str) -> None:
        for _ in range(40):
            before = str(self.page.evaluate(_BEFORE))
            if before == wanted:
                return
            self.key("Backspace" if len(before) > len(wanted) else " ")

    def _after(self) -> str:
        return str(self.page.evaluate(_AFTER))
