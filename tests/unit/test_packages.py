"""Packages: export and import are inverse, and dialects of others are read."""

import base64
import contextlib
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.harness.packages import DOT, LEGACY, NEWEST, SETTINGS, read_one, zipped

from pizarra.config import Settings
from pizarra.judging.comparing import Checker, Comparator
from pizarra.judging.time_limits import TimeLimits
from pizarra.models import Language
from pizarra.problems.content import (
    Case,
    CaseGroup,
    Content,
    FollowUp,
    Policy,
    Wording,
    WrongSolution,
)
from pizarra.questions.importing import read_archive
from pizarra.questions.packages.archive import PackageError
from pizarra.questions.packages.documents import write_yaml
from pizarra.questions.packages.tex import as_markdown
from pizarra.questions.packages.writing import DRAFT, write_package

ID = "00112233445566778899aabbccddeeff"

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
plain = text.filter(lambda each: "<" not in each and ":" not in each)
label = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
languages = st.lists(st.sampled_from(list(Language)), min_size=1, unique=True)
cases = st.lists(
    st.builds(Case, name=text, input=text, expected=text, hint=text, description=text), max_size=3
)
comparators = st.builds(
    Comparator,
    how=st.sampled_from(["exact", "tokens", "multiset"]),
    case_sensitive=st.booleans(),
    space_sensitive=st.booleans(),
    absolute_tolerance=st.none() | st.floats(0, 1),
    relative_tolerance=st.none() | st.floats(0, 1),
) | st.builds(
    Comparator,
    how=st.just("checker"),
    checker=st.builds(Checker, language=st.sampled_from(["python", "cpp"]), source=text),
)

limits = st.builds(
    TimeLimits,
    time_limit=st.none() | st.floats(0.001, SETTINGS.test_seconds),
    ac_to_time_limit=st.floats(1, 100),
    time_limit_to_tle=st.floats(1, 10),
    time_resolution=st.floats(0.001, 60),
)


@st.composite
def contents(draw: st.DrawFn) -> Content:
    known = draw(languages)
    sources = st.dictionaries(st.sampled_from(known), text, max_size=len(known))
    return Content(
        title=draw(label),
        statement=draw(plain),
        translations=draw(
            st.dictionaries(
                st.sampled_from(["es", "fr"]), st.builds(Wording, title=label, statement=plain)
            )
        ),
        images=draw(st.dictionaries(st.sampled_from(["a.gif", "b/c_d.gif"]), st.just(DOT))),
        difficulty=draw(st.sampled_from(["easy", "medium", "hard"])),
        minutes=draw(st.integers(1, 600)),
        tags=draw(st.lists(label, max_size=3)),
        licence=draw(st.sampled_from(["", "cc0", "our own"])),
        source=draw(text),
        languages=known,
        starters=draw(sources),
        references=draw(sources),
        wrong=draw(
            st.lists(
                st.builds(
                    WrongSolution,
                    name=label,
                    language=st.sampled_from(known),
                    source=text,
                    verdict=st.sampled_from(["rejected", "wrong_answer", "run_time_error"]),
                    fails=st.lists(label, max_size=2),
                ),
                max_size=3,
            )
        ),
        samples=draw(cases),
        secret=draw(
            st.lists(
                st.builds(CaseGroup, name=label, weight=st.floats(0, 1000), cases=cases), max_size=3
            )
        ),
        comparator=draw(comparators),
        limits=draw(limits),
        guide=draw(text),
        follow_ups=draw(
            st.lists(
                st.builds(
                    FollowUp,
                    title=label,
                    text=text,
                    starters=st.dictionaries(st.sampled_from(list(Language)), text, max_size=2),
                    cases=cases,
                ),
                max_size=2,
            )
        ),
        policy=draw(st.builds(Policy, secret_count=st.booleans())),
        draft=draw(st.booleans()),
        unsupported=draw(text),
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@example(Content(title="two lines", samples=[Case(input="1\r\n2", expected="3")]))
@given(contents())
def test_export_and_import_are_the_identity(content: Content) -> None:
    _, archive = write_package(content, ID)
    (read,) = read_archive(archive, SETTINGS)
    assert read.content == content
    assert [
        each for each in read.remarks if "Windows' line ends, and keep them" not in str(each)
    ] == []
    assert write_package(read.content, ID)[1] == archive
    _, proven = write_package(content, ID, {"time_limit": 3.0})  # what was derived is not given
    assert read_archive(proven, SETTINGS)[0].content == content
    _, drafted = write_package(content, ID, form=DRAFT)  # for a tool that reads no newer one
    assert read_archive(drafted, SETTINGS)[0] == read


@pytest.mark.parametrize(
    ("said", "derived"),
    [
        ({}, {30: 1.0, 500: 1.0, 501: 2.0, 1400: 3.0, 60_000: 5.0}),
        ({"time_resolution": 0.1}, {30: 0.1, 150: 0.3, 151: 0.4}),
        ({"ac_to_time_limit": 5.0}, {100: 1.0, 201: 2.0}),
        ({"time_limit": 0.5}, {30: 0.5, 4000: 0.5, None: 0.5}),
        ({"time_limit": 60.0}, {30: 5.0}),
        ({}, {None: None}),
    ],
)
def test_a_time_limit_is_derived_from_the_slowest_reference(
    said: dict[str, float], derived: dict[int | None, float | None]
) -> None:
    found = {slowest: TimeLimits(**said).limit(slowest, 5.0) for slowest in derived}
    assert found == derived


@pytest.mark.parametrize(
    ("version", "limits", "expected", "remark"),
    [
        ("2025-09", None, {}, None),
        ("2025-09", {"time_limit": 2}, {"time_limit": 2.0}, None),
        ("2025-09", {"time_limit": 30}, {"time_limit": 30.0}, "here they have 5 s"),
        ("2025-09", {"time_limit": "soon"}, {}, "time_limit"),
        ("2025-09", {"time_limit": [1e400]}, {}, "time_limit"),
        (
            "2025-09",
            {"time_multipliers": {"ac_to_time_limit": 3, "time_limit_to_tle": 4}},
            {"ac_to_time_limit": 3.0, "time_limit_to_tle": 4.0},
            None,
        ),
        ("2025-09", {"time_multipliers": 3}, {"ac_to_time_limit": 3.0}, None),
        ("2023-07-draft", {"time_resolution": 0.5}, {"time_resolution": 0.5}, None),
        ("legacy", None, {"ac_to_time_limit": 5.0, "time_limit_to_tle": 2.0}, None),
        (
            "legacy",
            {"time_multiplier": 3, "time_safety_margin": 4},
            {"ac_to_time_limit": 3.0, "time_limit_to_tle": 4.0},
            None,
        ),
    ],
)
def test_time_limits_of_packages(
    version: str, limits: object, expected: dict[str, float], remark: str | None
) -> None:
    about = {"problem_format_version": version, "name": "x", "limits": limits}
    read = read_one({"x/problem.yaml": yaml.safe_dump(about)})
    assert read.content.limits == TimeLimits(**expected)
    assert len(read.remarks) == (remark is not None)
    assert remark is None or remark in read.remarks[0]


def test_a_legacy_package_is_read() -> None:
    content = read_one(LEGACY).content
    assert (content.title, content.spoken, content.licence) == (
        "A Different Problem",
        "en",
        "cc by-sa",
    )
    assert content.statement.startswith("Write a *program* for $a$ % $b$.")
    assert "## Input" in content.statement
    assert "- one" in content.statement
    assert "secret remark" not in content.statement
    assert content.translations["sv"].statement == "Skriv.\n"
    assert content.tags == ["math", "easy"]
    assert content.source == "Ana; Nordic"
    assert content.comparator == Comparator(
        how="tokens", case_sensitive=True, absolute_tolerance=1e-4, relative_tolerance=1e-4
    )
    assert [(each.name, each.hint) for each in content.samples] == [("1", "think")]
    assert [(each.name, [case.expected for case in each.cases]) for each in content.secret] == [
        ("secret", ["1\n", "0\n"])
    ]
    assert content.references == {Language.PYTHON: "a\n", Language.CPP: "b\n"}
    assert [(each.verdict, each.name, each.language.value) for each in content.wrong] == [
        ("wrong_answer", "bad.py", "python"),
        ("time_limit_exceeded", "slow", "java"),
    ]
    assert content.not_runnable is None


def test_a_package_of_the_newest_format_is_read() -> None:
    content = read_one(NEWEST).content
    assert (content.title, content.statement) == ("Two", "At most 7, not {{m}}.\n")
    assert content.translations["es"] == Wording(title="Dos", statement="Como mucho 7.\n")
    assert [each.value for each in content.languages] == ["python", "java"]
    assert content.starters == {Language.PYTHON: "# begin\n"}
    assert content.comparator.absolute_tolerance == 0.5
    assert [each.name for each in content.secret] == ["a", "b"]
    assert content.secret[0].cases[0].hint == "small"
    assert content.source == "Zoë"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"problem.yaml": "name: x\nvalidation: custom interactive\n"}, "interactive"),
        (
            {"problem.yaml": "problem_format_version: 2023-07-draft\nname: x\ntype: multi-pass\n"},
            "passes",
        ),
        (
            {"problem.yaml": "problem_format_version: 2025-09\nname: x\ntype: submit-answer\n"},
            "handed in",
        ),
        ({"output_validator/build": "", "output_validator/check.cpp": ""}, "built of several"),
        ({"problem.yaml": "name: x\nvalidation: custom\n"}, "missing"),
    ],
)
def test_what_cannot_be_tried_here_is_kept_and_said(changes: dict[str, Any], says: str) -> None:
    read = read_one(NEWEST | changes)
    assert says in (read.content.not_runnable or "")
    assert read.content.secret != []


def test_a_checker_comes_along() -> None:
    content = read_one(NEWEST | {"output_validator/check.py": "import sys\nsys.exit(42)\n"}).content
    assert content.comparator.how == "checker"
    assert content.comparator.checker == Checker(
        language="python", source="import sys\nsys.exit(42)\n"
    )


def test_headers_beside_a_validator_are_put_into_it() -> None:
    header = '#pragma once\n#include "other.h"\nint seven = 7;\n'
    files: dict[str, str | bytes] = {
        "output_validators/check/validate.cc": '#include <vector>\n#include "validate.h"\n#include "other.h"\n',
        "output_validators/check/validate.h": header,
        "output_validators/check/other.h": "int six = 6;\n",
        "output_validators/.gitkeep": "",
    }
    content = read_one(NEWEST | files).content
    assert content.not_runnable is None
    checker = content.comparator.checker
    assert checker is not None
    assert checker.source.count("int six") == 1
    assert "int seven" in checker.source
    assert '"validate.h"' not in checker.source
    del files["output_validators/check/other.h"]
    assert "includes other.h" in (read_one(NEWEST | files).content.not_runnable or "")


def test_names_with_a_dot_are_not_there() -> None:
    hidden: dict[str, str | bytes] = {
        "data/secret/.a/1.in": "x",
        "data/sample/.1.in": "x",
        "output_validator/.gitkeep": "",
    }
    assert read_one(NEWEST | hidden).content == read_one(NEWEST).content


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
KEYS = (
    *("name", "type", "keywords", "license", "source", "credits", "author", "languages"),
    *("validation", "validator_flags", "constants", "problem_format_version"),
)
OUR_KEYS = (
    *("kind", "minutes", "tags", "comparator", "samples", "secret", "wrong", "signature"),
    *("spoken", "languages", "follow_ups", "policy", "translations"),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(KEYS), anything),
    st.dictionaries(st.sampled_from(OUR_KEYS), anything),
    anything,
)
def test_whatever_a_package_says_it_is_read_or_refused(
    problem: dict[str, Any], ours: dict[str, Any], group: Any
) -> None:
    files: dict[str, str | bytes] = {
        "problem.yaml": write_yaml(problem),
        ".pizarra.yaml": write_yaml(ours),
        "data/secret/test_group.yaml": write_yaml({"output_validator_args": group}),
    }
    with contextlib.suppress(PackageError):
        read_one(NEWEST | files)


def test_what_is_too_large_is_left_out_and_said() -> None:
    read = read_one(NEWEST | {"data/secret/a/2.in": "x" * 900_000})
    assert [len(each.cases) for each in read.content.secret] == [1, 1]
    assert "1 of the cases in data/secret/a are too large" in " ".join(read.remarks)


def test_a_question_comes_back_whole_however_large_its_cases_are() -> None:
    """To save the files of one as they were read took cases away."""
    content = Content(
        title="Two",
        languages=[Language.PYTHON],
        samples=[Case(name=each, input=each * 300_000) for each in "abc"],
    )
    (read,) = read_archive(write_package(content, ID)[1], SETTINGS)
    assert (read.content, read.remarks) == (content, [])


def test_a_case_keeps_its_name_when_one_before_it_is_left_out() -> None:
    sizes = {"small": 1, "large": 5000, "last": 2}
    samples = [Case(name=name, input="x" * size) for name, size in sizes.items()]
    content = Content(title="Two", languages=[Language.PYTHON], samples=samples)
    less = Settings(max_question_bytes=4096)
    (read,) = read_archive(write_package(content, ID)[1], less)
    assert {case.name: len(case.input) for case in read.content.samples} == {"small": 1, "last": 2}


def test_a_mark_of_the_encoding_that_is_part_of_a_text_stays() -> None:
    """Whoever asks for a program that takes it away has a case with it."""
    marked = "\ufeff1"
    content = Content(
        title="Two",
        statement=marked,
        languages=[Language.PYTHON],
        samples=[Case(input=marked, expected=marked)],
        starters={Language.PYTHON: marked},
        references={Language.PYTHON: marked},
        wrong=[WrongSolution(name="w", language=Language.PYTHON, source=marked)],
        comparator=Comparator(how="checker", checker=Checker(language="python", source=marked)),
    )
    (read,) = read_archive(write_package(content, ID)[1], SETTINGS)
    assert read.content == content


def test_cases_with_the_line_ends_of_windows_are_pointed_out() -> None:
    """Nobody sees them, and a program that reads a line is given one character more (DMOJ/judge-server#228)."""
    read = read_one(NEWEST | {"data/secret/a/2.in": "1\r\n2\r\n", "data/secret/a/2.ans": "3\n"})
    assert "1\r\n2\r\n" in [case.input for each in read.content.secret for case in each.cases]
    said = [each for each in read.remarks if "line ends" in each]
    assert said == ["1 of the cases in data/secret/a have Windows' line ends, and keep them."]
    assert not any("line ends" in each for each in read_one(NEWEST).remarks)


def test_halves_of_cases_are_pointed_out() -> None:
    """A sample without its answer was one where nothing may be printed, and nobody was told."""
    said = read_one(NEWEST | {"data/secret/a/8.in": "1\n", "data/secret/a/9.ans": "3\n"}).remarks
    assert "1 of the cases in data/secret/a have no .ans file: nothing may be printed." in said
    assert "1 of the answers in data/secret/a have no .in file, and were left out." in said
    assert not any(" file" in each for each in read_one(NEWEST).remarks)


def test_yaml_that_breaks_off_says_where() -> None:
    with pytest.raises(PackageError) as caught:
        read_one(NEWEST | {"problem.yaml": "name: [\n  a: b\n"})
    assert "line 3, column 1: expected ',' or ']'" in str(caught.value)
    assert "unicode string" not in str(caught.value)


def test_a_constant_does_not_make_a_statement_grow_without_end() -> None:
    """Three kilobytes became a hundred megabytes, and each was looked at."""
    files: dict[str, str | bytes] = {
        "problem.yaml": f"problem_format_version: 2025-09\nname: x\nconstants: {{a: {'y' * 200_000}}}\n",
        "statement/problem.en.md": "{{a}}" * 600,
    }
    assert read_one(NEWEST | files).content.statement == "y" * 60_000
    files["statement/problem.en.md"] = "{{a}}" * 700
    with pytest.raises(PackageError, match=r"statement/problem\.en\.md is too large\."):
        read_one(NEWEST | files)


def test_no_more_statements_are_read_than_a_question_has() -> None:
    letters = "abcdefghijklmnopqrstuv"
    many: dict[str, str | bytes] = {f"statement/problem.x{each}.md": "x" for each in letters}
    with pytest.raises(PackageError, match="too many files"):
        read_one(NEWEST | many)


@pytest.mark.parametrize(
    "statement",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))"],
)
def test_what_could_be_a_script_is_kept_as_text_and_said(statement: str) -> None:
    """A question about HTML has such lines too, and none is ever shown as anything else than text."""
    read = read_one(NEWEST | {"statement/problem.en.md": statement})
    assert read.content.statement == statement
    assert "holds HTML that could be a script" in " ".join(read.remarks)
    _, exported = write_package(read.content, ID)
    assert read_archive(exported, SETTINGS)[0].content == read.content


def test_what_is_verbatim_in_latex_is_fenced() -> None:
    tex = "\\problemname{X}\nSay ``hello'':\n\\begin{verbatim}\n1 2\n\\end{verbatim}\n"
    assert as_markdown(tex) == 'Say "hello":\n```\n1 2\n```\n'


def test_pictures_come_with_the_statement() -> None:
    dot = base64.b64decode(DOT)
    read = read_one(
        NEWEST
        | {
            "statement/dot.gif": dot,
            "statement/img/tree.gif": dot,
            "statement/not.png": dot,
            "statement/drawn.svg": "<svg/>",
            "attachments/other.gif": dot,
        }
    )
    assert read.content.images == {"dot.gif": DOT, "img/tree.gif": DOT}
    said = " ".join(read.remarks)
    assert "drawn.svg, not.png" in said
    small = Settings(max_image_bytes=len(dot))
    (kept,) = read_archive(zipped(NEWEST | {"statement/a.gif": dot, "statement/b.gif": dot}), small)
    assert list(kept.content.images) == ["a.gif"]
    tex = "\\problemname{X}\n\\includegraphics[width=3cm]{a.gif} \\illustration{.3}{b.gif}{A \\emph{b}.}"
    assert as_markdown(tex) == "![](a.gif) ![A *b*.](b.gif)\n"


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("a.svg", DOT),
        ("../a.gif", DOT),
        ("a b.gif", DOT),
        ("a.png", DOT),
        ("a.gif", "no base64"),
        ("a.gif", DOT[4:]),
        ("", DOT),
    ],
)
def test_what_is_no_picture_is_refused(name: str, image: str) -> None:
    with pytest.raises(ValueError, match="images"):
        Content(title="x", images={name: image})


def test_nothing_is_left_out_in_silence() -> None:
    """Groups within groups are kept; what there is no place for is named."""
    read = read_one(
        NEWEST
        | {
            "statement/problem.en.md": "Hello.\n\n{{nextsample}}\n\nMore.\n{{remainingsamples}}\n",
            "data/secret/a/deep/1.in": "5\n",
            "data/secret/a/deep/1.ans": "10\n",
            "data/secret/a/1.yaml": "args: [x]\n",
            "data/secret/test_group.yaml": "output_validator_args: [odd_flag, float_tolerance, '1e-3']\n",
            "submissions/accepted/other.kt": "fun main() {}\n",
            "generators/make.py": "print(1)\n",
        }
    )
    assert [each.name for each in read.content.secret] == ["a", "a/deep", "b"]
    assert read.content.statement == "Hello.\n\nMore.\n\n"
    said = " ".join(read.remarks)
    for part in (
        "a/deep",
        "odd_flag",
        "accepted/other.kt",
        "arguments for the program",
        "generators",
    ):
        assert part in said, part
    assert "1e-3" not in said
    assert "samples are to stand" in said
