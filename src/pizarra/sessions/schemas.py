"""Shapes of sessions and their files."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from pizarra.models import CandidateKeeps, Language, Role, SessionStatus, Signals, Verdict
from pizarra.schemas import (
    LanguageChoice,
    RequestModel,
    ResponseModel,
    Rubric,
    StorableText,
    WholeNumber,
)

KeepsChoice = Annotated[CandidateKeeps, Field(strict=False)]
SignalsChoice = Annotated[Signals, Field(strict=False)]


_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


def _written(value: object) -> object:
    if not isinstance(value, str) or not _WRITTEN.match(value):  # "17" would be a count of seconds
        raise ValueError("must be a time as text, such as 2026-11-22T10:00:00Z")
    return value


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be in the years 1 to 9999") from None


StartsAt = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_written), AfterValidator(_in_utc)
]
TitleText = Annotated[StorableText, Field(max_length=200)]

DEFAULT_TITLE = "Untitled session"


class SessionCreate(RequestModel):
    """What to start with. Everything may be left out."""

    language: LanguageChoice | None = Field(
        None,
        description="python, javascript, typescript, java or cpp; python when left out.",
        examples=["python"],
    )
    initial_code: StorableText | None = Field(
        None,
        description="The text of the first file; the language's template when left out.",
        examples=["def two_sum(nums, target):\n    ...\n"],
    )
    title: TitleText | None = Field(
        None, description="What the list shows.", examples=["Two Sum, warm-up"]
    )
    question_id: Annotated[StorableText, Field(max_length=32)] | None = Field(
        None,
        description="A question of your library: its starter is the first file, its title the session's, its criteria "
        "the rubric, unless you say otherwise.",
        examples=["00112233445566778899aabbccddeeff"],
    )
    plan_id: Annotated[StorableText, Field(max_length=32)] | None = Field(
        None,
        description="A plan of your library, instead of a question: the session begins with its first question, has "
        "its title and rubric, and its minutes are the clock's parts. `GET …/plan` says what comes next.",
        examples=["00112233445566778899aabbccddeeff"],
    )
    waiting_room: bool = Field(
        False, description="Whether the host lets invited people in.", examples=[False]
    )
    candidate_keeps: KeepsChoice = Field(
        CandidateKeeps.TIMELINE,
        description="What invited people may read and download once the session has ended: the timeline (and the "
        "code), the code, or nothing. They are told before they join.",
        examples=["timeline"],
    )
    candidate_name: Annotated[StorableText, Field(max_length=80)] | None = Field(
        None,
        description="Whom the interview is for; the list shows it, and can be searched for it.",
        examples=["Zoë"],
    )
    signals: SignalsChoice = Field(
        Signals.ALL,
        description="What everybody is shown of everybody besides the text: `all`: large pastes and where they come "
        "from, and time away from the page; `pastes`; `none`. People are told before they join.",
        examples=["all"],
    )
    rules: Annotated[StorableText, Field(max_length=500)] = Field(
        "",
        description="What is allowed, in your words; shown before joining.",
        examples=["You may look things up."],
    )
    rubric: Rubric | None = Field(
        None,
        description="The criteria interviewers score; four usual ones when left out.",
        examples=[["Problem solving", "Code quality"]],
    )
    starts_at: StartsAt | None = Field(
        None,
        description="When the interview is to be, with its offset from UTC; for the list. Nothing happens then.",
        examples=["2026-11-22T10:00:00Z"],
    )

    rehearsal: bool = Field(
        False,
        description="Whether it is there to try the question out, a draft too: you are its candidate, no list has it, "
        "no statistics count it, and it is erased after a day.",
        examples=[False],
    )

    @model_validator(mode="after")
    def _begins_with_one(self) -> "SessionCreate":
        if self.plan_id is not None and self.question_id is not None:
            raise ValueError("plan_id: give a question or a plan, not both")
        if self.rehearsal and self.question_id is None:
            raise ValueError("rehearsal: give the question that is tried")
        return self


class SessionUpdate(RequestModel):
    """What to change. What is left out stays."""

    title: TitleText | None = Field(
        None, description="What the list shows.", examples=["Two Sum, warm-up"]
    )
    language: LanguageChoice | None = Field(
        None, description="The language to switch to.", examples=["java"]
    )
    waiting_room: bool | None = Field(
        None, description="Whether the host lets invited people in.", examples=[True]
    )
    editing_locked: bool | None = Field(
        None, description="Whether candidates can only read.", examples=[True]
    )
    running_locked: bool | None = Field(
        None, description="Whether candidates cannot run programs.", examples=[True]
    )
    candidate_name: Annotated[StorableText, Field(max_length=80)] | None = Field(
        None, description="Whom the interview is for.", examples=["Zoë"]
    )
    rubric: Rubric | None = Field(
        None,
        description="The criteria interviewers score.",
        examples=[["Problem solving", "Code quality"]],
    )
    starts_at: StartsAt | None = Field(
        None,
        description="When the interview is to be; null takes it away.",
        examples=["2026-11-22T10:00:00Z"],
    )
    thinking_seconds: WholeNumber | None = Field(
        None,
        description="Private thinking time from now on: interviewers' pages do not show the editor. 0 ends it.",
        examples=[300],
    )


class SessionShown(ResponseModel):
    """What every answer about a session has."""

    session_id: str = Field(description="Its id.", examples=["0123456789abcdef0123456789abcdef"])
    room_id: str = Field(
        description="Its room, for the WebSocket.", examples=["fedcba9876543210fedcba9876543210"]
    )
    title: str = Field(description="What the list shows.", examples=["Two Sum, warm-up"])
    language: Language = Field(description="The language that is chosen now.", examples=["python"])
    status: SessionStatus = Field(
        description="`open`, or `ended`: nobody writes any more.", examples=["open"]
    )
    share_url: str | None = Field(
        description="The candidate's invitation; null for candidates and observers.",
        examples=["http://127.0.0.1:8000/j/0123.c.0.1798761600.abc"],
    )
    waiting_room: bool = Field(
        description="Whether the host lets invited people in.", examples=[False]
    )
    editing_locked: bool = Field(description="Whether candidates can only read.", examples=[False])
    running_locked: bool = Field(
        description="Whether candidates cannot run programs.", examples=[False]
    )
    candidate_keeps: CandidateKeeps = Field(
        description="What invited people may read and download once the session has ended.",
        examples=["timeline"],
    )
    candidate_name: str | None = Field(
        description="Whom the interview is for; null for candidates and observers.",
        examples=["Zoë"],
    )
    signals: Signals = Field(
        description="What everybody is shown of everybody besides the text: `all`, `pastes` or `none`.",
        examples=["all"],
    )
    rules: str = Field(description="What is allowed.", examples=["You may look things up."])
    rubric: list[str] | None = Field(
        description="The criteria interviewers score; null for candidates and observers.",
        examples=[["Problem solving", "Code quality"]],
    )
    thinking_until: datetime | None = Field(
        description="Until when interviewers' pages do not show the editor.",
        examples=["2026-11-22T09:35:00.000000Z"],
    )
    is_rehearsal: bool = Field(
        description="Whether it is somebody's own room to try things out in.", examples=[False]
    )
    your_role: Role = Field(description="What you may do in it.", examples=["host"])
    created_at: datetime = Field(
        description="When it was created.", examples=["2026-11-22T09:30:00.000000Z"]
    )
    starts_at: datetime | None = Field(
        description="When the interview is to be, if that was said.",
        examples=["2026-11-22T10:00:00.000000Z"],
    )
    clock_started_at: datetime | None = Field(
        description="When the interview began, with the candidate's coming: what happened is shown with its time since "
        "then. Null before.",
        examples=["2026-11-22T10:01:00.000000Z"],
    )
    ended_at: datetime | None = Field(
        description="When it was ended; null while it is open.",
        examples=["2026-11-22T10:31:00.000000Z"],
    )
    active_users: int = Field(description="People connected at this moment.", ge=0, examples=[2])


class SessionRead(SessionShown):
    """A session."""

    initial_code: str = Field(
        description="The text of the first file at the start.", examples=["print(42)\n"]
    )


class SessionAgenda(ResponseModel):
    """Who interviews whom, and what they came to."""

    interviewers: list[str] = Field(
        description="The first five who host or interview; before anybody came, who created it.",
        examples=[["Ana"]],
    )
    candidates: list[str] = Field(
        description="The first five candidates who came, as they call themselves.",
        examples=[["Zoë Martínez"]],
    )
    decisions: list[Verdict] | None = Field(
        description="What each who decided came to; null while you may not read it: see `GET …/decisions`.",
        examples=[["yes", "strong_yes"]],
    )
    yours_is_missing: bool = Field(
        description="Whether you interviewed and have not decided.", examples=[False]
    )


class SessionListed(SessionShown):
    """A session in the list."""

    initial_code: str = Field(
        "",
        description="The text of the first file at the start; left out unless you ask for it (`include`).",
        examples=["print(42)\n"],
    )
    last_activity_at: datetime = Field(
        description="When something was last recorded in it.",
        examples=["2026-11-22T10:12:00.000000Z"],
    )
    people_here: list[str] = Field(
        description="Who is connected at this moment.", examples=[["Ana", "Zoë"]]
    )
    activity: list[int] | None = Field(
        None,
        description="With `activity=true`: how many entries were recorded in each 24th of the session's time, pauses "
        "of more than ten minutes shortened; null where there is too little to tell.",
        examples=[
            [1, 0, 0, 14, 52, 61, 33, 8, 0, 0, 41, 70, 66, 12, 3, 0, 9, 48, 51, 20, 18, 6, 2, 1]
        ],
    )
    agenda: SessionAgenda | None = Field(
        None,
        description="With `agenda=true`: who interviews whom, and what they came to.",
        examples=[
            {
                "interviewers": ["Ana"],
                "candidates": ["Zoë"],
                "decisions": ["yes"],
                "yours_is_missing": False,
            },
        ],
    )


class FileRead(ResponseModel):
    """A file of a session."""

    path: str = Field(description="Its path.", examples=["main.py"])
    language: str = Field(description="Its language.", examples=["python"])
    size: int = Field(description="Its length in UTF-8 bytes.", ge=0, examples=[120])


class RehearsalCreate(RequestModel):
    """Which invitation to rehearse for."""

    token: StorableText = Field(
        description="The token of an invitation: the last part of its link.",
        max_length=500,
        examples=["0123.c.0.1798761600.abc"],
    )
