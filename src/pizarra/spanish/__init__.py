"""What the API says, in Spanish: from the catalogue that the page has (`said.es.json`), sentence by sentence.

A catalogue has sentences with `{}` where a value stands; in the translation `{}` is that value, `{t}` the same in
Spanish. `web/src/words/said.ts` reads it likewise.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

_LONGEST = 1000  # characters that are looked at: longer sentences are nobody's in the catalogue
_MOST_ACCEPTED = 20  # languages of one request


class Catalogue:
    """Sentences of ours and what they are in Spanish, from a file beside this one that is read when first needed."""

    def __init__(self, name: str) -> None:
        self._path = Path(__file__).parent / name

    @cached_property
    def sentences(self) -> dict[str, str]:
        """Every sentence."""
        return dict(json.loads(self._path.read_text(encoding="utf-8")))

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        # Those that say the most by themselves come first: “{} Try again.” would take what is another's.
        templates = sorted((each for each in self.sentences if "{}" in each), key=len, reverse=True)
        patterns = [
            ("(.*?)".join(map(re.escape, each.split("{}"))), self.sentences[each])
            for each in templates
        ]
        return [(re.compile(pattern, re.DOTALL), translation) for pattern, translation in patterns]

    def said(self, sentence: str) -> str | None:
        """Return a sentence of ours in Spanish; None for one that the catalogue does not have."""
        if len(sentence) > _LONGEST:
            return None
        if sentence in self.sentences and "{}" not in sentence:
            return self.sentences[sentence]
        for pattern, translation in self._patterns:
            found = pattern.fullmatch(sentence)
            if found is not None:
                return self._filled(translation, found.groups())
        return None

    def _filled(self, translation: str, values: Sequence[str]) -> str:
        rest = iter(values)

        def value(match: re.Match[str]) -> str:
            text = next(rest)
            return (self.said(text) or text) if match[1] else text

        return re.sub(r"\{(t?)\}", value, translation)


API = Catalogue("said.es.json")  # the page's too
TERMINAL = Catalogue("terminal.es.json")


def prefers_spanish(accept_language: str) -> bool:
    """Tell whether a header `Accept-Language` prefers Spanish to English."""
    best = {"en": 0.0, "es": 0.0}
    for each in accept_language.split(",", _MOST_ACCEPTED)[:_MOST_ACCEPTED]:
        name, _, weight = each.partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in best:
            best[language] = max(best[language], _weight(weight))
    return best["es"] > best["en"]


def accepted(accept_language: str) -> list[str]:
    """Return the languages that a header `Accept-Language` names, the most wanted first."""
    parts = [each.partition(";") for each in accept_language.split(",")[:_MOST_ACCEPTED]]
    named = [(name.strip(), _weight(weight)) for name, _, weight in parts if name.strip()]
    return [name for name, weight in sorted(named, key=lambda each: -each[1]) if weight > 0]


def _weight(text: str) -> float:
    number = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", text)
    return 1.0 if not text.strip() else float(number[1]) if number else 0.0


def problem_in_spanish(body: bytes) -> bytes | None:
    """Return a problem (RFC 9457) with what people read in Spanish; None when its `detail` is in no catalogue."""
    problem: dict[str, Any] = json.loads(body)
    errors = problem.get("errors", [])
    whole = API.said(problem["detail"]) if len(errors) < 2 else None
    if errors and whole is not None:  # one sentence of ours, about one field
        [error] = errors
        isolated = error["message"] == problem["detail"]
        error["message"] = whole if isolated else whole.partition(": ")[2]
        sentence: str | None = whole
    elif "errors" in problem:  # as many sentences as fields
        told = [_field(error) for error in problem["errors"]]
        more = re.search(r"; and ([\d,]+) more$", problem["detail"])
        sentence = "; ".join(f"{field}: {message}" for field, message in told)
        sentence = f"{sentence}; y {more[1]} más" if more else sentence
        problem["errors"] = [{"field": field, "message": message} for field, message in told]
    else:
        sentence = whole
    if sentence is None:
        return None
    problem |= {"detail": sentence, "title": API.said(problem["title"]) or problem["title"]}
    return json.dumps(problem, ensure_ascii=False, separators=(",", ":")).encode()


def _field(error: Mapping[str, str]) -> tuple[str, str]:
    said = API.said(f"{error['field']}: {error['message']}")
    message = said.partition(": ")[2] if said else None
    return error["field"], message or error["message"]
