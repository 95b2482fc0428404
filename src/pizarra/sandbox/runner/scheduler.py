"""Whose turn it is: the machine's slots are shared out between teams, and between the sessions of a team.

A slot is for computing. A program that waits, for somebody to type or for time to pass, gives its slot to the next.
Programs that nobody waits for let those of people go first for a while, and never have more than half the slots. People
never wait for them: whoever was told to wait would learn that the secret cases of their question are being tried.
"""

from collections import Counter
from collections.abc import Collection

from pizarra.sandbox.runner.job import Job

_FEWEST_WAITING = 4  # that a share may have in the queue, however short it is


class Scheduler:
    """The jobs of this machine: those that have begun, and those that wait."""

    def __init__(self, *, slots: int, queue: int, resting: int) -> None:
        self._slots = slots
        self._queue = queue
        self._most = slots + resting  # sandboxes at once
        self._most_of_share = slots + resting // 2
        self._most_in_background = max(1, slots // 2)
        self._begun: set[Job] = set()
        self.waiting: list[Job] = []

    def begin(self, job: Job) -> bool:
        """Give a job a slot, if it may have one now."""
        if job in self.waiting or not self._may_begin(job):
            return False
        self._begun.add(job)
        return True

    def wait(self, job: Job) -> bool:
        """Let a job wait, if there is room for it."""
        waiting = _beside(job, self.waiting)
        of_share = sum(other.share == job.share for other in waiting)
        if len(waiting) >= self._queue or of_share >= max(_FEWEST_WAITING, self._queue // 4):
            return False
        self.waiting.append(job)
        return True

    def next(self) -> Job | None:
        """Give a slot to the job whose team, and share, has the fewest; None when nobody may begin."""
        ready = [job for job in self.waiting if self._may_begin(job)]
        if not ready:
            return None
        people = [job for job in ready if not job.is_background]
        begun = _beside((people or ready)[0], self._begun)
        teams = Counter(job.team for job in begun)
        shares = Counter(job.share for job in begun)
        # the first of equals
        job = min(people or ready, key=lambda each: (teams[each.team], shares[each.share]))
        self.waiting.remove(job)
        self._begun.add(job)
        return job

    def end(self, job: Job) -> None:
        """Take a job's slot back."""
        self._begun.discard(job)

    @property
    def begun(self) -> int:
        """How many jobs have begun."""
        return len(self._begun)

    def computing(self) -> int:
        """Return how many of them do something."""
        return sum(not job.is_resting for job in self._begun)

    def people_waiting(self) -> int:
        """Return how many programs wait that somebody waits for: what is tried behind them makes nothing full."""
        return sum(not job.is_background for job in self.waiting)

    def places(self) -> list[tuple[int, Job]]:
        """Return who waits, each with its place: people's programs are counted among themselves."""
        return [
            (number, job)
            for some in (
                [job for job in self.waiting if not job.is_background],
                [job for job in self.waiting if job.is_background],
            )
            for number, job in enumerate(some, 1)
        ]

    def _may_begin(self, job: Job) -> bool:
        begun = _beside(job, self._begun)
        if len(begun) >= self._most:
            return False
        if not job.is_background:
            if sum(not other.is_resting for other in begun) >= self._slots:
                return False
        # Else it waits for a moment in which nobody computes, or long enough.
        elif sum(other.is_background for other in begun) >= self._most_in_background or (
            job.gives_way and self._somebody_computes()
        ):
            return False
        return sum(other.share == job.share for other in begun) < self._most_of_share

    def _somebody_computes(self) -> bool:
        """Tell whether a program of people's computes, or waits for its turn to."""
        computing = (other for other in self._begun if not other.is_resting)
        return not all(other.is_background for other in (*computing, *self.waiting))


def _beside(job: Job, some: Collection[Job]) -> Collection[Job]:
    """Return those that a job has to share with: for one of people's, people's alone."""
    return some if job.is_background else [each for each in some if not each.is_background]
