"""What one types is what stands there: Enter ends the line, whatever is offered and however late."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.test_interview import open_session
from tests.harness.hands import delay_answers, text_of, type_together
from tests.harness.server import ServerProcess
from tests.integration.test_language_servers import known

# Line ends at which lists used to open (a colon, a keyword, a word that stands there already, the beginning of
# another, as `break` is of `breakpoint`), and quotes, brackets and comments of which each once left something behind.
# Whole programs are typed in web/src/session/typing.test.ts.
_PROGRAMS = {
    "python": """import re
def f(x):
    \"\"\"Say "hi"; it's x.\"\"\"
    while x:
        break
    total = None  # don't retu
    x = {'a': ["it's", '''(b''', r"['\\"]"],
         "c": f"{x['a']} {(1)}"}
    return total""",
    "javascript": """let length = 10
const lengthOf = 3 // isn't "used
let n = length
const r = /["'(]/, q = [`${r}'s "x"`, '\\'', "(["];
f(r, () => {
  g({ a: [1 / 2] });
})
do {
  break
}""",
    "typescript": """let a: number
let b: string
interface Nu {
  nu: Nu
}
type Q = '"' | "'" | `${string}"`;
const m = new Map<string, [Q]>([["it's", ['"']]]);""",
    "java": """public class Main {
    char q = '"', o = '(';
    int[][] g = {{1}}; // don't (

    void f() {
        g(x -> {
            return "}";
        });
    }
}""",
    "cpp": """int main()
{
    if (n) return 1;
    else
        n = 1 ? 2 : n;
    char q = '"', a = '\\'';
    map<char, char> m{
        {')', '('}};
    auto s = R"("x" isn't)"; /* it's (
    */
}""",
}
_GAP = 0.15  # seconds from key to key: slow enough for a list to open, fast enough to meet it
_LATE_MS = 400


def test_programs_come_out_as_typed(server: ServerProcess, person: Callable[..., Page]) -> None:
    assert known(server, "python")
    pages = []
    for number, (language, program) in enumerate(_PROGRAMS.items()):
        page = person()
        open_session(server, page, language=language, initial_code="")
        page.locator(".cm-content").click()
        if number % 2:
            delay_answers(page, _LATE_MS)
        pages.append((page, program))
    type_together(pages, _GAP)
    assert [text_of(page) for page, _ in pages] == list(_PROGRAMS.values())
    # What is offered can be had: where it completes what is typed with Enter, else with an arrow, or with Tab.
    page = pages[0][0]
    page.keyboard.press("Control+a")
    names = page.locator(".cm-tooltip-autocomplete")
    for typed, keys in (
        ("enume", ["Enter"]),
        ("ra", ["ArrowDown", "ArrowUp", "Enter"]),
        ("wh", ["Tab"]),
    ):
        page.keyboard.type(typed)
        expect(names.locator("[aria-selected]")).to_be_visible()
        expect(names).not_to_have_class(re.compile("disabled"))
        page.wait_for_timeout(100)  # a list takes no key before anybody can have seen it
        for key in keys:
            page.keyboard.press(key)
        expect(names).to_have_count(0)
        page.keyboard.type(" ")
    assert re.fullmatch(r"enumerate (raise|range|randint) while .*", text_of(page), re.DOTALL), (
        text_of(page)
    )
    # A closer on a line of its own is the one that the editor has put there; that is undone at a stroke.
    opened_by = {
        "javascript": "function f(x) {",
        "typescript": "class A {",
        "cpp": "int f(int x) {",
    }
    for language, opened in opened_by.items():
        page = pages[list(_PROGRAMS).index(language)][0]
        page.keyboard.press("Control+a")
        page.keyboard.type(f"{opened}\nreturn x;")
        before = text_of(page)
        page.keyboard.type("\n}")
        unit = "    " if language == "cpp" else "  "
        assert text_of(page) == f"{opened}\n{unit}return x;\n}}", before
        page.keyboard.press("Control+z")
        assert text_of(page) == f"{opened}\n{unit}return x;\n{unit}\n}}"
