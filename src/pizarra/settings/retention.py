"""What is kept, how long, and in what form."""

from pydantic import Field
from pydantic_settings import BaseSettings


class Retention(BaseSettings):
    """What is kept, how long, and in what form."""

    retention_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="Ended sessions without a team are erased after so many days; unset, they are kept.",
    )
    seal_seconds: float = Field(
        30.0,
        gt=0,
        description="How often what was recorded is sealed, so that later changes of it are found.",
    )
    pack_seconds: float = Field(
        60.0, gt=0, description="How often old edits are packed, to a tenth of their size."
    )
    recent_bytes: int = Field(
        64 * 1024 * 1024,
        ge=0,
        description="Memory for what was recorded a moment ago; beyond it, sealing and packing read it back.",
    )
    retention_check_seconds: float = Field(
        3600.0, gt=0, description="How often to look for sessions to erase."
    )
