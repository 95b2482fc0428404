"""From a text that somebody pasted to the question that it would be: nothing of it is kept before a person says so."""

from pizarra.problems.content import Content
from pizarra.questions.packages.archive import PackageError, Remark
from pizarra.questions.packages.content_of import content_of
from pizarra.questions.packages.exercism import Proposal, read_exercise
from pizarra.questions.packages.pasted import read_pasted


def propose(text: str, statement: str = "") -> tuple[Content, list[str]]:
    """Return the question that a text would be, as a draft, and what there is to say about it.

    Raises:
        PackageError: it is neither an exercise nor a signature, or no question comes of it.
    """
    proposal = _read(text)
    wanted = {**proposal.content, "statement": statement}
    guessed = Remark(
        "The types are guessed from the values: look at the signature before you save it."
    )
    said = [guessed] if proposal.guessed else []
    return content_of(wanted), [*said, *proposal.remarks]


def _read(text: str) -> Proposal:
    begin = text.lstrip()
    if not begin:
        raise PackageError("There is nothing in it.")
    if begin.startswith("{") and '"cases"' in text:
        return read_exercise(text)
    return read_pasted(text)
