"""Reads a package of the Kattis/ICPC format (`legacy`, `2023-07-draft`, `2025-09`) as a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pizarra.config import Settings
from pizarra.models import Language
from pizarra.problems.content import Content
from pizarra.questions.packages import left_out
from pizarra.questions.packages.archive import PackageError, Remark
from pizarra.questions.packages.cases import Cases
from pizarra.questions.packages.content_of import content_of
from pizarra.questions.packages.documents import read_yaml
from pizarra.questions.packages.flags import comparator_of
from pizarra.questions.packages.languages import language_named
from pizarra.questions.packages.limits import limits_in
from pizarra.questions.packages.places import Places
from pizarra.questions.packages.projects import project_in
from pizarra.questions.packages.statements import Statements
from pizarra.questions.packages.submissions import Submissions
from pizarra.questions.packages.validators import Validators
from pizarra.questions.packages.writing import DRAFT, OURS, OURS_IN_DRAFT

_FORMATS = ("legacy", "2023-07-draft", "2023-07", "2025-09")
_ELSEWHERE = {
    "interactive": "It is interactive: the program talks with another one, which cannot be tried here.",
    "multi-pass": "It is run in several passes, which cannot be tried here.",
    "submit-answer": "Answers are handed in, and no program: that cannot be tried here.",
}


@dataclass(frozen=True, slots=True)
class Read:
    """A question that a package holds, and what there is to say about what was left out."""

    content: Content
    remarks: list[str] = field(default_factory=list)


def read_package(files: Mapping[str, bytes], settings: Settings) -> Read:
    """Return the question of a package's files.

    Raises:
        PackageError: it is no package, or a question that is refused.
    """
    try:
        return _Reader(files, settings).read()
    except (TypeError, AttributeError, ValueError, LookupError, ArithmeticError) as error:
        raise PackageError(
            f"Something in its YAML is not of the shape that the format gives it: {str(error)[:200]}"
        ) from error


class _Reader:
    def __init__(self, files: Mapping[str, bytes], settings: Settings) -> None:
        # The format says: names with a dot or a dash before them are as if they were not there.
        self._files = {
            path: content
            for path, content in files.items()
            if not any(part.startswith((".", "-")) for part in path.split("/"))
        }
        self._package = files
        self._settings = settings
        self._problem = read_yaml(files["problem.yaml"], "problem.yaml")
        ours = OURS_IN_DRAFT if OURS not in files and self._is_draft_of_ours() else OURS
        self._ours = read_yaml(files[ours], ours) if ours in files else {}
        self._remarks: list[str] = []
        self._places = Places(has_ours=bool(self._ours))
        self._validators = Validators(self._files, files)

    def _is_draft_of_ours(self) -> bool:
        return self._problem.get("problem_format_version") == DRAFT

    def read(self) -> Read:
        version = str(self._problem.get("problem_format_version", "legacy"))
        if version not in _FORMATS:
            raise PackageError(
                f"problem.yaml is of the format {version[:40]}; these are read: {', '.join(_FORMATS)}."
            )
        wanted: dict[str, Any] = {
            name: each
            for name, each in self._ours.items()
            if name in Content.model_fields and name not in ("wrong", "samples", "secret")
        }
        statements = Statements(self._files, self._problem, self._ours, self._settings)
        wanted |= statements.wordings()
        wanted["images"] = statements.images()
        self._remarks += statements.remarks
        if not self._ours:
            wanted |= self._about()
        cases = Cases(self._files, self._ours, self._places, self._settings)
        wanted["samples"], wanted["secret"] = cases.samples(), cases.groups()
        self._remarks += cases.remarks
        submissions = Submissions(self._files, self._ours.get("wrong"))
        wanted |= submissions.sources(wanted.get("languages"))
        if self._ours.get("kind") == "project":
            wanted |= project_in(self._package, self._ours) | {"starters": {}, "references": {}}
        wanted["comparator"] = self._comparator()
        most = self._settings.test_seconds
        wanted["limits"], said = limits_in(self._problem, self._ours, most)
        self._remarks += said
        if "unsupported" not in self._ours and (reason := self._unsupported()) is not None:
            wanted["unsupported"] = reason
        content = content_of(wanted, self._places.file_of)
        self._say_what_is_left_out(content, submissions.taken, cases.abouts)
        return Read(content, self._remarks)

    def _say_what_is_left_out(
        self, content: Content, taken: set[str], abouts: list[dict[str, Any]]
    ) -> None:
        own = content.comparator.checker is not None
        if not self._ours:  # what we wrote says it there
            self._remarks += left_out.about_flags(self._validator_words(), own_validator=own)
        self._remarks += left_out.about_files(self._files, taken)
        self._remarks += left_out.about_cases(abouts)

    def _about(self) -> dict[str, Any]:
        """Return what a package of others says of itself."""
        words = _words(self._problem.get("keywords"))
        tags = [each.replace("|", " ").strip()[:40] for each in words]
        return {
            "tags": [each for each in tags if each][:20],
            "licence": str(self._problem.get("license") or "").strip()[:80],
            "source": self._source()[:500],
            "languages": self._languages(),
        }

    def _source(self) -> str:
        source = self._problem.get("source")
        parts = source if isinstance(source, list) else [source]
        named = [str(each.get("name") if isinstance(each, dict) else each or "") for each in parts]
        people = self._problem.get("credits") or self._problem.get("author") or ""
        authors = people.get("authors", "") if isinstance(people, dict) else people
        listed = authors if isinstance(authors, list) else [authors]
        names = [str(each.get("name") if isinstance(each, dict) else each) for each in listed]
        return "; ".join(each for each in (", ".join(filter(None, names)), *named) if each)

    def _languages(self) -> list[str]:
        wanted = self._problem.get("languages", "all")
        every = [each.value for each in Language]
        if wanted == "all" or not wanted:
            return every
        self._remarks += left_out.about_languages(_words(wanted))
        found = {language_named(each) for each in _words(wanted)} - {None}
        if not found:
            self._remarks.append(Remark("It is for languages that are not here."))
        return [each.value for each in Language if each in found] or every

    def _unsupported(self) -> str | None:
        validation = _words(self._problem.get("validation"))
        for kind in _words(self._problem.get("type")) + validation:
            if kind in _ELSEWHERE:
                return _ELSEWHERE[kind]
        if "custom" in validation[:1] and not self._validators:
            return "Its validator is missing."
        return self._validators.unsupported()

    def _comparator(self) -> dict[str, Any]:
        """Return how outputs are compared: as we said ourselves, else by its own validator, or Kattis'."""
        checker = self._validators.checker()
        ours = self._ours.get("comparator")
        if isinstance(ours, dict):
            kept = ours.get("how") != "checker" or checker is not None
            return (
                {**ours, "checker": checker if ours.get("how") == "checker" else None}
                if kept
                else {}
            )
        if checker is not None:
            return {"how": "checker", "checker": checker}
        return comparator_of(self._validator_words())

    def _validator_words(self) -> list[str]:
        for path, key in (
            ("data/secret/test_group.yaml", "output_validator_args"),
            ("data/test_group.yaml", "output_validator_args"),
            ("data/secret/testdata.yaml", "output_validator_flags"),
            ("data/testdata.yaml", "output_validator_flags"),
        ):
            if path in self._files and (found := read_yaml(self._files[path], path).get(key)):
                return _words(found)
        return _words(self._problem.get("validator_flags"))


def _words(value: object) -> list[str]:
    """Return what YAML has as one text or as a list: anybody may have put anything there."""
    if isinstance(value, list):
        return [str(each) for each in value if str(each).strip()]
    return value.split() if isinstance(value, str) else []
