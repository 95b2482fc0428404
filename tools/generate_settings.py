"""Writes `docs/settings.md` from the Settings class. Run by `make types`."""

from pathlib import Path

from pydantic_core import PydanticUndefined

from pizarra.config import Settings

SETTINGS_PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"

_HEAD = """# Settings

Each is an environment variable; those of `pizarra serve --help` are options too. Bytes are bytes, seconds are seconds.
This page is written from `src/pizarra/config.py` by `make types`.

| variable | default | what it does |
| --- | --- | --- |
"""


def settings_page() -> str:
    """Return the page."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (PydanticUndefined, None) else field.default
        if name == "data_dir":
            default = "~/.local/share/pizarra"
        shown = ", ".join(default) if isinstance(default, list) else str(default)
        lines.append(
            f"| `PIZARRA_{name.upper()}` | {f'`{shown}`' if shown else ''} | {field.description} |"
        )
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    SETTINGS_PAGE.write_text(settings_page())
