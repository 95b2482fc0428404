"""A feature names the parts of the application that it takes, and takes those that it names."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from pizarra.services import Services

SOURCE = Path(__file__).resolve().parents[2] / "src"


def _declared() -> Iterator[type[Any]]:
    """Yield the protocols of every `parts.py`."""
    for path in sorted(SOURCE.glob("pizarra/*/parts.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for _, each in inspect.getmembers(importlib.import_module(module), inspect.isclass):
            if each.__module__ == module and getattr(each, "_is_protocol", False):
                yield each


def _own_parts(protocol: type[Any]) -> dict[str, Any]:
    """Return what a protocol adds to those it begins with: names and types."""
    told = {
        name: get_type_hints(each.fget)["return"]
        for name, each in vars(protocol).items()
        if isinstance(each, property)
    }
    hints = get_type_hints(protocol)
    return told | {name: hints[name] for name in inspect.get_annotations(protocol)}


DECLARED = [each for each in _declared() if _own_parts(each)]
by_name = pytest.mark.parametrize("protocol", DECLARED, ids=lambda each: each.__name__)


def test_the_search_finds_them() -> None:
    assert {"Parts", "RoomParts", "RunParts", "SocketParts"} <= {each.__name__ for each in DECLARED}


@by_name
def test_the_application_has_every_part_of_that_type(protocol: type[Any]) -> None:
    """`app.state` is untyped: that what is behind it fits, no type checker sees."""
    built = get_type_hints(Services)
    for name, wanted in _own_parts(protocol).items():
        if getattr(wanted, "_is_protocol", False):
            offered = {member for member in vars(wanted) if not member.startswith("_")}
            assert all(hasattr(built[name], member) for member in offered), name
        else:
            assert built[name] == wanted, name


@by_name
def test_no_part_is_named_that_nobody_takes(protocol: type[Any]) -> None:
    module = protocol.__module__
    home = SOURCE.joinpath(*module.split(".")).parent
    users = {path for path in home.rglob("*.py") if path != home / "parts.py"}
    users |= {
        path for path in SOURCE.glob("pizarra/*.py") if f"from {module} import" in path.read_text()
    }
    code = "\n".join(path.read_text() for path in users)
    unused = {
        name
        for name in _own_parts(protocol)
        if not re.search(rf"\b(?:_?services|parts_of\(\w+\))\.{name}\b", code)
    }
    assert unused == set()
