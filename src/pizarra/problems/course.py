"""Which question a session was about when: what its entries `problem` and `branch` come to.

A branch goes on with the question of the instant it begins at; whoever comes back finds the question that was left.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import SessionProblem, TimelineEntry
from pizarra.models.timeline import BRANCHES
from pizarra.storage.sqlite import indexed_by

_MAIN = 0


@dataclass(frozen=True, slots=True)
class Posing:
    """A question that a session was given by the entry `seq`; whatever has its `folder` is of the same question."""

    seq: int
    folder: str
    version_id: int | None = None


@dataclass(slots=True)
class Course:
    """Takes in entries in their order, and tells of any instant which question it was about."""

    posings: list[Posing] = field(default_factory=list)
    _since: list[int] = field(default_factory=list)
    _about: list[Posing | None] = field(default_factory=list)
    _line: int = _MAIN
    _left: dict[int, Posing | None] = field(default_factory=lambda: {_MAIN: None})

    def add_problem(self, posing: Posing) -> None:
        """From here on it is about another question."""
        self.posings.append(posing)
        self._turn(posing.seq, posing)

    def add_branch(self, seq: int, since: int, resumes: int | None) -> None:
        """Another line of work begins with the code of entry `since`, or goes on."""
        self._left[self._line] = self.now
        if resumes is not None and resumes in self._left:
            self._line = resumes
            self._turn(seq, self._left[resumes])
        else:
            self._line = seq
            self._turn(seq, self.at(since))

    def _turn(self, seq: int, posing: Posing | None) -> None:
        self._since.append(seq)
        self._about.append(posing)

    @property
    def now(self) -> Posing | None:
        """What it is about."""
        return self._about[-1] if self._about else None

    def at(self, seq: int) -> Posing | None:
        """What it was about once entry `seq` was there."""
        place = bisect_right(self._since, seq)
        return self._about[place - 1] if place else None

    def turns(self) -> list[int]:
        """The last entries before it was about something else."""
        about = [None, *self._about]
        return [
            seq - 1
            for seq, before, after in zip(self._since, about, self._about, strict=False)
            if before != after and seq > 1
        ]

    def of_program(self, seq: int, path: str | None) -> Posing | None:
        """Which question a program answers: that whose folder it lies in, wherever the session is."""
        if path is None:
            return self.at(seq)
        known = [each for each in self.posings if each.seq <= seq]
        apart = [each for each in known if each.folder and path.startswith(each.folder)]
        beside = [each for each in known if not each.folder]
        found = apart or beside
        return found[-1] if found else None


async def course_of(db: AsyncSession, session_key: int) -> Course:
    """Return which questions a session was given, and when it was about which."""
    course = Course()
    given = select(SessionProblem).where(SessionProblem.session_id == session_key)
    posings = {
        each.seq: Posing(each.seq, each.folder, each.version_id)
        for each in await db.scalars(given.order_by(SessionProblem.seq))
    }
    if not posings:
        return course
    entry = TimelineEntry.__table__.c
    # Written out: the index of these few entries serves no query whose kind is a parameter.
    branched = (
        select(entry.seq, entry.data)
        .where(entry.session_id == session_key, entry.kind == literal_column("'branch'"))
        .with_hint(TimelineEntry.__table__, *indexed_by(BRANCHES))
    )
    branches = {row[0]: row[1] for row in await db.execute(branched)}
    for seq in sorted({*posings, *branches}):
        if seq in posings:
            course.add_problem(posings[seq])
            continue
        # What was imported may be anything.
        since, resumes = branches[seq].get("from"), branches[seq].get("resumes")
        course.add_branch(
            seq,
            since if isinstance(since, int) else 0,
            resumes if isinstance(resumes, int) else None,
        )
    return course


async def titles_of(db: AsyncSession, session_key: int, course: Course) -> dict[int, str]:
    """Return what each question was called, by the entry that gave it."""
    entry = TimelineEntry
    query = select(entry.seq, entry.data["title"].as_string()).where(
        entry.session_id == session_key, entry.seq.in_([each.seq for each in course.posings])
    )
    return {seq: title or "" for seq, title in await db.execute(query)}
