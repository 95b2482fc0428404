"""A million mutated frames: each is refused with one kind of error, or does no harm. Minutes on two cores.

    PYTHONPATH=. .venv/bin/python benchmarks/mutants.py [count] [seed]

The frames and what is asked of them are those of `tests/unit/test_fuzz.py`, which tries some hundreds, and shrinks what
it finds; this one only makes many. Ends with 1, and prints the frame, when one did harm.
"""

import os
import random
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from tests.unit.test_fuzz import FRAMES, refused_or_harmless

COUNT = 1_000_000
PIECE = 5_000
NUMBERS = (b"\xff\xff\xff\xff\x07", b"\x80\x80\x80\x80\x08", b"\xff" * 9)


def mutated(chance: random.Random) -> bytes:
    """Return a real frame with some bytes changed, cut, doubled or made into large numbers."""
    frame = bytearray(chance.choice(FRAMES))
    for _ in range(chance.randint(1, 4)):
        if not frame:
            break
        at = chance.randrange(len(frame))
        match chance.randrange(5):
            case 0:
                frame[at] = chance.randrange(256)
            case 1:
                del frame[at : at + chance.randint(1, 4)]
            case 2:
                frame[at:at] = chance.randbytes(chance.randint(0, 4))
            case 3:
                frame[at:at] = frame[at : at + 6]
            case _:
                frame[at:at] = chance.choice(NUMBERS)
    return bytes(frame)


def piece(seed: int) -> list[str]:
    """Try some; return what did harm, and how."""
    chance = random.Random(seed)  # the same again by its seed
    harm = []
    for _ in range(PIECE):
        frame = mutated(chance)
        try:
            refused_or_harmless(frame)
        except BaseException:  # noqa: BLE001 - a panic of the CRDT is one
            harm.append(f"{frame.hex()}\n{traceback.format_exc(limit=-2)}")
    return harm


def main() -> None:
    """Try them all."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began, harm = time.monotonic(), list[str]()
    pieces = -(-count // PIECE)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(piece, range(first, first + pieces)):
            harm += found
    print(*harm[:10], sep="\n")
    print(
        f"{pieces * PIECE:,} mutants of {len(FRAMES)} frames, seeds {first} to {first + pieces - 1}: "
        f"{len(harm)} did harm ({time.monotonic() - began:.0f} s)"
    )
    sys.exit(bool(harm))


if __name__ == "__main__":
    main()
