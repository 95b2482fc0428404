"""What to replace in one text so that it becomes another, line by line."""

import difflib

_COMPARED = 250_000  # pairs of lines: beyond that a comparison takes too long, and the middle is replaced as a whole


def changes(old: str, new: str) -> list[tuple[int, int, str]]:
    """Return what to replace in `old`, line by line, to get `new`: from, to (bytes of UTF-8) and the text instead."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    offsets = [0]
    for line in before:
        offsets.append(offsets[-1] + len(line.encode()))
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old_middle, new_middle = before[head : len(before) - tail], after[head : len(after) - tail]
    if not old_middle and not new_middle:
        return []
    if len(old_middle) * len(new_middle) > _COMPARED:
        return [(offsets[head], offsets[head + len(old_middle)], "".join(new_middle))]
    matcher = difflib.SequenceMatcher(None, old_middle, new_middle, autojunk=False)
    return [
        (offsets[head + i], offsets[head + j], "".join(new_middle[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]
