"""What a session is told of a question it is given: all that everybody may see, the rest to interviewers alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.collab.state.document import Document
from pizarra.kit.paths import is_safe_path
from pizarra.models import Question, QuestionVersion
from pizarra.problems import posing
from pizarra.problems.content import Content, time_limit_of
from pizarra.problems.course import Posing
from pizarra.sandbox.languages import languages

ID = "0123456789abcdef" * 2


def question(public_id: str = ID) -> Question:
    return Question(public_id=public_id)


def version(content: Content, number: int = 1) -> QuestionVersion:
    return QuestionVersion(number=number, content=content.model_dump(mode="json"), proof=None)


def case(word: str) -> dict[str, str]:
    return {
        "name": f"{word} name",
        "input": f"{word} input",
        "expected": f"{word} expected",
        "hint": f"{word} hidden hint",
        "description": f"{word} hidden description",
    }


SEEN = {
    "title": "seen title",
    "statement": "seen statement",
    "translations": {"es": {"title": "seen título", "statement": "seen enunciado"}},
    "samples": [case("seen")],
}
HIDDEN: dict[str, Any] = {
    "starters": {"python": "# hidden starter"},
    "references": {"python": "# hidden reference"},
    "wrong": [{"name": "hidden name", "language": "python", "source": "# hidden wrong"}],
    "secret": [{"name": "hidden group", "cases": [case("hidden"), case("hidden second")]}],
    "guide": "hidden guide",
    "rubric": ["hidden criterion"],
    "follow_ups": [{"title": "hidden next", "text": "hidden text", "cases": [case("hidden")]}],
    "source": "hidden source",
    "licence": "hidden licence",
    "tags": ["hidden tag"],
    "comparator": {"how": "checker", "checker": {"language": "python", "source": "# hidden"}},
}
WHOLE = Content.model_validate({**SEEN, **HIDDEN})


# What everybody sees


def test_everybody_sees_the_question_and_nothing_of_what_is_for_interviewers() -> None:
    shown = posing.shown_of(question(), version(WHOLE, 7), WHOLE, "two/")
    said = json.dumps(shown.model_dump())
    assert "hidden" not in said, "neither what may be said of a sample, nor what it tries"
    for word in ("title", "statement", "t\\u00edtulo", "enunciado", "input", "expected", "name"):
        assert f"seen {word}" in said
    assert (shown.question_id, shown.version, shown.folder) == (ID, 7, "two/")


def test_every_part_of_a_question_was_decided_upon() -> None:
    """A part that is added to questions is seen by nobody until somebody says so, here and in `posing.py`."""
    plain = {"kind", "spoken", "images", "languages", "signature", "policy"}
    unseen = {"difficulty", "minutes", "limits", "project", "draft", "unsupported"}
    assert set(Content.model_fields) == {*SEEN, *HIDDEN, *plain, *unseen}


@pytest.mark.parametrize(("told", "count"), [(False, None), (True, 2)])
def test_how_many_secret_cases_there_are_is_said_where_the_question_says_so(
    told: bool, count: int | None
) -> None:
    content = Content.model_validate({**SEEN, **HIDDEN, "policy": {"secret_count": told}})
    assert posing.shown_of(question(), version(content), content, "").secret_count == count


def test_a_follow_up_is_its_own_words_and_cases_in_a_folder_of_its_own() -> None:
    content = Content.model_validate(
        {
            **SEEN,
            "policy": {"secret_count": True},
            "follow_ups": [
                {"title": "Más rápido?", "text": "first"},
                {"title": "Más rápido?", "text": "second", "cases": [case("asked")]},
            ],
        }
    )
    both = [posing.follow_up_of(question(), version(content), content, each) for each in (0, 1)]
    assert [each.folder for each in both] == ["mas-rapido-0123-1/", "mas-rapido-0123-2/"]
    assert [each.statement for each in both] == ["first", "second"]
    assert [each.follow_up for each in both] == [0, 1]
    assert [each.input for each in both[1].samples] == ["asked input"]
    for each in both:
        assert each.title == "Más rápido?"
        assert (each.translations, each.secret_count) == ({}, None), "those are of the question"


# What is tried behind what people run


def test_secret_cases_become_tests_in_their_order_with_their_groups_names() -> None:
    tests = posing.tests_of(WHOLE, 12, 1.5)
    assert [each.name for each in tests.tests] == [
        "hidden group: hidden name",
        "hidden group: hidden second name",
    ]
    assert [(each.stdin, each.expected) for each in tests.tests] == [
        ("hidden input", "hidden expected"),
        ("hidden second input", "hidden second expected"),
    ]
    assert all(each.by_question for each in tests.tests)
    assert tests.problem == 12
    assert tests.judge is not None
    assert tests.judge.seconds == 1.5
    assert tests.judge.comparator["checker"]["source"] == "# hidden"


def test_a_long_name_of_group_and_case_is_cut_to_what_a_test_may_be_called() -> None:
    group = {"name": "g" * 80, "cases": [{"name": "n" * 80}]}
    (test,) = posing.tests_of(Content.model_validate({**SEEN, "secret": [group]}), 1, None).tests
    assert test.name == "g" * 80


def test_a_question_that_cannot_be_tried_here_has_no_tests() -> None:
    content = WHOLE.model_copy(update={"unsupported": "It needs a graphics card."})
    assert posing.tests_of(content, 1, None).tests == []


def test_a_projects_tests_are_the_hidden_ones_with_what_lies_beside_them() -> None:
    way = {"tests": {"test_a.py": "a", "data.txt": "d"}, "hidden": {"test_b.py": "b"}}
    content = Content.model_validate(
        {
            "title": "p",
            "kind": "project",
            "languages": ["python"],
            "project": {"ways": {"python": way}},
            "secret": [{"name": "g", "cases": [{"name": "b"}, {"name": "c", "input": " x \n"}]}],
        }
    )
    told = posing.tests_of(content, 1, None)
    assert [(each.stdin, each.expected) for each in told.tests] == [
        ("b", "passed"),
        ("x", "passed"),
    ]
    assert told.judge is not None
    assert told.judge.project is not None
    judged = told.judge.project["python"]
    assert (judged.run, sorted(judged.files)) == (
        ["test_b.py"],
        ["data.txt", "test_a.py", "test_b.py"],
    )


@pytest.mark.parametrize(
    ("own", "proof", "seconds"),
    [
        (None, None, None),
        (None, {}, None),
        (None, {"time_limit": None}, None),
        (None, {"time_limit": 2.5}, 2.5),
        (1.0, {"time_limit": 2.5}, 1.0),
        (None, {"time_limit": "2.5"}, None),
    ],
)
def test_a_time_limit_is_the_questions_own_or_what_its_proof_came_to(
    own: float | None, proof: dict[str, Any] | None, seconds: float | None
) -> None:
    content = Content.model_validate({"title": "t", "limits": {"time_limit": own}})
    assert time_limit_of(content, proof) == seconds


# Where its files lie


def holding(*paths: str) -> Document:
    """Return a document with these files."""
    document = Document()

    def write(it: Document) -> None:
        for path in paths:
            it.put_file(path, "python", "typed by somebody")

    document.edit(write)
    return document


@given(st.text(max_size=200), st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_folder_is_one_that_every_computer_can_hold_whatever_the_title(
    title: str, public_id: str
) -> None:
    folder = posing.folder_for(title, public_id)
    assert folder.endswith(f"-{public_id[:4]}/")
    assert folder.isascii()
    assert is_safe_path(f"{folder}Main.java")
    assert len(folder) <= 40 + 1 + 4 + 1


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Two Sum", "two-sum"),
        ("  ¿Años? — Übung №2 ", "anos-ubung-no2"),
        ("字", "question"),
        ("", "question"),
        ("../../etc", "etc"),
        ("a" * 39 + " b", "a" * 39),
        ("a" * 41, "a" * 40),
    ],
)
def test_a_folder_says_the_title_in_plain_letters(title: str, folder: str) -> None:
    assert posing.folder_for(title, ID) == f"{folder}-0123/"


def test_the_file_that_answers_is_the_one_in_the_questions_folder() -> None:
    document = holding("main.py", "sum-0123/main.py")
    second = Posing(9, "sum-0123/")
    assert posing.program_in(document, second, "python") == "sum-0123/main.py"
    assert posing.program_in(document, second, "java") is None, "nobody has chosen it there yet"
    assert posing.program_in(document, second, "cobol") is None
    assert posing.program_in(document, Posing(2, ""), "python") is None, "it has none apart"
    assert posing.program_in(document, None, "python") is None


# What they begin with


def begun(language: str, **parts: Any) -> str:
    return posing.starter_of(Content.model_validate({"title": "t", **parts}), language)


SIGNATURE = {
    "function": "twice",
    "parameters": [{"name": "number", "type": "int"}],
    "returns": "int",
}


@pytest.mark.parametrize("language", languages())
def test_a_file_begins_with_the_nearest_that_is_said_of_it(language: str) -> None:
    """The question's own text, else the project's main file, else the signature, else the language's."""
    function = {"kind": "function", "signature": SIGNATURE}
    assert begun(language) == languages()[language].starter
    assert "twice" in begun(language, **function)
    assert begun(language, **function, starters={language: ""}) == "", "nothing is a text, too"
    main = languages()[language].main
    way = {"ways": {language: {"files": {main: "mine"}, "tests": {"test_a.py": ""}}}}
    assert begun(language, kind="project", project=way) == "mine"
    assert begun(language, kind="project", project={}) == languages()[language].starter


def test_beside_it_lies_what_else_a_project_has_and_of_other_kinds_nothing() -> None:
    way = {"files": {"main.py": "m", "lib.py": "l"}, "tests": {"test_a.py": "t", "lib.py": "over"}}
    project = {"files": {"README.md": "r"}, "ways": {"python": {**way, "hidden": {"s.py": "s"}}}}
    content = Content.model_validate({"title": "t", "kind": "project", "project": project})
    assert posing.beside_of(content, "python") == {
        "README.md": "r",
        "lib.py": "over",
        "test_a.py": "t",
    }
    assert posing.beside_of(content, "java") == {"README.md": "r"}
    assert posing.beside_of(WHOLE, "python") == {}


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("cache.h", "cpp"),
        ("lib/cache.HPP", "cpp"),
        ("cache_test.cc", "cpp"),
        ("view.jsx", "javascript"),
        ("sums.test.mjs", "javascript"),
        ("view.tsx", "typescript"),
        ("sums.cts", "typescript"),
        ("a.b/Main.java", "java"),
        (".py", "python"),
        ("py", "text"),
        ("cpp", "text"),
        ("src.py/notes", "text"),
        ("Makefile", "text"),
        ("notes.", "text"),
    ],
)
def test_a_projects_file_is_of_the_language_that_the_page_takes_it_for(
    path: str, language: str
) -> None:
    """A header of a project was text: `GET …/files` said so, and the same file made on the page was C++."""
    assert posing.language_of_file(path) == language
    document = Document()
    document.edit(posing.Start("main.py", "", {path: "new"}).put_beside)
    assert [(each.path, each.language) for each in document.files()] == [(path, language)]


def test_what_is_there_is_not_written_over() -> None:
    document = holding("lib.py")
    document.edit(posing.Start("main.py", "", {"lib.py": "x", "new.py": "y"}).put_beside)
    assert document.texts() == {"lib.py": "typed by somebody", "new.py": "y"}
