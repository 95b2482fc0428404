"""Which sandboxes wait, for how long, and which make room. Time is moved, not waited for."""

import asyncio
from typing import Any, cast

import pytest
from tests.harness.moved_time import in_moved_time

from pizarra.sandbox.isolation.confinement import Stub
from pizarra.sandbox.isolation.payload import SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.runner.pools import Pools

LIMITS = RunLimits()
PYTHON, NODE, JAVA = (Stub(argv=[name]) for name in ("python", "node", "java"))


class Waiting:
    """A sandbox that runs nothing: it starts after a tenth of a second, and can be killed."""

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.is_alive = False
        self.fails = False

    async def start(self) -> None:
        """Take a moment, as a real one does."""
        await asyncio.sleep(0.1)
        if self.fails:
            raise SandboxError("no room")
        self.is_alive = True

    async def close(self) -> None:
        """End it."""
        self.is_alive = False


class Counted(Pools):
    """Pools of such sandboxes; `made` holds every one."""

    def __init__(self, max_idle: int) -> None:
        self.made: list[Waiting] = []
        self.broken = False
        nothing = cast("Any", None)
        super().__init__(nothing, nothing, max_idle=max_idle, clock=asyncio.get_running_loop().time)

    def new(self, stub: Stub, _limits: RunLimits, *, terminal: bool = False) -> Sandbox:
        """Return one that is not started yet."""
        made = Waiting(stub)
        made.fails = self.broken
        self.made.append(made)
        return cast("Sandbox", made)

    def living(self, stub: Stub) -> int:
        """Return how many of a kind live: those that wait, and those that were taken."""
        return sum(each.is_alive and each.stub is stub for each in self.made)

    async def use(self, stub: Stub, *, terminal: bool = True) -> float:
        """Take one and end it; return the seconds that it took to get it."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        sandbox = await self.acquire(stub, LIMITS, terminal=terminal)
        took = loop.time() - begun
        await sandbox.close()
        return took


def test_what_is_run_is_ready_though_others_are_always_kept() -> None:
    async def story() -> None:
        pools = Counted(max_idle=2)
        for stub in (PYTHON, NODE, JAVA):
            pools.keep_ready(stub, LIMITS, terminal=True)
        await asyncio.sleep(1)
        assert [pools.living(each) for each in (PYTHON, NODE, JAVA)] == [1, 1, 0]

        assert await pools.use(JAVA) == pytest.approx(0.1, abs=0.01)
        await asyncio.sleep(1)
        for _ in range(3):  # as a language that is run again and again
            assert await pools.use(JAVA) == 0
            await asyncio.sleep(1)
        assert pools.idle == 2
        assert pools.living(JAVA) == 1
        assert pools.living(PYTHON) + pools.living(NODE) == 1

        await pools.use(PYTHON)
        await pools.use(NODE)
        await asyncio.sleep(1)
        assert [pools.living(each) for each in (PYTHON, NODE, JAVA)] == [1, 1, 0]
        await pools.close()

    in_moved_time(story())


def test_the_next_one_waits_when_one_was_taken() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        assert await pools.use(PYTHON) == pytest.approx(0.1, abs=0.01)
        await asyncio.sleep(1)
        for _ in range(3):
            assert await pools.use(PYTHON) == 0
            await asyncio.sleep(1)
        await pools.close()
        assert pools.living(PYTHON) == 0

    in_moved_time(story())


def test_a_kind_for_terminals_is_none_for_pipes() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        pools.keep_ready(PYTHON, LIMITS, terminal=True)
        await asyncio.sleep(1)
        assert await pools.use(PYTHON, terminal=False) > 0
        assert await pools.use(PYTHON, terminal=True) == 0
        await pools.close()

    in_moved_time(story())


def test_who_is_asked_for_often_has_more_ready_up_to_a_quarter() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        for _ in range(5):
            await asyncio.gather(*(pools.use(PYTHON) for _ in range(4)))
            await asyncio.sleep(5)
        assert pools.idle == 2
        await pools.close()

    in_moved_time(story())


def test_a_sandbox_that_was_killed_while_it_waited_is_not_handed_out() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        pools.keep_ready(PYTHON, LIMITS, terminal=True)
        await asyncio.sleep(1)
        pools.made[0].is_alive = False
        sandbox = await pools.acquire(PYTHON, LIMITS, terminal=True)
        assert sandbox.is_alive
        assert cast("Any", sandbox) is not pools.made[0]
        await pools.close()

    in_moved_time(story())


def test_the_kind_used_longest_ago_makes_room() -> None:
    async def story() -> None:
        pools = Counted(max_idle=2)
        for stub in (PYTHON, NODE, JAVA):
            await pools.use(stub)
            await asyncio.sleep(1)
        assert [pools.living(stub) for stub in (PYTHON, NODE, JAVA)] == [0, 1, 1]
        assert pools.idle == 2
        await pools.close()

    in_moved_time(story())


def test_what_must_be_ready_makes_no_room_for_a_second_one() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        kept = [Stub(argv=[f"kept-{number}"]) for number in range(7)]
        for stub in kept:
            pools.keep_ready(stub, LIMITS, terminal=True)
        await asyncio.sleep(2)
        await asyncio.gather(pools.use(NODE), pools.use(NODE))  # two at once: two are wanted
        await asyncio.sleep(2)
        assert [pools.living(stub) for stub in kept] == [1] * 7
        assert pools.living(NODE) == 1
        await pools.close()

    in_moved_time(story())


def test_what_nobody_asked_for_in_ten_minutes_goes_and_what_must_be_ready_is_replaced() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        pools.keep_ready(PYTHON, LIMITS, terminal=True)
        await pools.use(NODE)
        await asyncio.sleep(1)
        before = pools.made[0]
        assert [pools.living(stub) for stub in (PYTHON, NODE)] == [1, 2], "somebody had to wait"
        await asyncio.sleep(500)
        assert [pools.living(stub) for stub in (PYTHON, NODE)] == [1, 2]
        await asyncio.sleep(200)
        assert [pools.living(stub) for stub in (PYTHON, NODE)] == [1, 0]
        assert not before.is_alive, "what waited long is made anew"
        await pools.close()

    in_moved_time(story())


def test_what_is_out_of_date_goes_also_while_it_is_prepared() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        pools.keep_ready(PYTHON, LIMITS, terminal=True)
        await asyncio.sleep(1)
        await pools.use(PYTHON)
        await asyncio.sleep(0.08)  # the next is on its way
        pools.renew()
        await asyncio.sleep(1)
        assert (pools.living(PYTHON), pools.idle, pools.is_settled) == (0, 0, True)
        await pools.close()

    in_moved_time(story())


def test_one_that_does_not_start_is_no_reason_to_stop_trying() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        pools.broken = True
        with pytest.raises(SandboxError):
            await pools.acquire(PYTHON, LIMITS, terminal=True)
        pools.keep_ready(PYTHON, LIMITS, terminal=True)
        await asyncio.sleep(1)
        assert pools.idle == 0
        pools.broken = False
        await asyncio.sleep(60)
        assert pools.idle == 2, "one that must be ready, and one because somebody had to wait"
        await pools.close()

    in_moved_time(story())


def test_nothing_is_prepared_after_the_end() -> None:
    async def story() -> None:
        pools = Counted(max_idle=8)
        await pools.use(PYTHON)
        await pools.close()
        await asyncio.sleep(100)
        assert (pools.living(PYTHON), len(pools.made)) == (0, 1)

    in_moved_time(story())
