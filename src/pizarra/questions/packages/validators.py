"""The programs in a package that judge outputs: where they lie, and the one that can be tried here."""

import re
from collections.abc import Iterable, Mapping

from pizarra.questions.packages.documents import read_text

_SOURCE = re.compile(r"output_validators?/(?:[^/]+/)?[^/]+\.(?:py|cpp|cc|cxx|c\+\+)")
_FOLDER = re.compile(r"output_validators?/")
_BESIDE = (".h", ".hpp", ".hh", ".md", ".txt")  # what may lie beside a validator of one file
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]{1,200})"[ \t]*$', re.MULTILINE)
_MOST_HEADERS = 20


class Validators:
    """A package's output validators. `files` are those that a reader may see, `package` the names of all."""

    def __init__(self, files: Mapping[str, bytes], package: Iterable[str]) -> None:
        self._files = files
        self._paths = [path for path in sorted(package) if _SOURCE.fullmatch(path)]

    def __bool__(self) -> bool:
        return bool(self._paths)

    def unsupported(self) -> str | None:
        """Return why what is there cannot be tried here."""
        if len(self._paths) > 1 or self._is_built():
            return "Its validator is built of several files, which cannot be tried here."
        missing = [each for path in self._paths for each in self._with_headers(path)[1]]
        if missing:
            return f"Its validator includes {missing[0]}, which is not in the package."
        return None

    def checker(self) -> dict[str, str] | None:
        """Return the one validator there is, as a comparator has it; None when there is none, or it must be built."""
        if len(self._paths) != 1 or self._is_built():
            return None
        (path,) = self._paths
        language = "python" if path.endswith(".py") else "cpp"
        return {"language": language, "source": self._with_headers(path)[0]}

    def _is_built(self) -> bool:
        return any(
            _FOLDER.match(path) and path not in self._paths
            for path in self._files
            if not path.endswith(_BESIDE)
        )

    def _with_headers(self, path: str) -> tuple[str, list[str]]:
        """Return a validator's source with the headers beside it put in once, and those that are missing."""
        folder = path.rpartition("/")[0]
        missing: list[str] = []
        seen: set[str] = set()

        def header(found: re.Match[str]) -> str:
            name = f"{folder}/{found[1]}"
            if name not in self._files:
                missing.append(found[1][:80])
                return found[0]
            if name in seen or len(seen) > _MOST_HEADERS:
                return ""
            seen.add(name)
            return _INCLUDE.sub(header, read_text(self._files[name], name))

        return _INCLUDE.sub(header, read_text(self._files[path], path)), missing
