"""One socket: what it is sent, how fast it may speak, and when it is given up. Time is moved, not waited for."""

import asyncio
from itertools import pairwise

from tests.harness.core import ANA, connect
from tests.harness.moved_time import in_moved_time

from pizarra.collab.connection import Connection
from pizarra.collab.wire.close_codes import CloseCode


def test_a_peer_that_does_not_read_is_dropped_at_its_bound() -> None:
    async def story() -> None:
        ana, end = connect(ANA, max_outbox_bytes=2**20)
        end.unread = 2**20 - 10
        ana.write(b"x" * 20)
        assert end.got == [b"x" * 20], "it takes what it is sent, so far as we know"
        ana.set_writable(False)
        ana.write(b"y" * 10)
        assert not end.aborted
        ana.write(b"z" * 11)
        assert (end.aborted, ana.dropped, ana.bound) == (True, "slow", "max_outbox_bytes")
        ana.write(b"never")
        assert end.got[1:] == [b"y" * 10]

    in_moved_time(story())


def test_who_caught_up_is_shown_what_they_missed_once() -> None:
    async def story() -> None:
        ana, _ = connect(ANA)
        shown: list[Connection] = []
        ana.on_catch_up = shown.append
        ana.set_writable(False)
        ana.misses_presence = True
        ana.set_writable(True)
        ana.set_writable(True)
        assert shown == [ana]

    in_moved_time(story())


def test_a_goodbye_is_said_once() -> None:
    async def story() -> None:
        ana, end = connect(ANA)
        ana.close(CloseCode.SESSION_ENDED, "over")
        ana.close(CloseCode.TRY_AGAIN, "again", "some_bound")
        assert (end.closed, ana.bound) == ((CloseCode.SESSION_ENDED, "over"), None)
        ana.send(b"more")
        assert end.got == []

    in_moved_time(story())


def test_whoever_is_read_later_hears_that_we_are_there() -> None:
    """The page takes two seconds without a word for a broken network, and would connect anew."""

    async def story() -> None:
        ana, end = connect(ANA)
        ana.wait(4.5)
        ana.wait(3)
        await asyncio.sleep(0.9)
        assert end.got == []
        await asyncio.sleep(10)
        assert end.got == [end.got[0]] * 4
        assert end.reads()
        ana.wait(1.5)
        await asyncio.sleep(10)
        assert len(end.got) == 5
        ana.wait(0.2)
        await asyncio.sleep(0.5)
        ana.wait(2)
        await asyncio.sleep(10)
        assert len(end.got) == 7
        ana.wait(2.5)
        ana.close(CloseCode.TRY_AGAIN, "full")
        await asyncio.sleep(10)
        assert len(end.got) == 7

    in_moved_time(story())


def test_whoever_speaks_too_fast_is_read_later_and_loses_nothing() -> None:
    async def story() -> None:
        ana, end = connect(ANA, max_updates_per_second=10)
        for _ in range(10):
            ana.count_update()
        assert end.reads()
        ana.count_update()
        assert not end.reads()
        await asyncio.sleep(0.09)
        assert not end.reads()
        await asyncio.sleep(0.02)
        assert end.reads()

    in_moved_time(story())


def test_who_asks_again_without_a_word_between_is_read_later() -> None:
    async def story() -> None:
        ana, end = connect(ANA, max_updates_per_second=1000, max_presence_per_second=5)
        for _ in range(100):
            ana.count_update()
            ana.count_question()
        assert end.reads()
        for _ in range(5):
            ana.count_question()
        assert end.reads()
        ana.count_question()
        assert not end.reads()

    in_moved_time(story())


def test_a_large_message_counts_as_several() -> None:
    async def story() -> None:
        ana, end = connect(ANA, max_presence_per_second=5)
        ana.count_presence(4 * 4096)
        assert end.reads()
        ana.count_presence(4095)
        assert not end.reads()

    in_moved_time(story())


def test_reading_goes_on_when_everybody_who_paused_it_says_so() -> None:
    async def story() -> None:
        ana, end = connect(ANA)
        ana.pause()
        ana.pause()
        ana.resume()
        assert not end.reads()
        ana.resume()
        assert end.reads()

    in_moved_time(story())


def test_a_peer_that_hears_nothing_is_told_something() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        ana, end = connect(ANA, keepalive_seconds=15)
        heard_at = []
        for _ in range(12):
            await asyncio.sleep(5)
            ana.note_life()
            ana.keep_alive(loop.time())
            if end.got:
                heard_at.append(loop.time())
                end.got.clear()
        gaps = [round(later - earlier) for earlier, later in pairwise(heard_at)]
        assert len(heard_at) >= 4
        assert max(gaps) <= 15, gaps
        ana.set_writable(False)
        for _ in range(6):
            await asyncio.sleep(5)
            ana.keep_alive(loop.time())
        assert end.got == [], "what it does not read is not made more"

    in_moved_time(story())


def test_a_silent_peer_is_asked_and_then_given_up() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        ana, end = connect(ANA, keepalive_seconds=15, silence_seconds=30, probe_seconds=10)
        begun = loop.time()
        while not end.aborted:
            await asyncio.sleep(5)
            ana.keep_alive(loop.time())
            assert loop.time() - begun < 120
        assert (end.pings, ana.dropped) == (1, "silent")
        assert 40 <= loop.time() - begun <= 60

    in_moved_time(story())


def test_a_peer_that_answers_the_question_lives_on() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        ana, end = connect(ANA, silence_seconds=30, probe_seconds=10)
        for _ in range(100):
            await asyncio.sleep(5)
            asked = end.pings
            ana.keep_alive(loop.time())
            if end.pings > asked:
                ana.note_life()  # a pong
        assert not end.aborted
        assert end.pings > 5

    in_moved_time(story())
