"""Whose turn it is: the machine's slots are shared out between teams, and between the sessions of a team.

A slot is for computing. A program that waits, for somebody to type or for time to pass, gives its slot to the next.
Programs that nobody waits for let those of people go first for a while, and never have more than half the slots.
"""

from collections import Counter

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
        if job in self.waiting or not self._has_slot() or not self._may_begin(job):
            return False
        self._begun.add(job)
        return True

    def wait(self, job: Job) -> bool:
        """Let a job wait, if there is room for it."""
        of_share = sum(other.share == job.share for other in self.waiting)
        if len(self.waiting) >= self._queue or of_share >= max(_FEWEST_WAITING, self._queue // 4):
            return False
        self.waiting.append(job)
        return True

    def next(self) -> Job | None:
        """Give a slot to the job whose team, and share, has the fewest; None when nobody may begin."""
        if not self.waiting or not self._has_slot():
            return None
        teams = Counter(job.team for job in self._begun)
        shares = Counter(job.share for job in self._begun)
        ready = [job for job in self.waiting if self._may_begin(job)]
        if not ready:
            return None
        # the first of equals
        job = min(ready, key=lambda each: (teams[each.team], shares[each.share]))
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

    def _has_slot(self) -> bool:
        return self.computing() < self._slots and len(self._begun) < self._most

    def _may_begin(self, job: Job) -> bool:
        if job.is_background:
            begun = sum(other.is_background for other in self._begun)
            if begun >= self._most_in_background or (job.gives_way and self._somebody_computes()):
                return False
        return sum(other.share == job.share for other in self._begun) < self._most_of_share

    def _somebody_computes(self) -> bool:
        """Tell whether a program of people's computes, or waits for its turn to."""
        computing = (other for other in self._begun if not other.is_resting)
        return not all(other.is_background for other in (*computing, *self.waiting))
