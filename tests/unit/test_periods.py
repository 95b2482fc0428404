"""Periods that are counted from now: a hundred years at most, for a date cannot be as far away as a number is large."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from pizarra.config import Settings

_PERIODS = sorted(
    (name, unit)
    for name in Settings.model_fields
    for unit in ("minutes", "hours", "days")
    if name.endswith(f"_{unit}")
)


@pytest.mark.parametrize(("name", "unit"), _PERIODS)
def test_a_period_that_leads_to_no_date_is_refused_at_the_start(name: str, unit: str) -> None:
    """A million days, meant to keep sessions for ever, had nothing erased any more: not even what others asked for."""
    longest = int(timedelta(days=36_500) / timedelta(**{unit: 1}))
    beyond: dict[str, Any] = {name: longest + 1}
    with pytest.raises(ValidationError, match="less than or equal to"):
        Settings(**beyond)
    most = Settings.model_fields[name].metadata[-1].le
    assert most <= longest
    for number in (most, -most):
        assert (datetime.now(UTC) + timedelta(**{unit: number})).tzinfo is UTC
