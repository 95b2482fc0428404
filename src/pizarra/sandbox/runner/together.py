"""What several runners can do together: what any of them can."""

from collections.abc import Sequence

from pizarra.sandbox.runner.protocol import Capabilities, LanguageState

_WEAKEST_LAST = ("A", "B", "C", None)


def together(all_of_them: Sequence[Capabilities]) -> Capabilities | None:
    """Return what can be done by one runner or another; None of none.

    A language runs where one runs it. The tier is the weakest of those that run programs: who asks what a program is
    confined by is told of the least. What was tried is the first one's: it is this machine's, where there is one.
    """
    if len(all_of_them) <= 1:
        return all_of_them[0] if all_of_them else None
    first = all_of_them[0]
    running = [each for each in all_of_them if each.tier is not None]
    if not running:
        return first
    languages: dict[str, LanguageState] = {}
    for each in running:
        for name, state in each.languages.items():
            if name not in languages or _worth(state) > _worth(languages[name]):
                languages[name] = state
    weakest = max(running, key=lambda each: _WEAKEST_LAST.index(each.tier))
    return first.model_copy(
        update={
            "tier": weakest.tier,
            "reason": None,
            "languages": languages,
            "slots": sum(each.slots for each in running),
            "queue": sum(each.queue for each in running),
            "resting": sum(each.resting for each in running),
        }
    )


def _worth(state: LanguageState) -> tuple[bool, bool, bool]:
    """Return how much a runner's word about a language counts beside another's."""
    return state.available, state.starting, state.language_server is not None
