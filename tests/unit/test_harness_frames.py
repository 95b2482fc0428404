"""What a harness tells of each case, read from what a program prints: in linear time, and only what it told itself."""

import time

from pizarra.judging.harness import frames_in, harnessed
from pizarra.judging.signature import Signature

SECRET = "a" * 32


def frame(number: int, *tokens: str, micros: int = 5) -> bytes:
    lines = "".join(f"{each}\n" for each in tokens)
    return f"\x1f{SECRET} v {number} {micros}\n{lines}\x1f{SECRET} .\n".encode()


def test_each_frame_has_what_was_printed_before_it() -> None:
    found, rest = frames_in(b"one\n" + frame(0, "i1", "i2") + b"two\n" + frame(1) + b"rest", SECRET)
    assert [(each.printed, each.tokens, each.how) for each in found] == [
        (b"one\n", ["i1", "i2"], "value"),
        (b"two\n", [], "value"),
    ]
    assert rest == b"rest"


def test_what_somebody_else_wrote_is_no_frame() -> None:
    for forged in (
        frame(1),  # not the next
        frame(0, micros=10**15),  # longer than any run
        frame(0).removesuffix(b".\n"),  # without an end
        frame(0).replace(b" v ", b" x "),
        frame(0).replace(SECRET.encode(), b"b" * 32),
    ):
        assert frames_in(forged, SECRET) == ([], forged)


def test_a_mebibyte_of_beginnings_takes_no_time() -> None:
    """It was the square: an answer of 26,000 lines silenced the server for minutes."""
    begun = f"\x1f{SECRET} v 0 1\n".encode()
    for output in (begun * 26_000, frame(0)[:-1] * 20_000, begun + frame(0) * 12_000):
        started = time.process_time()
        frames_in(output, SECRET)
        assert time.process_time() - started < 0.5


def test_a_file_of_the_candidates_is_not_in_the_way_of_ours() -> None:
    """A folder of the harness' name made the sandbox fail, and the tests of that instant wait for ever."""
    signature = Signature.model_validate(
        {"function": "twice", "parameters": [{"name": "n", "type": "int"}], "returns": "int"}
    )
    theirs = dict.fromkeys(["pizarra_cases.py/a", "main.py/b", "pizarra_answer.py/c", "helper.py"])
    files = {"q/main.py": "x"} | {f"q/{name}": "y" for name in theirs}
    main, made = harnessed("python", "q/main.py", files, signature)
    assert main == "main.py"  # the name that Python waits for
    assert set(made) == {"main.py", "helper.py", "pizarra_cases.py", "pizarra_answer.py"}
    assert made["pizarra_answer.py"] == "x"
