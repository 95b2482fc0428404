"""What a question is made of. A version keeps all of it; who sees which part is said in `posing.py`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from pizarra.judging.comparing import EXACT, Comparator
from pizarra.judging.projects import PASSED
from pizarra.judging.signature import Signature
from pizarra.judging.time_limits import TimeLimits
from pizarra.judging.values import NotOfType, read_arguments, read_expected
from pizarra.kit.text import visible
from pizarra.models import Language
from pizarra.problems.images import NoImage, read_image
from pizarra.problems.project import Files, Project
from pizarra.schemas import LanguageChoice, RequestModel, StorableText, VisibleText

QuestionKind = Literal["stdio", "function", "project"]
Difficulty = Literal["easy", "medium", "hard"]
Verdict = Literal["rejected", "wrong_answer", "time_limit_exceeded", "run_time_error"]


def _seen(text: str) -> str:
    """Return a name without what nobody sees, or what turns it round: else it could look like another's."""
    if not (shown := visible(text)):
        raise ValueError("must have a character that can be seen")
    return shown


MOST_GROUPS = MOST_WRONG = 50  # groups of secret cases, and solutions that are wrong

Title = Annotated[VisibleText, Field(max_length=200), AfterValidator(_seen)]
Label = Annotated[VisibleText, Field(max_length=80), AfterValidator(_seen)]
Sentence = Annotated[StorableText, Field(max_length=2000)]
Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[^\s|\x00][^|\x00]*$", max_length=40),
    AfterValidator(_seen),
]
Spoken = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", max_length=6)]
Sources = dict[LanguageChoice, StorableText]  # a language's one file
Images = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=200)], StorableText],
    Field(max_length=20),
]
Ways = Annotated[list[LanguageChoice], Field(min_length=1, max_length=20)]

STORED = {"stored": True}  # what is read back was looked at when it was made
_SOURCES: list[Any] = [{"python": "print(int(input()) * 2)\n"}]


class Wording(RequestModel):
    """A question as it is said in one language."""

    title: Title = Field(description="What it is called.", examples=["Suma de dos"])
    statement: StorableText = Field(
        description="What is asked, in Markdown.", examples=["Lee un entero y duplícalo."]
    )


class Case(RequestModel):
    """An input, and what is right for it."""

    name: Annotated[StorableText, Field(max_length=80)] = Field(
        "", description="What it is about.", examples=["empty list"]
    )
    input: StorableText = Field(
        "",
        description="Standard input; of a function its arguments as JSON, one a line, in their order; of a project the "
        "name of a test, as it is reported: left out, that is `name`.",
        examples=["3\n"],
    )
    expected: StorableText = Field(
        "",
        description="What must be printed; of a function the value it must come to, as JSON; of a project nothing.",
        examples=["6\n"],
    )
    hint: Sentence = Field(
        "", description="What may be said to somebody who fails it.", examples=["Is it empty?"]
    )
    description: Sentence = Field(
        "", description="What it tries, for interviewers.", examples=["No elements at all."]
    )


class CaseGroup(RequestModel):
    """Cases that are worth something together."""

    name: Label = Field(description="What it is called.", examples=["small"])
    weight: float = Field(
        1.0, description="What it is worth beside the others.", ge=0, le=1000, examples=[1.0]
    )
    cases: list[Case] = Field(
        description="Its cases, in order.", examples=[[{"input": "0\n", "expected": "0\n"}]]
    )


class WrongSolution(RequestModel):
    """A solution that must fail: if it passes, the cases are too weak."""

    name: Label = Field(description="What is wrong with it.", examples=["forgets duplicates"])
    language: LanguageChoice = Field(description="What it is written in.", examples=["python"])
    source: StorableText = Field("", description="Its text.", examples=["print(0)\n"])
    files: Files = Field(
        default_factory=dict,
        description="Of a `project`: path → text of what is otherwise than in the reference.",
        examples=[{}],
    )
    verdict: Verdict = Field("rejected", description="How it must fail.", examples=["wrong_answer"])
    fails: list[Label] = Field(
        default_factory=list,
        description="The groups or cases in which it must fail, all of them; in any when left out.",
        max_length=50,
        examples=[["duplicates"]],
    )


class FollowUp(RequestModel):
    """What can be asked next, for interviewers."""

    title: Title = Field(description="What it is called.", examples=["If it is sorted?"])
    text: StorableText = Field(
        description="What to ask, in Markdown.", examples=["Do it without more memory."]
    )
    starters: Sources = Field(
        default_factory=dict, description="The text to begin with, by language.", examples=_SOURCES
    )
    cases: list[Case] = Field(
        default_factory=list,
        description="Its cases.",
        examples=[[{"input": "0\n", "expected": "0\n"}]],
    )


class Policy(RequestModel):
    """What a candidate is told besides statement and samples."""

    secret_count: bool = Field(
        False, description="How many secret cases there are.", examples=[False]
    )


class CaseRefused(ValueError):
    """A case whose values are not of the function's types; `place` leads to them: `secret`, 0, `cases`, 2, `input`."""

    def __init__(self, said: str, place: tuple[str | int, ...]) -> None:
        super().__init__(said)
        self.place = place


def _check_images(images: dict[str, str]) -> None:
    for name, text in images.items():
        try:
            read_image(name, text)
        except NoImage as error:
            raise ValueError(f"images: {name[:80]}: {error}") from error


class Content(RequestModel):
    """A question. All but the title may be left out."""

    # Values of cases are looked at whenever one is made, which takes a second for a mebibyte of them; whoever may be
    # sent so much has that done beside the event loop (`check_values`).
    checks_values: ClassVar[bool] = True

    title: Title = Field(description="What it is called.", examples=["Double it"])
    statement: StorableText = Field(
        "", description="What is asked, in Markdown.", examples=["Read an integer, print it twice."]
    )
    spoken: Spoken = Field(
        "en", description="The language that title and statement are in.", examples=["en"]
    )
    translations: dict[Spoken, Wording] = Field(
        default_factory=dict,
        description="The same in other languages.",
        max_length=20,
        examples=[{"es": {"title": "Duplica", "statement": "Lee un entero y duplícalo."}}],
    )
    kind: QuestionKind = Field(
        "stdio",
        description="`stdio`: a program reads and prints; `function`: a function of a signature; `project`: files and "
        "a test command.",
        examples=["stdio"],
    )
    images: Images = Field(
        default_factory=dict,
        description="Pictures that the statement shows, as `![a tree](tree.png)`: name → content in base64. PNG, JPEG, "
        "GIF or WebP; others are not fetched.",
        examples=[{"dot.gif": "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="}],
    )
    difficulty: Difficulty = Field("medium", description="How hard it is.", examples=["easy"])
    minutes: int = Field(
        30, description="How long people take for it.", ge=1, le=600, examples=[25]
    )
    tags: list[Tag] = Field(
        default_factory=list,
        description="What it is about.",
        max_length=20,
        examples=[["arrays", "hashing"]],
    )
    licence: Annotated[StorableText, Field(max_length=80)] = Field(
        "", description="Under which licence it is.", examples=["cc by-sa"]
    )
    source: Annotated[StorableText, Field(max_length=500)] = Field(
        "", description="Where it comes from, and who wrote it.", examples=["Ana Iglesias"]
    )
    languages: Ways = Field(
        default_factory=lambda: list(Language),
        description="The languages it can be solved in; all when left out.",
        examples=[["python", "java"]],
    )
    starters: Sources = Field(
        default_factory=dict,
        description="The text to begin with, by language; where none is given, the signature's or the language's own.",
        examples=_SOURCES,
    )
    references: Sources = Field(
        default_factory=dict,
        description="Solutions that are right, by language. For interviewers.",
        examples=_SOURCES,
    )
    wrong: list[WrongSolution] = Field(
        default_factory=list,
        description="Solutions that are wrong. For interviewers.",
        max_length=MOST_WRONG,
        examples=[[{"name": "zero", "language": "python", "source": "print(0)\n"}]],
    )
    samples: list[Case] = Field(
        default_factory=list,
        description="Cases that everybody sees.",
        examples=[[{"input": "3\n", "expected": "6\n"}]],
    )
    secret: list[CaseGroup] = Field(
        default_factory=list,
        description="Cases that only interviewers see.",
        max_length=MOST_GROUPS,
        examples=[[{"name": "small", "cases": [{"input": "0\n", "expected": "0\n"}]}]],
    )
    comparator: Comparator = Field(
        default_factory=lambda: EXACT,
        description="How what came out is compared.",
        examples=[{"how": "tokens"}],
    )
    limits: TimeLimits = Field(
        default_factory=TimeLimits,
        description="How long a program may take for a case.",
        examples=[{"time_limit": 2.0}],
    )
    signature: Signature | None = Field(
        None, description="Of a `function`: what it takes and returns.", examples=[None]
    )
    project: Project | None = Field(
        None, description="Of a `project`: its files, and how they are tested.", examples=[None]
    )
    guide: StorableText = Field(
        "", description="What to look for, in Markdown. For interviewers.", examples=["Ask first."]
    )
    rubric: list[Label] = Field(
        default_factory=list,
        description="What it is scored by. For interviewers.",
        max_length=20,
        examples=[["Finds the invariant"]],
    )
    follow_ups: list[FollowUp] = Field(
        default_factory=list,
        description="What can be asked next. For interviewers.",
        max_length=20,
        examples=[[{"title": "Sorted?", "text": "Do it without more memory."}]],
    )
    policy: Policy = Field(
        default_factory=Policy,
        description="What everybody in the session may know besides.",
        examples=[{"secret_count": False}],
    )
    draft: bool = Field(
        False,
        description="Whether it is not ready yet: no session begins with it.",
        examples=[False],
    )
    unsupported: Sentence = Field(
        "",
        description="Why it cannot be tried here, where a package needs what we do not have.",
        examples=[""],
    )

    @model_validator(mode="after")
    def _fits_its_kind(self, info: ValidationInfo) -> "Content":
        for kind, part, name in (
            ("function", self.signature, "signature"),
            ("project", self.project, "project"),
        ):
            if (self.kind == kind) != (part is not None):
                raise ValueError(f"{name} is given with kind: {kind}, and only then")
        if info.context is not STORED:
            _check_images(self.images)
            if self.checks_values:
                self.check_values()
        if self.spoken in self.translations:
            raise ValueError(f"translations: {self.spoken} is what title and statement are in")
        if len(set(self.languages)) < len(self.languages):
            raise ValueError("languages: must not name one twice")
        if len({each.strip().casefold() for each in self.rubric}) < len(self.rubric):
            raise ValueError("rubric: must not name a criterion twice")
        for name, sources in (("starters", self.starters), ("references", self.references)):
            for language in sources:
                if language not in self.languages:
                    raise ValueError(f"{name}: {language.value} is not one of its languages")
        if any(each.language not in self.languages for each in self.wrong):
            raise ValueError("wrong: a solution in none of its languages")
        if info.context is not STORED:
            self._check_project()
        return self

    def _check_project(self) -> None:
        if self.project is None:
            if any(each.files for each in self.wrong):
                raise ValueError("wrong: files are given with kind: project, and only then")
            return
        wrong = [(each.language.value, each.files) for each in self.wrong]
        if (misfit := next(self.project.misfits(wrong), None)) is not None:
            raise ValueError(misfit)
        if self.starters or self.references or any(each.source for each in self.wrong):
            raise ValueError("project: has its starters, references and wrong solutions as files")
        if any(each.cases or each.starters for each in self.follow_ups):
            raise ValueError("project: its follow-ups go on with its files, and have no cases")
        cases = [*self.samples, *(each for group in self.secret for each in group.cases)]
        if any(not self.told(each)[0] for each in cases):
            raise ValueError("project: each case names a test")

    def check_values(self) -> None:
        """Refuse cases whose values are not of the function's types.

        Raises:
            CaseRefused: one is not; the text says which and why.
        """
        if (signature := self.signature) is None:
            return
        for name, place, case in self._places():
            try:
                read_arguments(signature, case.input)
            except NotOfType as error:
                raise CaseRefused(f"{name}: input: {error}", (*place, "input")) from error
            try:
                read_expected(signature, case.expected)
            except NotOfType as error:
                raise CaseRefused(f"{name}: expected: {error}", (*place, "expected")) from error

    def _places(self) -> Iterator[tuple[str, tuple[str | int, ...], Case]]:
        """Yield every case, what it is called, and the place where it is."""
        for at, case in enumerate(self.samples):
            yield f"samples: {case.name}", ("samples", at), case
        for group, its in enumerate(self.secret):
            for at, case in enumerate(its.cases):
                yield f"{its.name}: {case.name or at + 1}", ("secret", group, "cases", at), case

    def cases(self) -> list[tuple[str, Case]]:
        """Return every secret case, and what it is called: its group and its name, or its place in it."""
        return [
            (f"{group.name}: {case.name or place}", case)
            for group in self.secret
            for place, case in enumerate(group.cases, 1)
        ]

    def solutions(self) -> Sources:
        """Return the references by language; of a project what is otherwise in them, file after file."""
        if self.project is None:
            return self.references
        return {
            language: "\n".join(f"── {path} ──\n{text}" for path, text in way.reference.items())
            for language, way in self.project.ways.items()
            if way.reference
        }

    def told(self, case: Case) -> tuple[str, str]:
        """Return what a case gives, and what must come of it; of a project: a test, and that it passes."""
        if self.kind != "project":
            return case.input, case.expected
        return case.input.strip() or case.name, PASSED

    @property
    def not_runnable(self) -> str | None:
        """Why it cannot be tried here; None where it can."""
        if self.unsupported:
            return self.unsupported
        if self.project is not None:
            return self.project.problem([each.value for each in self.languages])
        return None


def time_limit_of(content: Content, proof: Mapping[str, Any] | None) -> float | None:
    """Return how many seconds a program may take for a case: as the question says, or as its proof derived it."""
    if content.limits.time_limit is not None:
        return content.limits.time_limit
    derived = proof.get("time_limit") if proof else None
    return derived if isinstance(derived, float) else None


def read_content(stored: dict[str, Any]) -> Content:
    """Return a version's content; fields of a newer program are passed over, values were looked at before."""
    return Content.model_validate(stored, extra="ignore", context=STORED)
