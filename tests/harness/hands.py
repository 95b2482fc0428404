"""Types programs into the page as people do: key by key, Enter at a line's end, with an eye on the indentation."""

import time
from collections.abc import Iterator, Sequence

from playwright.sync_api import Page

VIEW = "document.querySelector('.cm-content').cmTile.root.view"
_INDENT = f"""() => {{
    const {{ state }} = {VIEW}; const {{ head }} = state.selection.main;
    return state.sliceDoc(state.doc.lineAt(head).from, head);
}}"""
# What a language server says comes as late as it likes; the answer is its own.
_LATE = """(late) => {
    const fetched = window.fetch;
    window.fetch = async (...asked) => {
        const answer = await fetched(...asked);
        if (String(asked[0]?.url ?? asked[0]).includes('/assist')) await new Promise((done) => setTimeout(done, late));
        return answer;
    };
}"""


def delay_answers(page: Page, milliseconds: int) -> None:
    """Have every answer of the language server come that much later, from now on."""
    page.evaluate(_LATE, milliseconds)


def text_of(page: Page) -> str:
    """The text of the open editor, from the editor's own state."""
    return str(page.evaluate(f"() => {VIEW}.state.doc.toString()"))


def place_of(page: Page) -> list[int]:
    """Anchor and head of the selection, and how far the editor is scrolled."""
    seen = f"const {{ state, scrollDOM }} = {VIEW}; const {{ anchor, head }} = state.selection.main"
    return list(
        page.evaluate(
            f"() => {{ {seen}; return [anchor, head, Math.round(scrollDOM.scrollTop)]; }}"
        )
    )


def caret_at(page: Page) -> list[float]:
    """Where on the screen the caret is."""
    seen = f"const view = {VIEW}; const {{ left, top }} = view.coordsAtPos(view.state.selection.main.head)"
    return list(page.evaluate(f"() => {{ {seen}; return [left, top]; }}"))


_MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


def press_as(page: Page, key: str, code: str, *modifiers: str, writes: bool = False) -> None:
    """Press the key at a place of a keyboard that has another sign there; with modifiers it may still write it."""
    known = {"modifiers": sum(_MODIFIERS[each] for each in modifiers), "key": key, "code": code}
    if code[:-1] in ("Key", "Digit"):
        known["windowsVirtualKeyCode"] = ord(code[-1])
    client = page.context.new_cdp_session(page)
    text = {"text": key} if writes else {}
    client.send("Input.dispatchKeyEvent", {"type": "keyDown", **known, **text})
    client.send("Input.dispatchKeyEvent", {"type": "keyUp", **known})
    client.detach()


def type_together(pages: Sequence[tuple[Page, str]], gap: float) -> None:
    """Type a program into each page's editor, `gap` seconds from key to key."""
    take_turns([keys_of(page, program) for page, program in pages], gap)


def take_turns(hands: Sequence[Iterator[bool]], gap: float) -> int:
    """Let all hands press a key every `gap` seconds, until none has more to type; return how many times."""
    left, turns = list(hands), 0
    while left:
        began = time.monotonic()
        left = [hand for hand in left if next(hand, None) is not None]
        turns += 1
        time.sleep(max(0.0, gap - (time.monotonic() - began)))
    return turns


def keys_of(page: Page, program: str) -> Iterator[bool]:
    """Press one key after the other. Nothing is deleted but an indentation that is meant otherwise."""
    for number, line in enumerate(program.split("\n")):
        wanted = line[: len(line) - len(line.lstrip())]
        if number:
            page.keyboard.press("Enter")
            yield True
            indent = page.evaluate(_INDENT)
            if line and not wanted.startswith(indent):
                for _ in range(len(indent)):
                    page.keyboard.press("Backspace")
                    indent = page.evaluate(_INDENT)
                    if wanted.startswith(indent):
                        break
            wanted = wanted.removeprefix(indent) if line else ""
        for letter in wanted + line.lstrip():
            page.keyboard.type(letter)
            yield True
