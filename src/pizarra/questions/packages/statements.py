"""What a package says of its question: the statement in each language, with its pictures and named constants."""

import re
from collections.abc import Mapping
from typing import Any

from pizarra.config import Settings
from pizarra.problems.images import NoImage, as_text, check_image
from pizarra.questions.packages import left_out
from pizarra.questions.packages.archive import PackageError, Remark
from pizarra.questions.packages.documents import read_text
from pizarra.questions.packages.tex import as_markdown

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


class Statements:
    """Reads them; `remarks` are about what was left out, or is otherwise here."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        problem: Mapping[str, Any],
        ours: Mapping[str, Any],
        settings: Settings,
    ) -> None:
        self._files = files
        self._problem = problem
        self._ours = ours
        self._settings = settings
        self.remarks: list[str] = []

    def wordings(self) -> dict[str, Any]:
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
                self.remarks.append(Remark(f"{path} is a PDF and was left out."))
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
                    self.remarks.append(
                        Remark(f"{path} says where samples are to stand: here they stand below it.")
                    )
                if may_be_script(statements[spoken]):
                    self.remarks.append(
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

    def images(self) -> dict[str, str]:
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
            self.remarks.append(left_out.about_images(left))
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


def may_be_script(statement: str) -> bool:
    """Tell whether a statement holds what a browser could run, if somebody showed it as HTML: nobody here does."""
    return _SCRIPT.search(statement) is not None
