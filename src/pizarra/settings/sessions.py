"""What one session may hold besides its text and its log."""

from pydantic import Field
from pydantic_settings import BaseSettings

from pizarra.settings import KIB


class Sessions(BaseSettings):
    """What one session may hold besides its text and its log."""

    max_private_entries: int = Field(
        10_000, ge=1, description="Notes and chat of one session; beyond it 409."
    )
    max_note_characters: int = Field(
        10_000, ge=1, description="Longest note or line of interviewers' chat."
    )
    max_tests: int = Field(
        20,
        ge=1,
        description="Tests of one session that people write; beyond it 409. The cases of its question come on top.",
    )
    max_test_bytes: int = Field(
        64 * KIB,
        ge=0,
        description="All inputs and expected outputs of such tests, together; beyond it 409.",
    )
    max_test_output_bytes: int = Field(
        1 * KIB,
        ge=0,
        description="How much is kept of what a program printed, and of what it complained, when a test failed; of "
        "more than `max_tests` no more together.",
    )
    max_test_instants: int = Field(
        80, ge=1, description="Instants of one session that its tests are tried on."
    )
    test_seconds: float = Field(5.0, gt=0, description="How long one test may take.")
    max_thinking_seconds: int = Field(3600, ge=1, description="Longest private thinking time.")
    clock_minutes: int = Field(
        60, ge=1, le=600, description="How long an interview is, unless its clock is set."
    )
    max_clock_minutes: int = Field(
        600, ge=1, le=600, description="The longest a clock can be set to; beyond it 422."
    )
    max_clock_steps: int = Field(
        5, ge=0, le=5, description="Named parts of an interview's clock; beyond it 422."
    )
    max_line_characters: int = Field(
        2000, ge=1, le=2000, description="Longest line to everybody; beyond it 422."
    )
    max_lines_per_minute: int = Field(
        60, ge=1, description="Lines to everybody from one person; beyond it 429."
    )
    max_exports_per_person: int = Field(
        2,
        ge=1,
        description="Exports and downloads of one session by one person at once; beyond it 429.",
    )
    max_exports_per_session: int = Field(
        8,
        ge=1,
        description="Exports and downloads of one session at once by all its interviewers, and as many by everybody "
        "else who is in it; beyond it 429.",
    )
    replay_link_days: int = Field(
        14, ge=1, le=36_500, description="How long a link to a replay works, unless its maker says."
    )
    max_replay_link_days: int = Field(
        365, ge=1, le=365, description="The longest a link to a replay can work; beyond it 422."
    )
    max_replay_links: int = Field(
        50, ge=1, description="Links to one session's replay at a time; beyond it 409."
    )
    replay_opens_per_address: int = Field(
        120,
        ge=1,
        description="Replays opened by their links from one address in a minute; beyond it 429.",
    )
    max_branches: int = Field(
        100, ge=1, description="Follow-up questions of one session; beyond it refused."
    )
    rehearsals_per_address: int = Field(
        30, ge=1, description="Rehearsals from one address in an hour; beyond it 429."
    )
    rehearsals_per_session: int = Field(
        50, ge=1, description="Rehearsals of one session at a time; beyond it 409."
    )
    rehearsal_hours: int = Field(24, ge=1, le=876_000, description="How long a rehearsal is kept.")
