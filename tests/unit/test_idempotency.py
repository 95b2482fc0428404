"""The same key of the same sender makes one thing: at once, later, after a failure, and among too many keys."""

import asyncio
import gc
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel
from starlette.requests import Request

from pizarra.answers.codes import Code
from pizarra.errors import InvalidInput
from pizarra.http.idempotency import Idempotency


class Wanted(BaseModel):
    """A body."""

    title: str = "Two Sum"


class Clock:
    """A clock that is moved."""

    now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """Where things are made, each with a number of its own, and remembered by keys."""

    def __init__(self, most: int = 100) -> None:
        self.clock = Clock()
        self.keys = Idempotency(self.clock, most, 1.0)
        self.made: list[int] = []
        self.gone: set[int] = set()
        self.failure: BaseException | None = None
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def _make(self) -> int:
        await self.go_on.wait()
        if self.failure is not None:
            raise self.failure
        self.made.append(len(self.made) + 1)
        return self.made[-1]

    def ask(
        self, key: str | None, who: str = "ana", body: BaseModel | None = None
    ) -> Awaitable[int]:
        """Ask for a thing."""
        headers = [] if key is None else [(b"idempotency-key", key.encode("latin-1"))]
        request = Request({"type": "http", "headers": headers})
        return asyncio.ensure_future(
            self.keys.once(
                request,
                who,
                body or Wanted(),
                self._make,
                is_there=lambda made: made not in self.gone,
            )
        )

    async def asked(self, keys: str, who: str = "ana") -> list[int]:
        """Ask once for each letter, one after another."""
        return [await self.ask(key, who) for key in keys]


async def refusal(asked: Awaitable[int]) -> str:
    with pytest.raises(InvalidInput) as refused:
        await asked
    return str(refused.value.code)


async def test_without_a_key_each_request_makes_its_own() -> None:
    desk = Desk()
    assert [await desk.ask(None) for _ in range(3)] == [1, 2, 3]


async def test_with_a_key_one_is_made_however_many_ask_at_once() -> None:
    desk = Desk()
    desk.go_on.clear()
    asked = [desk.ask("k") for _ in range(5)]
    await asyncio.sleep(0)
    desk.go_on.set()
    assert await asyncio.gather(*asked) == [1] * 5
    assert await desk.asked("kkj") == [1, 1, 2]


async def test_a_key_is_its_senders_own() -> None:
    desk = Desk()
    assert await desk.asked("k") != await desk.asked("k", "zoe")
    assert (await desk.asked("k"), await desk.asked("k", "zoe")) == ([1], [2])


async def test_a_key_with_another_body_is_refused() -> None:
    desk = Desk()
    await desk.ask("k")
    assert await refusal(desk.ask("k", body=Wanted(title="Else"))) == Code.IDEMPOTENCY_KEY_REUSED
    assert await desk.asked("k") == [1], "and what was made stays"


@pytest.mark.parametrize("key", ["", "a b", "é", "a\x7f", "k" * 256])
async def test_what_is_no_key_is_refused(key: str) -> None:
    desk = Desk()
    assert await refusal(desk.ask(key)) == Code.IDEMPOTENCY_KEY_MALFORMED
    assert desk.made == []
    assert await desk.ask("k" * 255) == 1


async def test_what_failed_is_made_when_asked_again() -> None:
    desk = Desk()
    desk.failure = RuntimeError("the database went away")
    desk.go_on.clear()
    asked = [desk.ask("k") for _ in range(3)]
    await asyncio.sleep(0)
    desk.go_on.set()
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(each) for each in told] == ["the database went away"] * 3
    desk.failure = None
    assert await desk.asked("k") == [1]


async def test_what_failed_takes_nothing_with_it() -> None:
    desk = Desk()
    await desk.ask("a")
    desk.failure = ValueError("refused")
    with pytest.raises(ValueError, match="refused"):
        await desk.ask("b")
    desk.failure = None
    assert await desk.asked("ab") == [1, 2]


async def test_whose_requests_all_fail_is_not_remembered() -> None:
    """Nor does anybody hear of a failure twice: whoever asked was told."""
    desk, unheard = Desk(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, about: unheard.append(about))
    desk.failure = ValueError("refused")
    for who in ("ana", "zoe"):
        with pytest.raises(ValueError, match="refused"):
            await desk.ask("k", who)
    desk.failure = None
    assert desk.keys._of == {}  # noqa: SLF001 - strangers' names would gather there
    await asyncio.sleep(0)  # the step that brought the failure here holds it
    gc.collect()
    assert unheard == []


async def test_what_was_forgotten_before_it_failed_makes_no_room() -> None:
    desk = Desk(most=1)
    desk.failure = ValueError("refused")
    desk.go_on.clear()
    asked = [desk.ask(key) for key in "ab"]  # there is room for one, and both are under way
    await asyncio.sleep(0)
    desk.go_on.set()
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(each) for each in told] == ["refused"] * 2
    desk.failure = None
    assert await desk.asked("cdc") == [1, 2, 3], "one is known at a time, as before"


async def test_what_is_under_way_is_not_forgotten() -> None:
    """Whoever asked again, because the answer took long, had a second one made."""
    desk = Desk(most=2)
    desk.go_on.clear()
    first = desk.ask("k")
    others = [desk.ask(each) for each in "abcd"]
    await asyncio.sleep(0)
    again = desk.ask("k")
    await asyncio.sleep(0)
    desk.go_on.set()
    assert await first == await again == 1
    await asyncio.gather(*others)
    assert await desk.asked("e") == [6]
    assert await desk.asked("de") == [5, 6], "and once all were made, the newest two are known"
    assert await desk.asked("k") == [7]


async def test_whose_request_is_called_off_leaves_nothing_behind() -> None:
    desk = Desk()
    desk.go_on.clear()
    first, second = desk.ask("k"), desk.ask("k")
    await asyncio.sleep(0)
    assert isinstance(first, asyncio.Future)
    first.cancel()
    with pytest.raises(RuntimeError, match="it was not made"):
        await second
    desk.go_on.set()
    assert await desk.asked("k") == [1]


async def test_who_waits_and_gives_up_stops_nobodys_making() -> None:
    desk = Desk()
    desk.go_on.clear()
    first, second = desk.ask("k"), desk.ask("k")
    await asyncio.sleep(0)
    assert isinstance(second, asyncio.Future)
    second.cancel()
    await asyncio.sleep(0)
    desk.go_on.set()
    assert (await first, await desk.ask("k")) == (1, 1)


async def test_what_is_gone_is_made_anew_once() -> None:
    desk = Desk()
    await desk.ask("k")
    desk.gone.add(1)
    desk.go_on.clear()
    asked = [desk.ask("k") for _ in range(3)]
    await asyncio.sleep(0)
    desk.go_on.set()
    assert await asyncio.gather(*asked) == [2] * 3


async def test_what_is_gone_before_those_who_wait_see_it_is_made_anew_once() -> None:
    desk = Desk()
    desk.gone.add(1)
    desk.go_on.clear()
    asked = [desk.ask("k") for _ in range(3)]
    await asyncio.sleep(0)
    desk.go_on.set()
    assert await asyncio.gather(*asked) == [1, 2, 2]


async def test_what_is_made_anew_is_the_newest_and_takes_one_place() -> None:
    desk = Desk(most=2)
    assert await desk.asked("ab") == [1, 2]
    desk.gone.add(1)
    assert await desk.asked("aba") == [3, 2, 3], "both still have their places"
    assert await desk.asked("cab") == [4, 3, 5], "and the oldest makes room"


async def test_a_key_is_forgotten_in_time() -> None:
    desk = Desk()
    first = await desk.ask("k")
    desk.clock.now += timedelta(minutes=59)
    assert await desk.ask("k") == first, "and that does not make it last longer"
    desk.clock.now += timedelta(minutes=1)
    assert await desk.ask("k") != first


async def test_of_too_many_whoever_has_most_loses_their_oldest() -> None:
    desk = Desk(most=4)
    zoes = await desk.asked("a", "zoe")
    assert await desk.asked("abc") == [2, 3, 4]
    await desk.ask("d")
    assert await desk.asked("bcd") == [3, 4, 5], "the newest three are known"
    assert await desk.asked("a", "zoe") == zoes, "and those of who has few"
    assert await desk.ask("a") == 6


async def test_what_is_forgotten_makes_room() -> None:
    desk = Desk(most=2)
    await desk.asked("ab", "zoe")
    desk.clock.now += timedelta(hours=1)
    await desk.asked("c", "zoe")  # whoever comes again has theirs of long ago forgotten
    desk.failure = ValueError("refused")
    for key in "defg":
        with pytest.raises(ValueError, match="refused"):
            await desk.ask(key)  # what was not made takes no room
    desk.failure = None
    await desk.asked("a")
    assert await desk.asked("c", "zoe") == [3]
