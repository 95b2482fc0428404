"""Writes `web/openapi.json` from the application, and `web/src/api.gen.ts` from that. Run by `make types`."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from pizarra.config import Settings
from pizarra.main import create_app

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "web" / "openapi.json"
TYPES = ROOT / "web" / "src" / "api.gen.ts"


def openapi_json() -> str:
    """Return the OpenAPI document as it is committed."""
    return json.dumps(create_app(Settings()).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def stamp(document: str) -> str:
    """Return the first line of the types: it names the document they were made from."""
    return (
        f"// Generated from web/openapi.json ({hashlib.sha256(document.encode()).hexdigest()[:16]}) by `make types`.\n"
    )


def main() -> None:
    """Generate both files."""
    document = openapi_json()
    DOCUMENT.write_text(document)
    codegen = ROOT / "web" / "codegen"
    if not (codegen / "node_modules").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=codegen, check=True)
    subprocess.run(["npm", "run", "--silent", "generate"], cwd=codegen, check=True, stdout=sys.stderr)
    TYPES.write_text(stamp(document) + TYPES.read_text())


if __name__ == "__main__":
    main()
