"""What language a file is of, the page says as the server does."""

import re
from pathlib import Path

from pizarra.models import Language
from pizarra.sandbox.languages import _MORE_EXTENSIONS, language_of, languages

PAGE = Path(__file__).resolve().parents[2] / "web" / "src" / "session" / "paths.ts"


def table_of_page(name: str) -> dict[str, str]:
    inside = re.search(
        rf"const {name}: Record<string, string> = {{(.*?)}};", PAGE.read_text(), re.DOTALL
    )
    assert inside is not None
    return dict(re.findall(r'(\w+): "([^"]+)"', inside[1]))


def test_the_page_knows_each_extension_that_the_server_knows() -> None:
    """It took `a.jsx` for text."""
    extensions = {spec.main.rpartition(".")[2] for spec in languages().values()}
    extensions |= set(_MORE_EXTENSIONS)
    known = {each: found.id for each in extensions if (found := language_of(f"a.{each}"))}
    assert table_of_page("EXTENSIONS") == known
    assert table_of_page("MAINS") == {spec.id: spec.main for spec in languages().values()}


def test_there_is_a_description_of_each_language_and_no_other() -> None:
    assert set(languages()) == set(Language)
