"""The programs of a package: what is right, what is wrong and how, and what one begins with."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pizarra.models import Language
from pizarra.problems.content import MOST_WRONG
from pizarra.questions.packages import left_out
from pizarra.questions.packages.documents import read_text
from pizarra.questions.packages.languages import language_named, language_of_source


class Submissions:
    """Reads them; `taken` are the paths of those that are."""

    def __init__(self, files: Mapping[str, bytes], wrong: object) -> None:
        self._files = files
        # what we said ourselves of the wrong ones
        self._known = (
            [each for each in wrong if isinstance(each, dict)] if isinstance(wrong, list) else []
        )
        self.taken: set[str] = set()

    def sources(self, languages: object) -> dict[str, Any]:
        """Return starters, references and wrong solutions."""
        allowed = (
            set(map(str, languages))
            if isinstance(languages, list)
            else {each.value for each in Language}
        )
        references: dict[str, str] = {}
        for language, path in self._submissions("accepted"):
            if language in allowed and language not in references:
                references[language] = read_text(self._files[path], path)
                self.taken.add(path)
        starters: dict[str, str] = {}
        for path in sorted(self._files):
            found = re.fullmatch(r"attachments/templates/([^/]+)/[^/]+", path)
            named = language_named(found[1]) if found else None
            if named is not None and named.value in allowed:
                starters.setdefault(named.value, read_text(self._files[path], path))
                self.taken.add(path)
        return {"references": references, "starters": starters, "wrong": self._wrong(allowed)}

    def _submissions(self, verdict: str) -> Iterator[tuple[str, str]]:
        """Yield language and path of each submission that is one file."""
        grouped: dict[str, list[str]] = {}
        for path in sorted(self._files):
            if found := re.match(rf"submissions/{verdict}/([^/]+)", path):
                grouped.setdefault(found[1], []).append(path)
        for paths in grouped.values():
            sources = {
                each: language
                for each in paths
                if (language := language_of_source(each)) is not None
            }
            if len(sources) == 1:
                [(path, language)] = sources.items()
                if not self._is_python_2(path):
                    yield language.value, path

    def _is_python_2(self, path: str) -> bool:
        first = self._files[path][:200].partition(b"\n")[0]
        return path.endswith(".py") and (b"python2" in first or "py2" in path.rpartition("/")[2])

    def _wrong(self, allowed: set[Any]) -> list[dict[str, Any]]:
        known = self._known
        found: list[tuple[int, str, dict[str, Any]]] = []
        for verdict in left_out.VERDICTS:
            for language, path in self._submissions(verdict):
                if language in allowed:
                    name = path.partition(f"/{verdict}/")[2].partition("/")[0]
                    numbered = re.fullmatch(r"wrong_(\d{2,3})", name)
                    place = int(numbered[1]) if numbered and known else 10_000 + len(found)
                    said = known[place - 1] if 0 < place <= len(known) else {}
                    about = {"name": str(said.get("name") or name)[:80], "verdict": verdict}
                    text = read_text(self._files[path], path)
                    more = {"language": language, "source": text, "fails": said.get("fails", [])}
                    found.append((place, path, {**about, **more}))
        kept = sorted(found, key=lambda one: one[0])[:MOST_WRONG]
        self.taken.update(path for _, path, _ in kept)
        return [each for _, _, each in kept]
