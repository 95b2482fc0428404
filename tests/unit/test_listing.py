"""A file's identity is its text: which one each has, whatever entries say, and that moving an entry moves no text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Map, Text

from pizarra.collab.state.document import Document, starting_update
from pizarra.collab.state.listing import MAX_TEXT_NAME

CASES = json.loads((Path(__file__).parents[1] / "data" / "listings.json").read_text())


def built(entries: dict[str, Any], texts: dict[str, str]) -> Document:
    """Return a document as a client makes it that writes what it likes."""
    doc: Doc[Any] = Doc()
    files: Map[Any] = doc.get("files", type=Map)
    for path, entry in entries.items():
        files[path] = entry
    for name, content in texts.items():
        text: Text = doc.get(name, type=Text)
        text += content
    document = Document()
    document.apply(doc.get_update())
    return document


def written(document: Document, write: Callable[[Doc[Any]], None]) -> None:
    """Have a client that has the document write into it."""
    doc: Doc[Any] = Doc()
    doc.apply_update(document.encode())
    with doc.transaction():
        write(doc)
    document.apply(doc.get_update())


def moved(path: str, to: str) -> Callable[[Doc[Any]], None]:
    """Return what the page does to rename a file."""

    def move(doc: Doc[Any]) -> None:
        files: Map[Any] = doc.get("files", type=Map)
        del files[path]
        files[to] = {"language": "python", "text": f"file:{path}"}

    return move


def texts(document: Document) -> dict[str, str | None]:
    return {file.path: document.text(file.path) for file in document.files()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_every_text_has_one_file(case: dict[str, Any]) -> None:
    """The page reads the same table."""
    document = built(case["entries"], {name: name for name in case["files"].values()})
    assert {file.path: document.text(file.path) for file in document.files()} == case["files"]


def test_hostile_entries_multiply_nothing() -> None:
    """However many entries name one long text, it is there once; nested maps count as entries."""
    long = "x" * (MAX_TEXT_NAME + 1)
    entries = {f"{number}.py": {"text": "t"} for number in range(500)} | {
        "long.py": {"text": long},
        "map.py": Map({"text": "u"}),
    }
    document = built(
        entries, {"t": "x" * 1000, "u": "nested", long: "never read", "file:long.py": "its own"}
    )
    assert document.text_bytes() == 1000 + 6 + 7
    assert [file.path for file in document.files()] == ["0.py", "long.py", "map.py"]
    assert document.text("1.py") is None
    assert document.text("map.py") == "nested"


def test_a_renamed_file_keeps_what_is_typed_into_it() -> None:
    """Whoever types while somebody else renames types into the same text; a language's file comes back as it starts."""
    document = Document()
    document.apply(starting_update("main.py", "python", "print(1)\n"))
    typist: Doc[Any] = Doc()
    typist.apply_update(document.encode())
    written(document, moved("main.py", "old.py"))
    text: Text = typist.get("file:main.py", type=Text)
    text.insert(0, "# typed\n")
    document.apply(typist.get_update())
    assert texts(document) == {"old.py": "# typed\nprint(1)\n"}
    document.edit(lambda it: it.put_file("main.py", "python", "print(2)\n"))
    assert texts(document) == {"main.py": "print(2)\n", "old.py": "# typed\nprint(1)\n"}


def test_going_back_brings_the_names_of_then_with_the_texts_that_they_named() -> None:
    """A follow-up question from before a rename: who writes in the file is in the same text still."""
    then = built({"helper.py": {"language": "python"}}, {"file:helper.py": "a\nb\n"})
    now = Document()
    now.apply(then.encode())
    written(now, moved("helper.py", "tools.py"))
    now.edit(lambda it: it.put_file("helper.py", "python", "another"))
    assert texts(now) == {"helper.py": "another", "tools.py": "a\nb\n"}
    now.edit(lambda it: it.restore(then))
    assert texts(now) == {"helper.py": "a\nb\n"}

    def type_on(doc: Doc[Any]) -> None:
        text: Text = doc.get("file:helper.py", type=Text)
        text += "c\n"

    written(now, type_on)
    assert texts(now) == {"helper.py": "a\nb\nc\n"}
