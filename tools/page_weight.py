"""What the editor's first load weighs: the files that must be there before one can type, by the build's manifest.

Languages, the terminal, completion, compiler marks, the side panel and the other screens are fetched when wanted.
"""

import gzip
import json
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "src/pizarra/static"
ENTRIES = ("index.html", "src/session/screen.tsx")


def first_load(static: Path = STATIC) -> dict[str, int]:
    """Return file → bytes, gzip, of scripts and styles."""
    manifest = json.loads((static / "manifest.json").read_text())
    chunks: set[str] = set()
    waiting = list(ENTRIES)
    while waiting:
        chunk = waiting.pop()
        if chunk not in chunks:
            chunks.add(chunk)
            waiting += manifest[chunk].get("imports", [])
    files = {manifest[each]["file"] for each in chunks}
    files |= {style for each in chunks for style in manifest[each].get("css", [])}
    return {name: len(gzip.compress((static / name).read_bytes())) for name in sorted(files)}
