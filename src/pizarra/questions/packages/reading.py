"""Reads a package of the Kattis/ICPC format (`legacy`, `2023-07-draft`, `2025-09`) as a question."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pizarra.config import Settings
from pizarra.models import Language
from pizarra.problems.content import Content
from pizarra.problems.images import NoImage, as_text, check_image
from pizarra.questions.packages import left_out
from pizarra.questions.packages.archive import PackageError, Remark
from pizarra.questions.packages.content_of import content_of
from pizarra.questions.packages.documents import MOST_TEXT_BYTES, read_text, read_yaml
from pizarra.questions.packages.flags import comparator_of
from pizarra.questions.packages.languages import language_named, language_of_source
from pizarra.questions.packages.limits import limits_in
from pizarra.questions.packages.places import Places
from pizarra.questions.packages.projects import project_in
from pizarra.questions.packages.tex import as_markdown
from pizarra.questions.packages.validators import Validators
from pizarra.questions.packages.writing import DRAFT, OURS, OURS_IN_DRAFT

_FORMATS = ("legacy", "2023-07-draft", "2023-07", "2025-09")
_ELSEWHERE = {
    "interactive": "It is interactive: the program talks with another one, which cannot be tried here.",
    "multi-pass": "It is run in several passes, which cannot be tried here.",
    "submit-answer": "Answers are handed in, and no program: that cannot be tried here.",
}
_STATEMENT = re.compile(
    r"(?:problem_)?statement/problem(?:\.([a-z]{2,3}(?:-[A-Z]{2})?))?\.(md|tex|pdf)"
)
_SCRIPT = re.compile(
    r"<\s*+/?+\s*+(?:script|iframe|object|embed|style|link|meta|base|form|svg|math)\b|<[^<>]{0,500}\son[a-z]{2,20}\s*=|"
    r"(?:javascript|vbscript|data)\s{0,20}:\s{0,20}[^\s)]{0,20}(?:script|html|\()",
    re.IGNORECASE,
)
_CONSTANT = re.compile(r"\{\{\s*([A-Za-z_]\w{0,60})\s*\}\}")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|eps|bmp|tiff?)$", re.IGNORECASE)
_MOST_IMAGES = 20
_MOST_CONSTANT = 100  # characters of what stands for a name in a statement
_MOST_TRANSLATIONS = 20  # as many a question has


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
        self._abouts: list[dict[str, Any]] = []  # what is said beside the cases
        self._taken: set[str] = set()  # submissions and starters
        self._room = settings.max_question_bytes // 2  # for the cases
        self._cases_left = settings.max_question_cases
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
        wanted |= self._wordings()
        wanted["images"] = self._images()
        if not self._ours:
            wanted |= self._about()
        wanted["samples"] = self._cases("data/sample", self._names("samples"), self._places.samples)
        wanted["secret"] = self._groups()
        wanted |= self._sources(wanted.get("languages"))
        if self._ours.get("kind") == "project":
            wanted |= project_in(self._package, self._ours) | {"starters": {}, "references": {}}
        wanted["comparator"] = self._comparator()
        most = self._settings.test_seconds
        wanted["limits"], said = limits_in(self._problem, self._ours, most)
        self._remarks += said
        if "unsupported" not in self._ours and (reason := self._unsupported()) is not None:
            wanted["unsupported"] = reason
        content = content_of(wanted, self._places.file_of)
        self._say_what_is_left_out(content)
        return Read(content, self._remarks)

    def _say_what_is_left_out(self, content: Content) -> None:
        own = content.comparator.checker is not None
        if not self._ours:  # what we wrote says it there
            self._remarks += left_out.about_flags(self._validator_words(), own_validator=own)
        self._remarks += left_out.about_files(self._files, self._taken)
        self._remarks += left_out.about_cases(self._abouts)

    def _names(self, key: str) -> list[str]:
        found = self._ours.get(key)
        return [str(each) for each in found] if isinstance(found, list) else []

    def _wordings(self) -> dict[str, Any]:
        """Return title, statement and translations."""
        statements: dict[str, str] = {}
        for path, content in sorted(self._files.items()):
            found = _STATEMENT.fullmatch(path)
            if found is None:
                continue
            spoken, kind = found[1] or "en", found[2]
            if len(statements) > _MOST_TRANSLATIONS:
                raise PackageError("The package has too many files, or is too large.")
            if kind == "pdf":
                self._remarks.append(Remark(f"{path} is a PDF and was left out."))
            elif kind == "md" or spoken not in statements:
                # Twice what is taken: LaTeX becomes shorter. Beyond it nothing looks at it.
                if len(content) > 2 * self._settings.max_statement_bytes:
                    raise PackageError(f"{path} is too large.")
                text = read_text(content, path)
                text, has_marks = left_out.without_sample_marks(text)
                text = self._filled(text if kind == "md" else as_markdown(text), path)
                # Before anything looks at it: a question of such a statement is taken by nobody.
                if len(text) > self._settings.max_statement_bytes:
                    raise PackageError(f"{path} is too large.")
                statements[spoken] = text
                if has_marks:
                    self._remarks.append(
                        Remark(f"{path} says where samples are to stand: here they stand below it.")
                    )
                if may_be_script(statements[spoken]):
                    self._remarks.append(
                        Remark(f"{path} holds HTML that could be a script: it is shown as text.")
                    )
        name = self._problem.get("name")
        names = name if isinstance(name, dict) else {}
        main = str(self._ours.get("spoken") or "")
        if not main:
            known = statements or names
            main = "en" if "en" in known or not known else next(iter(known))
        usual = str(name) if name is not None and not names else self._title_in(statements, main)
        wordings = {
            spoken: {
                "title": str(names.get(spoken) or usual)[:200],
                "statement": statements.get(spoken, ""),
            }
            for spoken in {**statements, **names, main: ""}
        }
        own = wordings.pop(main)
        return {**own, "spoken": main, "translations": wordings}

    def _images(self) -> dict[str, str]:
        """Return the pictures beside the statement, as many as there may be."""
        found: dict[str, str] = {}
        left, room = list[str](), self._settings.max_image_bytes
        for path in sorted(self._files):
            name = re.sub(r"^(?:problem_)?statement/", "", path)
            if name == path or not _PICTURE.search(name):
                continue
            content = self._files[path]
            try:
                check_image(name, content)
            except NoImage:
                left.append(name)
                continue
            if len(content) > room or len(found) >= _MOST_IMAGES:
                left.append(name)
                continue
            room -= len(content)
            found[name] = as_text(content)
        if left:
            self._remarks.append(left_out.about_images(left))
        return found

    def _title_in(self, statements: Mapping[str, str], main: str) -> str:
        tex = self._files.get("problem_statement/problem.tex") or self._files.get(
            f"problem_statement/problem.{main}.tex", b""
        )
        begin = tex[: 2 * self._settings.max_statement_bytes].decode(errors="replace")
        found = re.search(r"\\problemname\{([^{}]+)\}", begin)
        return found[1] if found else "Untitled question"

    def _filled(self, text: str, path: str) -> str:
        """Put in the constants that a package names."""
        constants = self._problem.get("constants")
        if not isinstance(constants, dict):
            return text
        known = {str(name): str(value)[:_MOST_CONSTANT] for name, value in constants.items()}
        room = self._settings.max_statement_bytes - len(text)

        def filled(name: re.Match[str]) -> str:
            nonlocal room
            value = known.get(name[1], name[0])
            room -= len(value) - len(name[0])
            if room < 0:  # what five letters stand for may be twenty times as long
                raise PackageError(f"{path} is too large.")
            return value

        return _CONSTANT.sub(filled, text)

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

    def _cases(self, folder: str, names: list[str], stems: list[str]) -> list[dict[str, Any]]:
        """Return the cases that lie in a folder itself, in their order; note in `stems` what their files are called."""
        pattern = re.compile(re.escape(folder) + r"/([^/]+)\.in")
        found: list[dict[str, Any]] = []
        left_out = 0
        for path in sorted(self._files):
            if (match := pattern.fullmatch(path)) is None:
                continue
            stem = f"{folder}/{match[1]}"
            answer = self._files.get(f"{stem}.ans", b"")
            size = len(self._files[path]) + len(answer)
            if size > min(self._room, MOST_TEXT_BYTES) or self._cases_left == 0:
                left_out += 1
                continue
            given = read_text(self._files[path], path)
            expected = read_text(answer, f"{stem}.ans")
            self._room -= size
            self._cases_left -= 1
            about = read_yaml(self._files.get(f"{stem}.yaml", b""), f"{stem}.yaml")
            self._abouts.append(about)
            stems.append(stem)
            place = len(found)
            usual = "" if self._ours else match[1][:80]
            found.append(
                {
                    "name": names[place] if place < len(names) else usual,
                    "input": given,
                    "expected": expected,
                    "hint": self._beside(stem, about, "hint", "hint"),
                    "description": self._beside(stem, about, "description", "desc"),
                }
            )
        if left_out:
            self._remarks.append(
                Remark(f"{left_out} of the cases in {folder} are too large, or too many.")
            )
        return found

    def _beside(self, stem: str, about: Mapping[str, Any], key: str, extension: str) -> str:
        legacy = self._files.get(f"{stem}.{extension}")
        text = read_text(legacy, stem) if legacy is not None else str(about.get(key) or "")
        return text[:2000]

    def _groups(self) -> list[dict[str, Any]]:
        # Groups within groups stand beside each other.
        folders = sorted(
            {
                path.rpartition("/")[0]
                for path in self._files
                if re.match(r"data/secret/[^/]+/", path) and ".files/" not in path
            }
        )
        ours = self._ours.get("secret")
        known = [each for each in ours if isinstance(each, dict)] if isinstance(ours, list) else []
        groups = []
        for place, folder in enumerate(folders[:50]):
            said = known[place] if place < len(known) else {}
            names, stems = said.get("cases"), list[str]()
            known_names = list(map(str, names)) if isinstance(names, list) else []
            cases = self._cases(folder, known_names, stems)
            group = {"name": str(said.get("name") or folder.removeprefix("data/secret/"))[:80]}
            if not cases and not self._ours:  # a group of groups
                continue
            groups.append({**group, "weight": said.get("weight", 1.0), "cases": cases})
            self._places.secret.append(stems)
        stems = []
        if direct := self._cases("data/secret", [], stems):
            groups.append({"name": "secret", "weight": 1.0, "cases": direct})
            self._places.secret.append(stems)
        return groups

    def _sources(self, languages: object) -> dict[str, Any]:
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
                self._taken.add(path)
        starters: dict[str, str] = {}
        for path in sorted(self._files):
            found = re.fullmatch(r"attachments/templates/([^/]+)/[^/]+", path)
            named = language_named(found[1]) if found else None
            if named is not None and named.value in allowed:
                starters.setdefault(named.value, read_text(self._files[path], path))
                self._taken.add(path)
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
        ours = self._ours.get("wrong")
        known = [each for each in ours if isinstance(each, dict)] if isinstance(ours, list) else []
        found: list[tuple[int, dict[str, Any]]] = []
        for verdict in left_out.VERDICTS:
            for language, path in self._submissions(verdict):
                if language in allowed:
                    name = path.partition(f"/{verdict}/")[2].partition("/")[0]
                    numbered = re.fullmatch(r"wrong_(\d{2,3})", name)
                    place = int(numbered[1]) if numbered and known else 10_000 + len(found)
                    said = known[place - 1] if 0 < place <= len(known) else {}
                    about = {"name": str(said.get("name") or name)[:80], "verdict": verdict}
                    text = read_text(self._files[path], path)
                    self._taken.add(path)
                    more = {"language": language, "source": text, "fails": said.get("fails", [])}
                    found.append((place, {**about, **more}))
        return [each for _, each in sorted(found, key=lambda one: one[0])][:50]


def _words(value: object) -> list[str]:
    """Return what YAML has as one text or as a list: anybody may have put anything there."""
    if isinstance(value, list):
        return [str(each) for each in value if str(each).strip()]
    return value.split() if isinstance(value, str) else []


def may_be_script(statement: str) -> bool:
    """Tell whether a statement holds what a browser could run, if somebody showed it as HTML: nobody here does."""
    return _SCRIPT.search(statement) is not None
