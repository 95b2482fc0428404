"""Whether a process has ended, as another one of its computer sees it."""

import subprocess
import sys

from tests.harness.ports import wait_until

from pizarra.kit.processes import is_gone, this_process


def test_a_process_is_there_until_it_ends_and_its_number_may_be_given_again() -> None:
    mine = this_process()
    assert is_gone(mine) is False
    assert is_gone(mine._replace(started=mine.started + 1)) is True  # another had its number
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        other = mine._replace(number=child.pid, started=0)
        assert is_gone(other) is False
        child.kill()
        # Dead is dead, before anybody has asked how it ended too.
        wait_until(lambda: is_gone(other) is True, "the end")
        child.wait()
        assert is_gone(other) is True


def test_of_another_computer_nothing_is_known() -> None:
    assert is_gone(this_process()._replace(place="elsewhere")) is None
