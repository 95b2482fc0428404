"""The cases of a package: samples and secret ones, in their groups, as many and as large as a question may have."""

import re
from collections.abc import Mapping
from typing import Any

from pizarra.config import Settings
from pizarra.problems.content import MOST_GROUPS
from pizarra.questions.packages.archive import Remark
from pizarra.questions.packages.documents import MOST_TEXT_BYTES, read_text, read_yaml
from pizarra.questions.packages.places import Places


class Cases:
    """Reads them. `remarks` are about what was left out, `abouts` what is said beside the cases."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        ours: Mapping[str, Any],
        places: Places,
        settings: Settings,
    ) -> None:
        self._files = files
        self._ours = ours
        self._places = places
        # A question of ours had room; what comes from elsewhere has more than cases, and is cut to what may be.
        self._room = settings.max_question_bytes // (1 if ours else 2)
        self._left = settings.max_question_cases
        self.abouts: list[dict[str, Any]] = []
        self.remarks: list[str] = []

    def samples(self) -> list[dict[str, Any]]:
        """Return the cases that everybody may see."""
        named = self._ours.get("samples")
        names = [str(each) for each in named] if isinstance(named, list) else []
        return self._cases("data/sample", names, self._places.samples)

    def groups(self) -> list[dict[str, Any]]:
        """Return the secret cases by their groups."""
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
        groups: list[dict[str, Any]] = []
        has_direct = any(re.fullmatch(r"data/secret/[^/]+\.in", path) for path in self._files)
        most = MOST_GROUPS - has_direct
        for place, folder in enumerate(folders):
            if len(groups) == most:
                self._tell_of_more(set(folders[place:]))
                break
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

    def _tell_of_more(self, folders: set[str]) -> None:
        inputs = (each for each in self._files if each.endswith(".in"))
        if cases := sum(each.rpartition("/")[0] in folders for each in inputs):
            self.remarks.append(
                Remark(
                    f"A question has {MOST_GROUPS} groups of secret cases at most: {cases} cases were left out."
                )
            )

    def _cases(self, folder: str, names: list[str], stems: list[str]) -> list[dict[str, Any]]:
        """Return the cases that lie in a folder itself, in their order; note in `stems` what their files are called."""
        pattern = re.compile(re.escape(folder) + r"/([^/]+)\.in")
        found: list[dict[str, Any]] = []
        left_out = windows = unanswered = 0
        matches = filter(None, map(pattern.fullmatch, sorted(self._files)))
        for place, match in enumerate(matches):  # what is left out has its place, and its name, too
            path = match[0]
            stem = f"{folder}/{match[1]}"
            answer = self._files.get(f"{stem}.ans", b"")
            size = len(self._files[path]) + len(answer)
            if size > min(self._room, MOST_TEXT_BYTES) or self._left == 0:
                left_out += 1
                continue
            given = read_text(self._files[path], path)
            expected = read_text(answer, f"{stem}.ans")
            windows += "\r\n" in given or "\r\n" in expected
            unanswered += f"{stem}.ans" not in self._files
            self._room -= size
            self._left -= 1
            about = read_yaml(self._files.get(f"{stem}.yaml", b""), f"{stem}.yaml")
            self.abouts.append(about)
            stems.append(stem)
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
            self.remarks.append(
                Remark(f"{left_out} of the cases in {folder} are too large, or too many.")
            )
        if windows:
            self.remarks.append(
                Remark(
                    f"{windows} of the cases in {folder} have Windows' line ends, and keep them."
                )
            )
        self._tell_of_halves(folder, unanswered)
        return found

    def _tell_of_halves(self, folder: str, unanswered: int) -> None:
        """Say which files miss their other half: a right program would fail, or nobody be asked."""
        if unanswered:
            self.remarks.append(
                Remark(
                    f"{unanswered} of the cases in {folder} have no .ans file: nothing may be printed."
                )
            )
        pattern = re.compile(re.escape(folder) + r"/[^/]+\.ans")
        answers = filter(pattern.fullmatch, self._files)
        if unasked := sum(f"{each.removesuffix('.ans')}.in" not in self._files for each in answers):
            self.remarks.append(
                Remark(f"{unasked} of the answers in {folder} have no .in file, and were left out.")
            )

    def _beside(self, stem: str, about: Mapping[str, Any], key: str, extension: str) -> str:
        legacy = self._files.get(f"{stem}.{extension}")
        text = read_text(legacy, stem) if legacy is not None else str(about.get(key) or "")
        return text[:2000]
