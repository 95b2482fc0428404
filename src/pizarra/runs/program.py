"""What a document's program is: which file is run, in which language, with which files beside it."""

from pizarra.collab.document import Document
from pizarra.errors import NotFound
from pizarra.sandbox.languages import languages

_MAX_FILES = 100


def choose_program(
    document: Document, session_language: str, *, path: str | None = None, language: str | None = None
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
        language = next((file.language for file in document.files() if file.path == path), session_language)
        language = language if language in known else session_language
    if not document.has_file(path) or not is_safe_path(path):
        raise NotFound(f"File {path} not found")
    return path, language


def program_files(document: Document, main: str) -> dict[str, str]:
    """Return the files a program finds beside itself; names that are no plain relative paths stay outside."""
    files = {main: document.text(main) or ""}
    for file in document.files():
        if len(files) >= _MAX_FILES:
            break
        if is_safe_path(file.path) and not _clashes(file.path, files):
            files[file.path] = document.text(file.path) or ""
    return files


def is_safe_path(path: str) -> bool:
    """Tell whether a path is plain and relative: no empty, dot or over-long part, no control character."""
    parts = path.split("/")
    return (
        0 < len(path) <= 200
        and path.isprintable()
        and all(part not in ("", ".", "..") and len(part.encode()) <= 255 for part in parts)
    )


def _clashes(path: str, files: dict[str, str]) -> bool:
    """Tell whether `path` would be a folder and a file at once."""
    return any(other.startswith(path + "/") or path.startswith(other + "/") for other in files if other != path)
