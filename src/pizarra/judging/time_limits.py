"""How long a program may take for a case: as a question says, or derived from its references."""

from math import ceil

from pydantic import Field

from pizarra.schemas import RequestModel

_NEARLY = 1e-9  # 0.3 / 0.1 is a little more than 3, or a little less


class TimeLimits(RequestModel):
    """How long a program may take for a case, in seconds, named as the package format names it."""

    time_limit: float | None = Field(
        None,
        description="What it may take; where it is left out it is derived when the question is proven. It is never "
        "more than `test_seconds`.",
        gt=0,
        le=600,
        examples=[None],
    )
    ac_to_time_limit: float = Field(
        2.0,
        description="A derived limit is at least as many times what the slowest reference takes.",
        ge=1,
        le=100,
        examples=[2.0],
    )
    time_limit_to_tle: float = Field(
        1.5,
        description="A solution that is declared `time_limit_exceeded` must take as many times the limit.",
        ge=1,
        le=10,
        examples=[1.5],
    )
    time_resolution: float = Field(
        1.0, description="A derived limit is a multiple of it.", ge=0.001, le=60, examples=[1.0]
    )

    def limit(self, slowest_ms: int | None, most: float) -> float | None:
        """Return the limit, of at most `most` seconds, where the slowest reference took so long; None: unknown."""
        if self.time_limit is not None:
            return min(self.time_limit, most)
        if slowest_ms is None:
            return None
        wanted = self.ac_to_time_limit * slowest_ms / 1000
        steps = max(1, ceil(wanted / self.time_resolution - _NEARLY))
        return min(round(steps * self.time_resolution, 6), most)
