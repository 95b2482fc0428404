"""What an update contains and what it builds on, as it is read without being applied."""

from dataclasses import dataclass, field
from typing import NamedTuple

# (client, clock) of a character, a key of a map (its hash), or None: the beginning or the end of a text
Place = tuple[int, int] | int | None


class Piece(NamedTuple):
    """What is put between two characters: its own place, and theirs as its author saw them."""

    left: Place
    own: tuple[int, int]
    right: Place


class Link(NamedTuple):
    """That a struct of one client builds on another client's: both as (client, clock)."""

    own: tuple[int, int]
    needed: tuple[int, int]


class Other(NamedTuple):
    """What is no text, or is deleted: the clocks of `client` from `start` up to `end`.

    `stands`: True under a key of a map or inside a type that has its place, False in the row of a root, else beside
    what (client, clock) it stands there, which may be said of either side.
    """

    client: int
    start: int
    end: int
    stands: tuple[tuple[int, int], ...] | bool
    is_deleted: bool


@dataclass(slots=True)
class UpdateSummary:
    """What an update contains and what it builds on.

    `structs` are (client, first clock, end clock), end exclusive; `deletes` the same for what is deleted; `needs` the
    highest clock of each client that must exist for the update to integrate; `text_bytes` the UTF-8 bytes it inserts;
    `only_text` whether it inserts nothing but text. `cuts` are the (client, clock) before which it splits what exists;
    `inner` those in the middle of a character that takes two clocks, where nothing may be split. `files` are the paths
    it may list for the first time; `pieces` are those that do not follow on their author's last. `items` counts what it
    puts anywhere, `longest` is the longest of it in clocks, `foreign` counts what of it is no text, `nested` the shared
    types that may lie inside others; `links` are what it says of who builds on whom, in order of their owners; `others`
    are what of it is no text, and what is deleted, in the same order.
    """

    structs: list[tuple[int, int, int]] = field(default_factory=list)
    deletes: list[tuple[int, int, int]] = field(default_factory=list)
    needs: dict[int, int] = field(default_factory=dict)
    text_bytes: int = 0
    only_text: bool = True
    cuts: list[tuple[int, int]] = field(default_factory=list)
    inner: list[tuple[int, int]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    items: int = 0
    longest: int = 0
    foreign: int = 0
    nested: int = 0
    links: list[Link] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the update holds nothing at all (`00 00`)."""
        return not self.structs and not self.deletes
