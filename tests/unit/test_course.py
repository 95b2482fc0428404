"""Which question a session was about when, on every line of work."""

from pizarra.problems.course import Course, Posing
from pizarra.problems.suites import question_of_tests

FIRST, SECOND = Posing(2, ""), Posing(10, "bee-0123/")


def two_questions() -> Course:
    course = Course()
    course.add_problem(FIRST)
    course.add_problem(SECOND)
    return course


def test_it_is_about_the_question_that_was_given_last() -> None:
    course = two_questions()
    assert [course.at(seq) for seq in (1, 2, 9, 10, 99)] == [None, FIRST, FIRST, SECOND, SECOND]
    assert course.now == SECOND
    assert Course().now is None


def test_whoever_comes_back_from_a_branch_finds_the_question_that_was_left() -> None:
    course = Course()
    course.add_problem(FIRST)
    course.add_branch(6, since=5, resumes=None)
    assert course.now == FIRST
    course.add_problem(SECOND)
    course.add_branch(15, since=4, resumes=0)
    assert (course.at(14), course.now) == (SECOND, FIRST)
    course.add_branch(20, since=14, resumes=6)
    assert course.now == SECOND


def test_a_branch_without_a_question_comes_back_to_one_without() -> None:
    course = Course()
    course.add_branch(6, since=5, resumes=None)
    course.add_problem(SECOND)
    course.add_branch(15, since=4, resumes=0)
    assert course.now is None


def test_a_branch_goes_on_with_the_question_of_its_instant() -> None:
    course = two_questions()
    course.add_branch(20, since=7, resumes=None)
    assert course.now == FIRST
    course.add_branch(25, since=24, resumes=0)
    assert course.now == SECOND
    course.add_branch(30, since=7, resumes=4711)  # of an archive, which may say anything
    assert course.now == FIRST


def test_the_last_entries_before_another_question_are_known() -> None:
    course = two_questions()
    course.add_branch(20, since=12, resumes=None)
    assert course.turns() == [1, 9]


def test_a_program_answers_the_question_whose_folder_it_lies_in() -> None:
    course = two_questions()
    found = {
        (seq, path): course.of_program(seq, path)
        for seq, path in ((12, "main.py"), (12, "bee-0123/main.py"), (12, None), (5, None))
    }
    assert list(found.values()) == [FIRST, SECOND, SECOND, FIRST]
    later = Course()
    later.add_problem(SECOND)
    assert later.of_program(12, "main.py") is None, "it was there before there was a question"
    assert later.of_program(3, "bee-0123/main.py") is None


def test_question_of_tests_the_question_that_they_name() -> None:
    course = two_questions()
    assert question_of_tests(course, 12, 2, judged=True) == FIRST
    assert question_of_tests(course, 12, 0, judged=False) is None
    # An earlier version named none, and kept a question's own under the entry before it.
    assert question_of_tests(course, 9, None, judged=True) == SECOND
    assert question_of_tests(course, 9, None, judged=False) == FIRST
