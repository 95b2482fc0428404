"""Every screen, at four widths, in both themes and languages: what axe says, what is cut, covered, outside or English.

    PYTHONPATH=. .venv/bin/python benchmarks/page/screens.py [screens… widths… light|dark en|es]

Without names it looks at the whole table, which takes half an hour; pictures go to `test-output/screens`. Ends with 1
if anything is wrong.
"""

import itertools
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tests.harness.screens import SCREENS, WIDTHS, Stage, faults, set_the_stage, shown
from tests.harness.server import server_process

PICTURES = Path("test-output/screens")


def chosen(asked: set[str], all_of_them: list[str]) -> list[str]:
    """Those that are asked for, or all if none is; a name stands for what begins with it too."""
    found = [each for each in all_of_them if each in asked or each.split("-")[0] in asked]
    return found or all_of_them


def main() -> None:
    """Look at what is asked for."""
    asked = set(sys.argv[1:])
    names = chosen(asked, list(SCREENS))
    looks = list(
        itertools.product(
            chosen(asked, ["en", "es"]),
            chosen(asked, ["light", "dark"]),
            chosen(asked, [str(each) for each in WIDTHS]),
        )
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    wrong: dict[str, list[str]] = {}
    began, seen = time.monotonic(), 0
    with (
        tempfile.TemporaryDirectory() as folder,
        server_process(Path(folder), auth="accounts") as server,
        sync_playwright() as playwright,
    ):
        path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        web = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        stage = set_the_stage(server, web)
        for name, (language, scheme, width) in itertools.product(names, looks):
            if SCREENS[name].narrow not in (None, width == "390"):
                continue
            seen += 1
            for each in look_at(web, stage, name, (int(width), scheme, language)):
                print(f"{name} at {width}, {scheme}, {language}: {each}", flush=True)
                wrong.setdefault(f"{name}: {each}", []).append(f"{width} {scheme} {language}")
        web.close()
    for what, where in wrong.items():
        print(f"{what}\n    at {', '.join(where)}")
    print(f"{seen} looks in {time.monotonic() - began:.0f} s, {len(wrong)} things are wrong")
    sys.exit(bool(wrong))


def look_at(web: Browser, stage: Stage, name: str, look: tuple[int, str, str]) -> list[str]:
    """Take a picture of a screen, and return what is wrong with it."""
    width, scheme, language = look
    try:
        with shown(stage, web, name, width=width, scheme=scheme, locale=language) as page:
            page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}-{language}.png")
            return faults(page, language)
    except Exception as error:  # noqa: BLE001 - the rest of the table is looked at too
        return [f"broke off: {str(error)[:300]}"]


if __name__ == "__main__":
    main()
