"""Client ids belong to persons, and among a person's connections to the one that speaks."""

import asyncio

from tests.harness.core import ANA, ZOE, connect

from pizarra.collab.state.ownership import Claim, Ownership


def test_an_id_is_whose_who_used_it_first() -> None:
    async def story() -> None:
        ownership = Ownership({}, per_connection=9, per_person=9)
        (ana, _), (zoe, _) = connect(ANA), connect(ZOE)
        assert ownership.claim(ana, 5) is Claim.GRANTED
        assert ownership.claim(ana, 5) is Claim.GRANTED
        assert ownership.claim(zoe, 5) is Claim.FOREIGN
        ownership.release(ana)
        assert ownership.claim(zoe, 5) is Claim.FOREIGN, "she may come back"
        assert ownership.speaker(5) is None

    asyncio.run(story())


def test_of_two_windows_one_speaks_under_an_id() -> None:
    async def story() -> None:
        ownership = Ownership({}, per_connection=9, per_person=9)
        (first, _), (second, _) = connect(ANA), connect(ANA)
        assert ownership.claim(first, 5) is Claim.GRANTED
        assert ownership.claim(second, 5) is Claim.BUSY
        assert ownership.speaker(5) is first
        ownership.release(first)
        assert ownership.claim(second, 5) is Claim.GRANTED
        assert (first.clients, second.clients) == ({5}, {5})

    asyncio.run(story())


def test_what_the_log_says_counts() -> None:
    async def story() -> None:
        ownership = Ownership({5: ZOE.key, 6: None}, per_connection=9, per_person=9)
        (ana, _), (zoe, _) = connect(ANA), connect(ZOE)
        assert ownership.claim(ana, 5) is Claim.FOREIGN
        assert ownership.claim(ana, 6) is Claim.FOREIGN, "the server's"
        assert ownership.claim(zoe, 5) is Claim.GRANTED
        ownership.note(ANA.key, [5, 7])
        assert ownership.persons == {5: ZOE.key, 6: None, 7: ANA.key}

    asyncio.run(story())


def test_ids_are_counted_by_connection_and_by_person() -> None:
    async def story() -> None:
        ownership = Ownership({}, per_connection=2, per_person=3)
        (first, _), (second, _), (zoe, _) = connect(ANA), connect(ANA), connect(ZOE)
        assert [ownership.claim(first, client) for client in (1, 2, 3)] == [
            Claim.GRANTED,
            Claim.GRANTED,
            Claim.TOO_MANY_HERE,
        ]
        assert [ownership.claim(second, client) for client in (3, 4)] == [
            Claim.GRANTED,
            Claim.TOO_MANY,
        ]
        assert ownership.claim(zoe, 4) is Claim.GRANTED, "hers are her own"
        ownership.release(first)
        again, _ = connect(ANA)
        assert ownership.claim(again, 1) is Claim.GRANTED, "an id she has is not counted again"

    asyncio.run(story())
