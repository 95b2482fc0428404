"""Writes a question as a package of the format 2025-09; what only we know is in `.pizarra.yaml`."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from pizarra.judging.comparing import Comparator
from pizarra.problems.content import Case, Content, WrongSolution, time_limit_of
from pizarra.problems.images import read_image
from pizarra.problems.project import Project
from pizarra.questions.packages.documents import write_text, write_yaml
from pizarra.questions.packages.languages import KATTIS, main_file
from pizarra.questions.packages.limits import limits_in_yaml
from pizarra.questions.packages.projects import project_files

FORMAT = "2025-09"
DRAFT = "2023-07-draft"  # the newest that problemtools of 2026-09 reads
OURS = ".pizarra.yaml"
OURS_IN_DRAFT = "pizarra.yaml"  # problemtools takes no name with a dot before it for absent
LICENCES = ("public domain", "cc0", "cc by", "cc by-sa", "educational", "permission")
# The rest lies in files of its own.
_IN_OURS = (
    *("spoken", "kind", "difficulty", "minutes", "tags", "licence", "source", "languages"),
    *("signature", "guide", "rubric", "follow_ups", "policy", "draft", "unsupported"),
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a question that did not change is the same file, to the byte
_ANY_INPUT = (
    "import sys\n\n# The inputs were written by hand and are taken as they are.\nsys.exit(42)\n"
)


def package_name(title: str) -> str:
    """Return what a package's folder is called: small letters and digits alone."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", plain)[:40] or "question"


def write_package(
    content: Content,
    question_id: str,
    proof: Mapping[str, Any] | None = None,
    form: str = FORMAT,
) -> tuple[str, bytes]:
    """Return a package's name, and its archive. What a proof derived is in it: others have no such proof."""
    name, out = package_name(content.title), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in package_files(content, question_id, time_limit_of(content, proof), form):
            info = zipfile.ZipInfo(f"{name}/{path}", _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return name, out.getvalue()


def package_texts(content: Content, question_id: str) -> dict[str, str]:
    """Return path → text of every file of a package but its pictures."""
    words = content.model_copy(update={"images": {}})
    return {path: data.decode() for path, data in package_files(words, question_id)}


def package_files(
    content: Content, question_id: str, time_limit: float | None = None, form: str = FORMAT
) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file of a package; `time_limit` is the question's, or a derived one.

    A package of the draft is one of 2025-09 but for what it calls itself, and where the validator's arguments and what
    only we know are.
    """
    given = content.limits.time_limit
    time_limit = given if time_limit is None else time_limit
    wordings = {content.spoken: (content.title, content.statement)}
    wordings |= {
        name: (each.title, each.statement) for name, each in sorted(content.translations.items())
    }
    limits = limits_in_yaml(content.limits, time_limit)
    about = _problem(content, question_id, wordings) | {"problem_format_version": form}
    yield "problem.yaml", write_yaml({**about, **limits})
    derived = {"derived_time_limit": time_limit} if given is None and time_limit else {}
    ours = OURS_IN_DRAFT if form == DRAFT else OURS
    yield ours, write_yaml({**_ours(content), **derived})
    for spoken, (_, statement) in wordings.items():
        yield f"statement/problem.{spoken}.md", write_text(statement)
    for name, image in sorted(content.images.items()):
        yield f"statement/{name}", read_image(name, image)
    said, arguments = "test_group.yaml", validator_arguments(content.comparator)
    if form == DRAFT:  # problemtools looks for what legacy says
        said = "testdata.yaml"
        words = arguments.get("output_validator_args")
        arguments = {"output_validator_flags": " ".join(words)} if words else {}
    yield f"data/sample/{said}", write_yaml(arguments)
    yield from _cases("data/sample", content.samples)
    yield f"data/secret/{said}", write_yaml(arguments)
    for place, group in enumerate(content.secret, 1):
        folder = f"data/secret/{place:02}"
        yield f"{folder}/{said}", write_yaml(arguments)
        yield from _cases(folder, group.cases)
    for language, source in sorted(content.starters.items()):
        yield f"attachments/templates/{KATTIS[language]}/{main_file(language)}", write_text(source)
    for language, source in sorted(content.references.items()):
        yield (
            f"submissions/accepted/reference_{language.value}/{main_file(language)}",
            write_text(source),
        )
    yield from project_files(content)
    for place, wrong in enumerate(content.wrong if content.project is None else (), 1):
        folder = f"submissions/{wrong.verdict}/wrong_{place:02}"
        yield f"{folder}/{main_file(wrong.language)}", write_text(wrong.source)
    if content.comparator.checker is not None:
        checker = content.comparator.checker
        extension = "py" if checker.language == "python" else "cpp"
        yield f"output_validator/validate.{extension}", write_text(checker.source)
    yield "input_validators/any.py", _ANY_INPUT.encode()


def _problem(
    content: Content, question_id: str, wordings: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    kind = {} if content.licence not in LICENCES else {"license": content.licence}
    return {
        "name": {spoken: title for spoken, (title, _) in wordings.items()},
        "uuid": str(UUID(hex=question_id)),
        "type": "pass-fail",
        **kind,
        **({"source": content.source} if content.source else {}),
        **({"keywords": list(content.tags)} if content.tags else {}),
        "languages": [KATTIS[each] for each in content.languages],
    }


def _ours(content: Content) -> dict[str, Any]:
    whole = content.model_dump(mode="json")
    comparator = {name: each for name, each in whole["comparator"].items() if name != "checker"}
    return {
        "pizarra": 1,
        **{name: whole[name] for name in _IN_OURS if whole[name] is not None},
        "comparator": comparator,
        "samples": [each.name for each in content.samples],
        "secret": [
            {
                "name": group.name,
                "weight": group.weight,
                "cases": [each.name for each in group.cases],
            }
            for group in content.secret
        ],
        "wrong": [_about_wrong(each, content) for each in content.wrong],
        **({"project": _about_project(content.project)} if content.project else {}),
    }


def _about_wrong(wrong: WrongSolution, content: Content) -> dict[str, Any]:
    """Return what a wrong solution's own files do not say: where they lie says it of those of one file."""
    about: dict[str, Any] = {"name": wrong.name, "fails": list(wrong.fails)}
    if content.project is not None:
        about |= {"language": wrong.language.value, "verdict": wrong.verdict}
    return about


def _about_project(project: Project) -> dict[str, Any]:
    return {"test_command": list(project.test_command)}


def _cases(folder: str, cases: Sequence[Case]) -> Iterator[tuple[str, bytes]]:
    for place, case in enumerate(cases, 1):
        path = f"{folder}/{place:03}"
        yield f"{path}.in", write_text(case.input)
        yield f"{path}.ans", write_text(case.expected)
        about = {"hint": case.hint, "description": case.description}
        if any(about.values()):
            yield f"{path}.yaml", write_yaml({name: each for name, each in about.items() if each})


def validator_arguments(comparator: Comparator) -> dict[str, Any]:
    """Return how Kattis' default validator is told what is nearest to a comparator."""
    words = []
    if comparator.how != "tokens" or comparator.case_sensitive:
        words.append("case_sensitive")
    if comparator.how == "exact" or comparator.space_sensitive:
        words.append("space_change_sensitive")
    for name, value in (
        ("float_absolute_tolerance", comparator.absolute_tolerance),
        ("float_relative_tolerance", comparator.relative_tolerance),
    ):
        if value is not None:
            words += [name, repr(value)]
    return {} if comparator.how == "checker" else {"output_validator_args": words}
