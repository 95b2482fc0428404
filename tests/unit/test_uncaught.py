"""Where an uncaught error is marked, from what each runtime prints."""

import pytest

from pizarra.sandbox.languages import languages
from pizarra.sandbox.runner.uncaught import find_error

CHAINED = """Traceback (most recent call last):
  File "/work/main.py", line 3, in <module>
    {}['x']
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/work/main.py", line 5, in <module>
    raise NotFound('no x')
NotFound: no x
"""
GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/work/main.py", line 7, in <module>
  |     raise ExceptionGroup('many', found)
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/work/main.py", line 2, in <module>
    |     raise ValueError(1)
    | ValueError: 1
    +------------------------------------
"""
SYNTAX = """Traceback (most recent call last):
  File "/work/main.py", line 1, in <module>
    import helper
  File "/work/helper.py", line 4
    def f(:
          ^
SyntaxError: invalid syntax
"""
FOREIGN = """Traceback (most recent call last):
  File "/work/main.py", line 2, in <module>
    json.loads('{')
  File "/usr/lib/python3.11/json/decoder.py", line 353, in raw_decode
    obj, end = self.scan_once(s, idx)
json.decoder.JSONDecodeError: Expecting property name: line 1 column 2 (char 1)
"""
PARSED = """undefined:1
{


SyntaxError: Expected property name or '}' in JSON at position 1
    at JSON.parse (<anonymous>)
    at Object.<anonymous> (/work/main.js:3:6)
    at Module._compile (node:internal/modules/cjs/loader:1529:14)

Node.js v20.20.2
"""
THROWN = """/work/main.js:2
throw 5;
^
5
(Use `node --trace-uncaught ...` to show where it was thrown)

Node.js v20
"""
REJECTED = """node:internal/process/promises:288
            triggerUncaughtException(err, true /* fromPromise */);
            ^

NotFound: no
    at load (file:///work/lib/a.mjs:4:9)
    at async file:///work/main.js:9:1 {
  code: 'E'
}
"""
PACKAGE = """Exception in thread "main" java.lang.IllegalStateException: no
\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)
\tat com.acme.App.start(App.java:4)
\tat com.acme.App.main(App.java:2)
Caused by: java.lang.Error
\tat com.acme.App.deep(App.java:9)
"""


@pytest.mark.parametrize(
    ("language", "printed", "files", "place", "message"),
    [
        ("python", CHAINED, ["main.py"], ("main.py", 5), "NotFound: no x"),
        ("python", GROUP, ["main.py"], ("main.py", 7), "ExceptionGroup: many (1 sub-exception)"),
        (
            "python",
            SYNTAX,
            ["main.py", "helper.py"],
            ("helper.py", 4),
            "SyntaxError: invalid syntax",
        ),
        (
            "python",
            FOREIGN,
            ["main.py"],
            ("main.py", 2),
            "json.decoder.JSONDecodeError: Expecting property name: line 1",
        ),
        (
            "javascript",
            PARSED,
            ["main.js"],
            ("main.js", 3),
            "SyntaxError: Expected property name or '}' in JSON",
        ),
        ("javascript", THROWN, ["main.js"], ("main.js", 2), "5"),
        ("javascript", REJECTED, ["main.js", "lib/a.mjs"], ("lib/a.mjs", 4), "NotFound: no"),
        (
            "typescript",
            PARSED.replace(".js:", ".ts:"),
            ["main.ts"],
            ("main.ts", 3),
            "SyntaxError: Expected",
        ),
        (
            "java",
            PACKAGE,
            ["com/acme/App.java"],
            ("com/acme/App.java", 4),
            'Exception in thread "main" java.lang.Ill',
        ),
        (
            "java",
            PACKAGE,
            ["App.java", "src/com/acme/App.java"],
            ("src/com/acme/App.java", 4),
            "Exception in thread",
        ),
    ],
)
def test_it_is_marked(
    language: str, printed: str, files: list[str], place: tuple[str, int], message: str
) -> None:
    pattern = languages()[language].run.error
    assert pattern is not None
    (found,) = find_error(
        pattern, printed.replace("\n", "\r\n"), dict.fromkeys(files, b""), language
    )
    assert (found.path, found.line) == place
    assert found.message.startswith(message)
