"""Which of a document's files a program finds: every one that the page shows, whatever Git or a shell calls it."""

import pytest

from pizarra.collab.state.document import Document, starting_update
from pizarra.errors import NotFound
from pizarra.execution.program import choose_program, program_files

NAMES = ["-a.py", "~x.py", "HEAD", "head/Main.java", ".github/x.py", "x.desktop", "\u3164.py"]


def document() -> Document:
    """Return one with odd names in it."""
    made = Document()
    made.apply(starting_update("main.py", "python", "print(1)"))
    for path in [*NAMES, "../up.py", "/etc/x.py", "a/../b.py", "con.py"]:
        made.edit(lambda it, path=path: it.put_file(path, "python", path))  # type: ignore[misc]
    return made


def test_a_program_finds_every_file_that_a_computer_can_hold() -> None:
    assert program_files(document(), "main.py", 100) == {"main.py": "print(1)"} | {
        path: path for path in NAMES
    }


@pytest.mark.parametrize("path", NAMES)
def test_such_a_file_is_run(path: str) -> None:
    assert choose_program(document(), "python", path=path) == (path, "python")


@pytest.mark.parametrize("path", ["../up.py", "/etc/x.py", "a/../b.py", "con.py", "missing.py"])
def test_what_leads_elsewhere_is_not(path: str) -> None:
    with pytest.raises(NotFound):
        choose_program(document(), "python", path=path)
