"""How many questions there may be, and how large one may be."""

from pydantic import Field
from pydantic_settings import BaseSettings

from pizarra.settings import KIB, MIB


class Questions(BaseSettings):
    """How many questions there may be, and how large one may be."""

    max_questions: int = Field(
        5000, ge=1, description="Questions of one team's library; beyond it 409."
    )
    max_question_versions: int = Field(
        500,
        ge=1,
        description="Versions of one question; beyond it 409. Each change makes one, and old ones stay.",
    )
    max_question_bytes: int = Field(
        1024 * KIB,
        ge=KIB,
        description="A question with all that belongs to it; beyond it 422.",
    )
    max_statement_bytes: int = Field(
        64 * KIB,
        ge=KIB,
        description="The statement of a question in one language, the guide, and each follow-up; beyond it 422.",
    )
    max_statement_cells: int = Field(
        2000,
        ge=0,
        le=5000,
        description="Cells of the tables in a question's statement, its guide and each follow-up; beyond it 422. "
        "A short line of Markdown may be a row of hundreds.",
    )
    max_image_bytes: int = Field(
        256 * KIB,
        ge=0,
        description="Pictures of a question's statement together, which everybody in a session gets; beyond it 422.",
    )
    max_question_cases: int = Field(
        200, ge=1, description="Sample and secret cases of one question; beyond it 422."
    )
    max_project_bytes: int = Field(
        256 * KIB,
        ge=KIB,
        description="Files of a project in all its languages together; beyond it 422.",
    )
    max_sample_runs_per_session: int = Field(
        2,
        ge=1,
        description="Programs of one session and its rehearsals tried on samples at once; beyond it 429.",
    )
    max_own_cases: int = Field(
        20, ge=0, description="Cases of one's own tried with the samples at once; beyond it 422."
    )
    max_own_case_bytes: int = Field(
        16 * KIB,
        ge=0,
        description="Such cases together, which everybody in a session gets; beyond it 422.",
    )
    max_package_bytes: int = Field(
        8 * MIB,
        ge=KIB,
        description="Largest archive of `POST /api/questions/import`; beyond it 413.",
    )
    max_package_unpacked_bytes: int = Field(
        32 * MIB, ge=KIB, description="What such an archive may unpack to; beyond it 422."
    )
    max_package_files: int = Field(
        2000, ge=1, description="Files in such an archive; beyond it 422."
    )
    max_proposal_bytes: int = Field(
        256 * KIB,
        ge=KIB,
        description="Text that a question is proposed from; beyond it 422.",
    )
    max_packages_waiting: int = Field(
        4,
        ge=0,
        description="Imports, exports and proposals of questions that wait for the one under way; beyond it 503.",
    )
    max_proofs: int = Field(
        2, ge=1, description="Questions that are being proven at once; beyond it 429."
    )
    prove_seconds: float = Field(
        300.0,
        gt=0,
        description="Longest proof of a question; what was not tried by then is not proven.",
    )
    max_sample_bytes: int = Field(
        64 * KIB,
        ge=0,
        description="All samples of a question together, which everybody in a session gets; beyond it 422.",
    )
    max_plans: int = Field(500, ge=1, description="Plans of one team's library; beyond it 409.")
    max_plan_questions: int = Field(
        5,
        ge=1,
        le=5,
        description="Questions of one plan; beyond it 422. A clock has no more parts.",
    )
