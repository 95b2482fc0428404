"""Which of several runners gets a run."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from pizarra.sandbox.runner.choice import choose, home
from pizarra.sandbox.runner.link import RunnerLink
from pizarra.sandbox.runner.protocol import Capabilities, LanguageState, Load, Prepared, RunChecked


def ignore(_message: BaseModel) -> None: ...


class Nobody:
    """Is told, and does nothing."""

    def __init__(self) -> None:
        self.on_held: Callable[[], None] = lambda: None
        self.on_checked: Callable[[RunChecked], None] = lambda _checked: None

    def prepared(self, link: RunnerLink, event: Prepared) -> None: ...

    def changed(self, link: RunnerLink) -> None: ...

    def handed_back(self, link: RunnerLink, stream: Any) -> None: ...


def runner(key: str, *, slots: int = 4, computing: int = 0, waiting: int = 0) -> RunnerLink:
    link = RunnerLink(Nobody(), ignore, key=key, name=key)
    python = LanguageState(available=True, version="3", reason=None)
    link.receive(
        Capabilities(
            tier="A", reason=None, checks=[], languages={"python": python}, slots=slots, queue=8
        )
    )
    link.receive(Load(computing=computing, waiting=waiting))
    return link


SESSIONS = [f"session {number}" for number in range(400)]


def test_a_session_has_a_home_and_few_move_when_a_runner_goes() -> None:
    links = [runner(f"worker {number}") for number in range(5)]
    homes = {session: home(links, session) for session in SESSIONS}
    shares = Counter(link.key for link in homes.values() if link is not None)
    assert len(shares) == 5
    assert min(shares.values()) > 40, shares
    left = links[1:]
    for session, link in homes.items():
        assert home(list(reversed(left)), session) is link or link is links[0]


def test_a_run_goes_home_unless_that_has_more_to_do_than_the_others() -> None:
    session = SESSIONS[0]
    one, other = runner("one"), runner("other")
    mine = home([one, other], session)
    assert mine is not None
    rest = other if mine is one else one
    assert {choose([one, other], session) for _ in range(20)} == {mine}
    mine.receive(Load(computing=1, waiting=0))
    assert choose([one, other], session) is mine
    mine.receive(Load(computing=2, waiting=0))  # of two in all: twice its share
    assert {choose([one, other], session) for _ in range(20)} == {rest}
    rest.receive(Load(computing=4, waiting=0))
    assert choose([one, other], session) is mine


def test_without_a_free_slot_the_shortest_queue_has_it() -> None:
    small, large = runner("small", slots=1, computing=1), runner("large", slots=8, computing=8)
    large.receive(Load(computing=8, waiting=3))
    assert {choose([small, large], session) for session in SESSIONS} == {small}
    small.receive(Load(computing=1, waiting=3))
    assert {choose([small, large], session) for session in SESSIONS} == {large}


def test_many_runs_are_shared_out() -> None:
    links = [runner(f"worker {number}", slots=4) for number in range(3)]
    for session in SESSIONS[:12]:
        chosen = choose(links, session)
        assert chosen is not None
        computing = chosen.load.computing + 1
        chosen.receive(Load(computing=computing, waiting=0))
    assert [link.load.computing for link in links] == [4, 4, 4]


def test_nobody_is_there() -> None:
    assert choose([], "x") is None
    assert home([], "x") is None
