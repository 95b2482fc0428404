"""axe-core on a page: what WCAG says of it."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_SOURCE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return _SOURCE.read_text()


def violations(page: Page, part: str = "html") -> list[str]:
    """Return what is wrong on the page, or a part of it, as it is now, a line each: the rule, the element, why."""
    page.evaluate(_source())
    # A name on its way out is not what anybody reads.
    page.evaluate(
        "() => document.getAnimations().filter(each => Number.isFinite(each.effect?.getComputedTiming().endTime))"
        ".forEach(each => each.finish())"
    )
    result: dict[str, Any] = page.evaluate(
        "([part, tags]) => axe.run(part, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        [part, _TAGS],
    )
    return [
        f"{found['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]
