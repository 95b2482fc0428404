"""A question's time limits in `problem.yaml`."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pizarra.judging.time_limits import TimeLimits
from pizarra.questions.packages.archive import Remark

_MULTIPLIERS = ("ac_to_time_limit", "time_limit_to_tle")
# What a package of `legacy` means that says nothing, and what it calls it.
_LEGACY = {
    "ac_to_time_limit": ("time_multiplier", 5.0),
    "time_limit_to_tle": ("time_safety_margin", 2.0),
}


def limits_in_yaml(limits: TimeLimits, time_limit: float | None) -> dict[str, Any]:
    """Return what `problem.yaml` says of them: what is as usual is left out."""
    usual = TimeLimits()
    said: dict[str, Any] = {} if time_limit is None else {"time_limit": time_limit}
    changed = {
        name: value
        for name in _MULTIPLIERS
        if (value := getattr(limits, name)) != getattr(usual, name)
    }
    if changed:
        said["time_multipliers"] = changed
    if limits.time_resolution != usual.time_resolution:
        said["time_resolution"] = limits.time_resolution
    return {"limits": said} if said else {}


def limits_in(
    problem: Mapping[str, Any], ours: Mapping[str, Any], most: float
) -> tuple[dict[str, float], list[str]]:
    """Return the limits that a package gives, and what there is to say about them; `most` is what programs get here."""
    found = problem.get("limits")
    said = found if isinstance(found, dict) else {}
    multipliers = said.get("time_multipliers")
    if not isinstance(multipliers, dict):  # seen in packages: the number alone
        multipliers = {} if multipliers is None else {"ac_to_time_limit": multipliers}
    wanted = {name: said[name] for name in ("time_limit", "time_resolution") if name in said}
    wanted |= {name: multipliers[name] for name in _MULTIPLIERS if name in multipliers}
    if str(problem.get("problem_format_version", "legacy")) == "legacy":
        for name, (legacy, usual) in _LEGACY.items():
            wanted.setdefault(name, said.get(legacy, usual))
    if "time_limit" in wanted and wanted["time_limit"] == ours.get("derived_time_limit"):
        del wanted["time_limit"]  # nobody gave it: an export says so what a proof found out
    limits, remarks = dict[str, float](), list[str]()
    for name, value in wanted.items():
        try:
            limits[name] = getattr(TimeLimits.model_validate({name: float(value)}), name)
        except (ValidationError, ValueError, TypeError):
            remarks.append(
                Remark(
                    f"problem.yaml: limits: {name} is none that is taken here, and was left out."
                )
            )
    if limits.get("time_limit", 0.0) > most:
        remarks.append(
            Remark(
                f"It gives programs {limits['time_limit']:g} s for a case: here they have {most:g} s."
            )
        )
    return limits, remarks
