"""Writes `web/openapi.json` from the application, and the page's types from that. Run by `make types`."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from pizarra.collab.wire.close_codes import CloseCode
from pizarra.config import Settings
from pizarra.main import create_app

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "web" / "openapi.json"
TYPES = ROOT / "web" / "src" / "api.gen.ts"
CLOSE_CODES = ROOT / "web" / "src" / "collab" / "close-codes.gen.ts"


def openapi_json() -> str:
    """Return the OpenAPI document as it is committed."""
    return (
        json.dumps(create_app(Settings()).openapi(), indent=1, sort_keys=True, ensure_ascii=False)
        + "\n"
    )


def stamp(document: str) -> str:
    """Return the first line of the types: it names the document they were made from."""
    digest = hashlib.sha256(document.encode()).hexdigest()[:16]
    return f"// Generated from web/openapi.json ({digest}) by `make types`.\n"


def close_codes() -> str:
    """Return the codes that sockets are closed with, as the page has them."""
    codes = "".join(f"  {code.name}: {code.value},\n" for code in CloseCode)
    return (
        "// Generated from pizarra.collab.wire.close_codes by `make types`.\n"
        f"export const CloseCode = {{\n{codes}}} as const;\n"
        "export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];\n"
    )


def main() -> None:
    """Generate the files."""
    document = openapi_json()
    DOCUMENT.write_text(document)
    codegen = ROOT / "web" / "codegen"
    if not (codegen / "node_modules").exists():
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=codegen, check=True
        )
    subprocess.run(
        ["npm", "run", "--silent", "generate"], cwd=codegen, check=True, stdout=sys.stderr
    )
    TYPES.write_text(stamp(document) + TYPES.read_text())
    CLOSE_CODES.write_text(close_codes())


if __name__ == "__main__":
    main()
