"""What a document's program is: which file is run, in which language, with which files beside it."""

from pizarra.answers.codes import Code
from pizarra.collab.state.document import Document
from pizarra.errors import Conflict, NotFound
from pizarra.kit.paths import is_portable
from pizarra.sandbox.languages import languages


def choose_program(
    document: Document,
    session_language: str,
    *,
    path: str | None = None,
    language: str | None = None,
) -> tuple[str, str]:
    """Return the file to run and its language: what is asked for, else what the document says, else the session.

    Raises:
        NotFound: the file is not there.
    """
    known = languages()
    if path is None:
        language = language or document.language() or session_language
        if language not in known:
            language = session_language
        path = known[language].main
    elif language is None:
        language = next(
            (file.language for file in document.files() if file.path == path), session_language
        )
        language = language if language in known else session_language
    if not document.has_file(path) or not is_portable(path):
        raise NotFound(f"File {path} not found", code=Code.FILE_NOT_FOUND)
    return path, language


def program_files(document: Document, main: str, most: int) -> dict[str, str]:
    """Return the files a program finds beside itself; names that no computer could hold stay outside.

    Raises:
        Conflict: there are more than `most`.
    """
    texts = document.texts()
    files = {main: texts.get(main, "")}
    folders = set(_folders_of(main))
    for path in sorted(texts):
        if path == main or not is_portable(path) or path in folders:
            continue
        around = _folders_of(path)
        if any(folder in files for folder in around):
            continue  # it would be a folder and a file at once
        if len(files) >= most:
            raise Conflict(
                f"A program has at most {most:,} files. Delete some that it does not need.",
                bound="run_source_files",
                code=Code.TOO_MANY_FILES,
            )
        files[path] = texts[path]
        folders.update(around)
    return files


def _folders_of(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
