"""Cgroups of runners that were killed."""

import os
from pathlib import Path

from pizarra.sandbox.isolation.cgroup import _make_own, _remove_abandoned


def test_two_runners_that_start_may_remove_the_same(tmp_path: Path) -> None:
    """Without a word for what has gone the second would take the machine for one without cgroups."""
    gone = tmp_path / "pizarra-runner-1"
    gone.symlink_to(tmp_path / "removed meanwhile")
    left = tmp_path / "pizarra-runner-2" / "box-1"
    left.mkdir(parents=True)
    _remove_abandoned(tmp_path)
    assert not left.parent.exists()


def test_what_a_living_runner_holds_is_left_alone(tmp_path: Path) -> None:
    lock = _make_own(tmp_path, "pizarra-runner-1")
    _remove_abandoned(tmp_path)
    assert (tmp_path / "pizarra-runner-1").exists()
    os.close(lock)  # as the kernel does when it dies
    _remove_abandoned(tmp_path)
    assert not (tmp_path / "pizarra-runner-1").exists()
