"""Shapes of plans: which questions an interview goes through."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from pizarra.models import Language
from pizarra.problems.content import Difficulty, QuestionKind, Title
from pizarra.schemas import RequestModel, ResponseModel, Rubric, StorableText, whole_number

_ID = "00112233445566778899aabbccddeeff"
_STEPS = [{"question_id": _ID, "minutes": 20}]


class PlanStepWrite(RequestModel):
    """A question of a plan."""

    question_id: Annotated[StorableText, Field(max_length=32)] = Field(
        description="A question of the same library.", examples=[_ID]
    )
    minutes: Annotated[int, Field(ge=1, le=600), BeforeValidator(whole_number)] | None = Field(
        None,
        description="How long it takes in this interview; as the question says when left out.",
        examples=[20],
    )


Steps = Annotated[list[PlanStepWrite], Field(min_length=1, max_length=20)]


class PlanCreate(RequestModel):
    """A plan: questions in order, and what all of it is scored by."""

    title: Title = Field(description="What it is called.", examples=["Backend, an hour"])
    questions: Steps = Field(description="Its questions, in order.", examples=[_STEPS])
    rubric: Rubric = Field(
        default_factory=list,
        description="What the interview is scored by; the first question's when left out.",
        examples=[["Problem solving", "Code quality"]],
    )


class PlanUpdate(RequestModel):
    """What to change; what is left out stays. Sessions keep what they were planned with."""

    title: Title | None = Field(None, description="What it is called.", examples=["Backend"])
    questions: Steps | None = Field(None, description="Its questions, in order.", examples=[_STEPS])
    rubric: Rubric | None = Field(
        None, description="What the interview is scored by.", examples=[["Problem solving"]]
    )


class PlanStepRead(ResponseModel):
    """A question of a plan, as it is now."""

    question_id: str = Field(description="The question's id.", examples=[_ID])
    title: str = Field(description="What it is called.", examples=["Double it"])
    kind: QuestionKind = Field(description="`stdio`, `function` or `project`.", examples=["stdio"])
    difficulty: Difficulty = Field(description="How hard it is.", examples=["easy"])
    languages: list[Language] = Field(
        description="The languages it can be solved in.", examples=[["python", "java"]]
    )
    minutes: int = Field(description="How long it takes in this interview.", examples=[20])
    ready: bool = Field(
        description="Whether a session can be given it: it is no draft, and was not deleted.",
        examples=[True],
    )


class PlanRead(ResponseModel):
    """A plan."""

    plan_id: str = Field(description="Its id.", examples=[_ID])
    title: str = Field(description="What it is called.", examples=["Backend, an hour"])
    minutes: int = Field(description="How long all of it takes.", examples=[60])
    rubric: list[str] = Field(
        description="What the interview is scored by; empty: by what the first question is.",
        examples=[["Problem solving", "Code quality"]],
    )
    questions: list[PlanStepRead] = Field(
        description="Its questions, in order.",
        examples=[
            [
                {
                    "question_id": _ID,
                    "title": "Double it",
                    "kind": "stdio",
                    "minutes": 20,
                    "difficulty": "easy",
                    "languages": ["python"],
                    "ready": True,
                }
            ]
        ],
    )
    created_at: datetime = Field(
        description="When it was made.", examples=["2026-11-28T09:30:00.000000Z"]
    )
    updated_at: datetime = Field(
        description="When it was changed last.", examples=["2026-11-29T16:00:00.000000Z"]
    )


class PlannedQuestion(ResponseModel):
    """A question that a session was planned with."""

    question_id: str | None = Field(
        description="The question's id; null: it was deleted.", examples=[_ID]
    )
    title: str = Field(description="What it was called.", examples=["Double it"])
    minutes: int = Field(description="How long it is meant to take.", examples=[20])
    given: bool = Field(description="Whether the session was given it already.", examples=[True])


class SessionPlanRead(ResponseModel):
    """What a session was planned with, and how far it is."""

    questions: list[PlannedQuestion] = Field(
        description="Its questions, in order; empty: it was not planned.",
        examples=[[{"question_id": _ID, "title": "Double it", "minutes": 20, "given": True}]],
    )
    current: int | None = Field(
        description="Which of them the session is about now, from 0; null: it is about none of them.",
        examples=[0],
    )
