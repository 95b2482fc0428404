"""Shapes of questions and of what a session is about."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from pizarra.judging.comparing import Comparator
from pizarra.judging.signature import Signature
from pizarra.judging.time_limits import TimeLimits
from pizarra.models import Language
from pizarra.problems.content import (
    Case,
    CaseGroup,
    Content,
    Difficulty,
    FollowUp,
    Images,
    Label,
    Policy,
    QuestionKind,
    Sources,
    Spoken,
    Tag,
    Title,
    Ways,
    Wording,
    WrongSolution,
)
from pizarra.problems.project import Project
from pizarra.schemas import (
    RequestModel,
    ResponseModel,
    StorableText,
)

ID = "00112233445566778899aabbccddeeff"


def _of(name: str) -> Any:
    """Return the field of a change: as `Content` has it, and left out it stays."""
    field = Content.model_fields[name]
    return Field(None, description=field.description, examples=field.examples)


class QuestionCreate(Content):
    """A question. All but the title may be left out."""

    checks_values: ClassVar[bool] = False


class QuestionUpdate(RequestModel):
    """What to change; what is left out stays. It makes a new version: sessions keep the one they were given."""

    title: Title | None = _of("title")
    statement: StorableText | None = _of("statement")
    spoken: Spoken | None = _of("spoken")
    translations: dict[Spoken, Wording] | None = _of("translations")
    images: Images | None = _of("images")
    kind: QuestionKind | None = _of("kind")
    difficulty: Difficulty | None = _of("difficulty")
    minutes: Annotated[int, Field(ge=1, le=600)] | None = _of("minutes")
    tags: Annotated[list[Tag], Field(max_length=20)] | None = _of("tags")
    licence: Annotated[StorableText, Field(max_length=80)] | None = _of("licence")
    source: Annotated[StorableText, Field(max_length=500)] | None = _of("source")
    languages: Ways | None = _of("languages")
    starters: Sources | None = _of("starters")
    references: Sources | None = _of("references")
    wrong: Annotated[list[WrongSolution], Field(max_length=50)] | None = _of("wrong")
    samples: list[Case] | None = _of("samples")
    secret: Annotated[list[CaseGroup], Field(max_length=50)] | None = _of("secret")
    comparator: Comparator | None = _of("comparator")
    limits: TimeLimits | None = _of("limits")
    signature: Signature | None = _of("signature")
    project: Project | None = _of("project")
    guide: StorableText | None = _of("guide")
    rubric: Annotated[list[Label], Field(max_length=20)] | None = _of("rubric")
    follow_ups: Annotated[list[FollowUp], Field(max_length=20)] | None = _of("follow_ups")
    policy: Policy | None = _of("policy")
    draft: bool | None = _of("draft")
    unsupported: Annotated[StorableText, Field(max_length=2000)] | None = _of("unsupported")


class LanguageProof(ResponseModel):
    """What is proven of a question in one language."""

    status: str = Field(
        description="`proven`: the reference passes every case, what people begin with does not, and every wrong "
        "solution fails as declared. Else `no_reference`, `reference_fails`, `starter_passes`, `wrong_passes`, "
        "`unavailable` (this machine does not run it), `not_runnable` or `not_tried`.",
        examples=["proven"],
    )
    detail: str | None = Field(description="Where and why it is not.", examples=[None])


_PROVEN = {"python": {"status": "proven", "detail": None}}


class ProofProgress(ResponseModel):
    """How far a proof is."""

    done: int = Field(description="Languages that were tried.", ge=0, examples=[2])
    of: int = Field(description="Languages in all.", ge=1, examples=[5])


class ProofRead(ResponseModel):
    """What is proven of a version on this machine."""

    proven: bool = Field(
        description="Whether it is in every language that has a reference, and in one at least.",
        examples=[True],
    )
    languages: dict[str, LanguageProof] = Field(
        description="Each of its languages.", examples=[_PROVEN]
    )
    cases: int = Field(description="How many cases were tried in each.", ge=0, examples=[12])
    slowest_ms: int | None = Field(
        description="How long the slowest of its references took for a case; null: none passed, or its tests run "
        "together, as a project's do.",
        ge=0,
        examples=[412],
    )
    time_limit: float | None = Field(
        description="Seconds that a program may take for a case: as the question says, else derived from its slowest "
        "reference; null: there is none but `test_seconds`.",
        examples=[1.0],
    )
    toolchains: dict[str, str] = Field(
        description="With which versions.", examples=[{"python": "Python 3.11.2"}]
    )
    version: int = Field(description="Of which version of the question.", examples=[3])
    proved_at: datetime | None = Field(
        description="When; null: it is being tried for the first time.",
        examples=["2026-11-29T16:00:00.000000Z"],
    )
    running: bool = Field(description="Whether it is being tried at this moment.", examples=[False])
    progress: ProofProgress | None = Field(
        description="While it is being tried: how far that is.", examples=[None]
    )


class Fared(ResponseModel):
    """How candidates fared with a question, in its latest 200 sessions that have ended. Nobody is named."""

    candidates: int = Field(
        description="In how many of them a candidate was there.", ge=0, examples=[12]
    )
    passed: int = Field(
        description="In how many a program passed every secret case.", ge=0, examples=[9]
    )
    median_minutes: float | None = Field(
        description="How long that took, in the middle; null: nobody passed.", examples=[17.5]
    )


_FARED = Field(
    description="How candidates fared with it.",
    examples=[{"candidates": 12, "passed": 9, "median_minutes": 17.5}],
)


class QuestionListed(ResponseModel):
    """A question in the list: what may be long is read by its id."""

    question_id: str = Field(description="Its id.", examples=[ID])
    version: int = Field(description="The number of its newest version.", examples=[3])
    title: str = Field(description="What it is called.", examples=["Double it"])
    titles: dict[str, str] = Field(
        description="The same in each language that it is told in.",
        examples=[{"en": "Double it", "es": "El doble"}],
    )
    kind: QuestionKind = Field(description="`stdio`, `function` or `project`.", examples=["stdio"])
    difficulty: Difficulty = Field(description="How hard it is.", examples=["easy"])
    minutes: int = Field(description="How long people take for it.", examples=[25])
    tags: list[str] = Field(description="What it is about.", examples=[["arrays"]])
    languages: list[Language] = Field(
        description="The languages it can be solved in.", examples=[["python", "java"]]
    )
    draft: bool = Field(description="Whether it is not ready yet.", examples=[False])
    runnable: bool = Field(description="Whether it can be tried here.", examples=[True])
    proven: list[str] | None = Field(
        description="The languages that its newest version is proven in; null: nobody tried.",
        examples=[["python", "java"]],
    )
    sessions: int = Field(description="How many sessions were given it.", ge=0, examples=[4])
    fared: Fared = _FARED
    created_at: datetime = Field(
        description="When it was made.", examples=["2026-11-28T09:30:00.000000Z"]
    )
    updated_at: datetime = Field(
        description="When its newest version was made.", examples=["2026-11-29T16:00:00.000000Z"]
    )


class QuestionRead(Content):
    """A question, or an earlier version of it."""

    checks_values: ClassVar[bool] = False

    question_id: str = Field(description="Its id.", examples=[ID])
    version: int = Field(description="The number of the version that this is.", examples=[3])
    newest: int = Field(description="The number of its newest version.", examples=[3])
    runnable: bool = Field(description="Whether it can be tried here.", examples=[True])
    detail: str | None = Field(
        description="Why it cannot be tried here; null: it can.", examples=[None]
    )
    proof: ProofRead | None = Field(
        description="What is proven of this version; null: nobody tried.", examples=[None]
    )
    sessions: int = Field(description="How many sessions were given it.", ge=0, examples=[4])
    fared: Fared = _FARED
    created_at: datetime = Field(
        description="When the question was made.", examples=["2026-11-28T09:30:00.000000Z"]
    )
    updated_at: datetime = Field(
        description="When this version was made.", examples=["2026-11-29T16:00:00.000000Z"]
    )
