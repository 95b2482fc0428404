"""Packages of questions, as they come from elsewhere."""

import io
import zipfile

from pizarra.config import Settings
from pizarra.questions.importing import read_archive
from pizarra.questions.packages.reading import Read

SETTINGS = Settings()
DOT = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="  # a picture

LEGACY: dict[str, str | bytes] = {
    "different/problem.yaml": (
        "name: A Different Problem\nauthor: Ana\nsource: Nordic\nlicense: cc by-sa \nkeywords: math easy\n"
        "validator_flags: float_tolerance 1e-4 case_sensitive\nlimits: {time_multiplier: 5}\n"
    ),
    "different/problem_statement/problem.en.tex": (
        "\\problemname{A Different Problem}\nWrite a \\emph{program} for $a$ \\% $b$.\n\n\\section*{Input}\n"
        "\\begin{itemize}\n\\item one\n\\end{itemize}\n% secret remark\n"
    ),
    "different/problem_statement/problem.sv.tex": "\\problemname{En annan}\nSkriv.\n",
    "different/data/sample/1.in": "10 12\n",
    "different/data/sample/1.ans": "2\n",
    "different/data/sample/1.hint": "think",
    "different/data/secret/01.in": "1 2\n",
    "different/data/secret/01.ans": "1\n",
    "different/data/secret/02.in": "5 5\n",
    "different/data/secret/02.ans": "0\n",
    "different/submissions/accepted/sol.py": "a\n",
    "different/submissions/accepted/other.cc": "b\n",
    "different/submissions/accepted/third.kt": "c\n",
    "different/submissions/wrong_answer/bad.py": "d\n",
    "different/submissions/time_limit_exceeded/slow/slow.java": "e\n",
}

NEWEST: dict[str, str | bytes] = {
    "problem.yaml": (
        "problem_format_version: 2025-09\nname: {en: Two, es: Dos}\nuuid: x\ntype: [pass-fail]\n"
        "languages: [python3, java, ada]\nconstants: {n: 7}\ncredits: {authors: [{name: Zoë}]}\n"
    ),
    "statement/problem.en.md": "At most {{n}}, not {{m}}.\n",
    "statement/problem.es.md": "Como mucho {{ n }}.\n",
    "data/secret/test_group.yaml": "output_validator_args: [float_absolute_tolerance, 0.5]\n",
    "data/secret/a/1.in": "1",
    "data/secret/a/1.ans": "1",
    "data/secret/a/1.yaml": "hint: small\n",
    "data/secret/b/1.in": "2",
    "data/secret/b/1.ans": "2",
    "attachments/templates/python3/main.py": "# begin\n",
}


def zipped(files: dict[str, str | bytes]) -> bytes:
    """Return an archive of some files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def read_one(files: dict[str, str | bytes]) -> Read:
    """Return the one question of a package."""
    (read,) = read_archive(zipped(files), SETTINGS)
    return read
