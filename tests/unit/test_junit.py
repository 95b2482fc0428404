"""A report of tests is read strictly: whoever wrote it may have meant harm."""

import time

import pytest

from pizarra.judging.junit import (
    MOST_REPORT_BYTES,
    MOST_REPORTED,
    MOST_SAID,
    NoReport,
    Reported,
    by_name,
    read_report,
)
from pizarra.judging.projects import ProjectTests, is_test, report_in, with_tests

WORD = "a" * 32


def test_what_tools_write_is_read() -> None:
    report = b"""<?xml version="1.0" encoding="utf-8"?>
    <testsuites tests="4"><testsuite name="s"><properties><property name="a" value="b"/></properties>
    <testcase classname="c" name="good" time="0.25"><system-out>hello</system-out></testcase>
    <testcase name="bad" time="x"><failure message="1 != 2" type="t">Traceback&#10;more</failure></testcase>
    <testsuite name="inner"><testcase name="broken"><error message="boom"/></testcase></testsuite>
    <testcase name="left"><skipped/></testcase><system-err>noise</system-err>
    </testsuite></testsuites>"""
    assert read_report(report) == [
        Reported("good", "passed", 0.25, printed="hello"),
        Reported("bad", "failed", None, "1 != 2", "Traceback\nmore"),
        Reported("broken", "error", None, "boom", "boom"),
        Reported("left", "skipped"),
    ]


BOMB = b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><testsuite/>'


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (b"", "no XML"),
        (b"<testsuite>", "no XML"),
        (b"<testsuite/><testsuite/>", "no XML"),
        (b"<testcase name='x'/>", "testcase where none"),
        (b"<testsuite><testcase><testcase/></testcase></testsuite>", "testcase where none"),
        (b"<testsuite><testcase><failure><error/></failure></testcase></testsuite>", "where none"),
        (b"<html/>", "html where none"),
        (b"<testsuite>" * 20, "where none"),
        (b"<testsuite><testcase name='\xff'/></testsuite>", "no XML"),
        (b"<testsuite>&nothing;</testsuite>", "no XML"),
        *(
            (b"<?xml version='1.0' encoding='%b'?><testsuite/>" % encoding, "no XML")
            for encoding in (b"nothing", b"utf-7", b"hex", b"idna", b"punycode", b"shift_jis")
        ),
        (b"<?php x?><testsuite/>", "instruction"),
        (b"<!DOCTYPE testsuite SYSTEM 'file:///etc/passwd'><testsuite/>", "document type"),
        (BOMB, "document type"),
        (b"<testsuite>" + b" " * MOST_REPORT_BYTES + b"</testsuite>", "bytes"),
        (
            b"<testsuite><testcase>" + b"<failure/>" * 90_000 + b"</testcase></testsuite>",
            "elements",
        ),
        (b"<testsuite>" + b"<testcase/>" * (MOST_REPORTED + 1) + b"</testsuite>", "tests"),
    ],
)
def test_what_is_no_report_is_none(report: bytes, says: str) -> None:
    with pytest.raises(NoReport, match=says):
        read_report(report)


def test_what_a_test_says_is_bounded_and_its_end_is_kept() -> None:
    said = "x" * 3 * MOST_SAID + "end"
    report = f"<testsuite><testcase name='a'><failure message='{said}'>{said}</failure></testcase></testsuite>"
    (found,) = read_report(report.encode())
    assert (len(found.said), found.said[-3:]) == (MOST_SAID, "end")
    assert len(found.brief) == MOST_SAID


def test_a_report_of_many_small_pieces_takes_no_time() -> None:
    piece = b"&#65;<!-- -->"
    text = piece * (MOST_REPORT_BYTES // len(piece) - 20)
    started = time.process_time()
    read_report(b"<testsuite><testcase><failure>" + text + b"</failure></testcase></testsuite>")
    assert time.process_time() - started < 2


def test_of_two_tests_of_one_name_the_worse_counts() -> None:
    found = by_name([Reported("a"), Reported("a", "failed"), Reported("a"), Reported("b")])
    assert [found["a"].how, found["b"].how] == ["failed", "passed"]


def framed(how: bytes = b"done", word: str = WORD) -> bytes:
    mark = b"\x1f" + word.encode()
    return mark + b" " + how + b"\n<testsuite/>\n" + mark + b" .\n"


def test_only_what_is_framed_by_the_word_is_a_report() -> None:
    found, rest = report_in(b"one\n" + framed() + b"two\n", WORD)
    assert found is not None
    assert (found.how, found.report, rest) == ("done", b"<testsuite/>\n", b"one\ntwo\n")
    late, _ = report_in(framed(b"timeout"), WORD)
    assert late is not None
    assert late.how == "timeout"
    for forged in (framed(word="b" * 32), framed(b"fine"), framed().removesuffix(b".\n"), b""):
        assert report_in(forged, WORD) == (None, forged)


def test_the_files_of_the_tests_stand_over_those_of_the_answer() -> None:
    tests = ProjectTests(
        {"test_a.py": "ours", "more/test_b.py": "ours", "../x.py": ""}, ["test_a.py"]
    )
    files = {
        "q/main.py": "m",
        "q/test_a.py": "theirs",
        "q/test_a.py/x.py": "theirs",
        "q/more": "theirs",
        "q/pizarra_tests.py": "theirs",
        "other/secret.py": "another question's",
    }
    main, found = with_tests("python", "q/main.py", files, tests, 5.0)
    assert main == "pizarra_tests.py"
    assert found.pop(main).startswith('"""Runs the test files')
    assert found == {"main.py": "m", "test_a.py": "ours", "more/test_b.py": "ours"}


def test_which_files_are_run() -> None:
    assert [
        each
        for each in ("test_a.py", "a/b_test.py", "testing.py", "a.py")
        if is_test("python", each)
    ] == [
        "test_a.py",
        "a/b_test.py",
    ]
    assert is_test("javascript", "x/cache.test.mjs")
    assert is_test("typescript", "test-it.ts")
    assert not is_test("typescript", "x.test.js")
    assert is_test("java", "CacheTest.java")
