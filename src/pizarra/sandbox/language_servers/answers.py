"""What a language server's answers come to: names to offer, and a text about a place."""

from typing import Any

from pizarra.sandbox.runner.protocol import Offered

MAX_OFFERED = 100
_MAX_LABEL = 200
_MAX_HOVER = 4000
_WORDS = 1  # of the text: the editor knows these itself
# CompletionItemKind, as far as an editor shows them differently.
_KINDS = {
    **dict.fromkeys((2, 3), "function"),
    **dict.fromkeys((4, 7, 22), "class"),
    **dict.fromkeys((5, 10), "property"),
    **dict.fromkeys((6, 12), "variable"),
    8: "interface",
    9: "namespace",
    **dict.fromkeys((13, 25), "type"),
    14: "keyword",
    **dict.fromkeys((20, 21), "constant"),
}


def offered(result: Any, typed: str) -> tuple[list[Offered], bool]:
    """Return what fits what was typed of a word, the best first, and whether that is all there is."""
    whole = not (isinstance(result, dict) and result.get("isIncomplete"))
    items = result.get("items") if isinstance(result, dict) else result
    fitting = [
        item
        for item in items or ()
        if isinstance(item, dict) and item.get("kind") != _WORDS and _fits(item, typed)
    ]
    fitting.sort(
        key=lambda item: (
            not _word(item).startswith(typed),
            str(item.get("sortText", item["label"])),
        )
    )
    found = {item.label: item for item in map(_offer, reversed(fitting[:MAX_OFFERED]))}
    return list(reversed(found.values())), whole and len(fitting) <= MAX_OFFERED


def hover(result: Any) -> str | None:
    """Return what is said about a place, as plain text; None for nothing."""
    contents = result.get("contents") if isinstance(result, dict) else None
    parts = contents if isinstance(contents, list) else [contents]
    texts = [
        part if isinstance(part, str) else part.get("value", "")
        for part in parts
        if isinstance(part, str | dict)
    ]
    text = "\n".join(str(each) for each in texts).strip()
    return text[:_MAX_HOVER] or None


def _fits(item: dict[str, Any], typed: str) -> bool:
    return isinstance(item.get("label"), str) and _is_in_order(typed.lower(), _word(item).lower())


def _is_in_order(letters: str, word: str) -> bool:
    """Tell whether a word has the letters in their order, beginning with the first: how editors match."""
    if not letters:
        return True
    if not word.startswith(letters[0]):
        return False
    rest = iter(word)
    return all(letter in rest for letter in letters)


def _word(item: dict[str, Any]) -> str:
    return str(item.get("filterText") or item["label"]).strip()


def _offer(item: dict[str, Any]) -> Offered:
    edit = item.get("textEdit")
    text = edit.get("newText") if isinstance(edit, dict) else item.get("insertText")
    label = item["label"].strip()[:_MAX_LABEL]
    detail = item.get("detail")
    return Offered(
        label=label,
        insert=(text if isinstance(text, str) else label)[:_MAX_LABEL],
        kind=_KINDS.get(item.get("kind", 0), "text"),
        detail=detail[:_MAX_LABEL] if isinstance(detail, str) else "",
    )
