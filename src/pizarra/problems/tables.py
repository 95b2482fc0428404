"""How many cells the tables of a statement have: two characters of Markdown may be a row of two hundred.

The page counts them too (`web/src/problem/bounds.ts`), and says a sentence in the place of what is beyond its bound.
"""

import re

# A line of a quotation or a list begins with more than white space.
_UNDER_A_HEAD = re.compile(r"^[ \t>]*([|:-][|: \t-]+)$", re.MULTILINE)
_EMPTY_LINE = re.compile(r"^[ \t>]*$", re.MULTILINE)


def cells_of(statement: str) -> int:
    """Count the cells of all tables, the empty ones that Markdown adds to short rows among them."""
    cells = at = 0
    while (under := _UNDER_A_HEAD.search(statement, at)) is not None:
        head = statement[statement.rfind("\n", 0, max(0, under.start() - 1)) + 1 : under.start()]
        at = under.end()
        if "|" in head:
            end = _EMPTY_LINE.search(statement, at + 1)
            at = end.start() if end is not None else len(statement)
            columns = len(under[1].strip().removeprefix("|").removesuffix("|").split("|"))
            cells += columns * (1 + statement.count("\n", under.end(), max(under.end(), at - 1)))
    return cells
