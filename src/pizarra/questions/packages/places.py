"""Where in a package a question's fields are written, for whoever is told that one of them is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pizarra.questions.packages.writing import OURS

_PARTS = {"input": "in", "expected": "ans", "hint": "yaml", "description": "yaml"}
_IN_PROBLEM = ("title", "translations")


@dataclass(slots=True)
class Places:
    """The cases that were read, by their files' names without what is behind the dot."""

    samples: list[str] = field(default_factory=list)
    secret: list[list[str]] = field(default_factory=list)
    has_ours: bool = False

    def file_of(self, place: Sequence[int | str]) -> str | None:
        """Return the file that a field is written in; None where that is not known."""
        match [str(each) for each in place]:
            case ["samples", at, part] if part in _PARTS:
                return _file(self.samples, at, part)
            case ["secret", group, "cases", at, part] if part in _PARTS:
                groups = self.secret[int(group) : int(group) + 1]
                return _file(groups[0], at, part) if groups else None
            case ["references" | "starters" | "wrong" | "statement" | "comparator", *_]:
                return None
            case [name, *_] if name in _IN_PROBLEM or not self.has_ours:
                return "problem.yaml"
            case _:
                return OURS if self.has_ours else None


def _file(stems: Sequence[str], at: str, part: str) -> str | None:
    place = int(at)
    return f"{stems[place]}.{_PARTS[part]}" if place < len(stems) else None
