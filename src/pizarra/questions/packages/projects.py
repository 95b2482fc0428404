"""A project's files in a package: in `.pizarra`, which others ignore, a folder for each part in each language."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pizarra.problems.content import Content
from pizarra.questions.packages.documents import read_text, write_text

PARTS = ("files", "tests", "hidden", "reference")
_COMMON, _WRONG = "files", "wrong"
_PATH = re.compile(
    rf"\.pizarra/(?:(?P<common>{_COMMON})|(?P<language>[a-z]+)/(?P<part>{'|'.join(PARTS)})|"
    rf"{_WRONG}/(?P<wrong>\d\d))/(?P<path>.+)"
)


def project_files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file of a project; nothing where a question is none."""
    if content.project is None:
        return
    for path, text in sorted(content.project.files.items()):
        yield f".pizarra/{_COMMON}/{path}", write_text(text)
    for language, way in content.project.ways.items():
        for part in PARTS:
            for path, text in sorted(getattr(way, part).items()):
                yield f".pizarra/{language.value}/{part}/{path}", write_text(text)
    for place, wrong in enumerate(content.wrong, 1):
        for path, text in sorted(wrong.files.items()):
            yield f".pizarra/{_WRONG}/{place:02}/{path}", write_text(text)


def project_in(files: Mapping[str, bytes], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Return the project, and the wrong solutions of it, that a package's files are: fields of a question.

    Raises:
        PackageError: one of them is no text.
    """
    said = ours.get("project")
    project = {**said} if isinstance(said, dict) else {}
    named = ours.get("languages")
    known = [str(each) for each in named] if isinstance(named, list) else []
    ways: dict[str, dict[str, dict[str, str]]] = {each: {} for each in known}
    common: dict[str, str] = {}
    wrong: dict[int, dict[str, str]] = {}
    for name in sorted(files):
        if (found := _PATH.fullmatch(name)) is None:
            continue
        text, path = read_text(files[name], name), found["path"]
        if found["common"]:
            common[path] = text
        elif found["wrong"]:
            wrong.setdefault(int(found["wrong"]), {})[path] = text
        else:
            ways.setdefault(found["language"], {}).setdefault(found["part"], {})[path] = text
    listed = ours.get("wrong")
    about = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return {
        "project": {
            **project,
            "files": {**_texts(project.get("files")), **common},
            "ways": {language: parts for language, parts in ways.items() if parts},
        },
        "wrong": [{**each, "files": wrong.get(place, {})} for place, each in enumerate(about, 1)],
    }


def _texts(value: object) -> dict[str, str]:
    """Return what the packages of earlier versions have in their YAML."""
    return {str(each): str(text) for each, text in value.items()} if isinstance(value, dict) else {}
