"""The command line speaks the language of whoever types."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from tests.harness.program import pizarra

from pizarra.cli import app
from pizarra.operations.terminal import wants_spanish
from pizarra.spanish import TERMINAL


def run(*arguments: str, **environment: str) -> str:
    return pizarra(*arguments, environment={"COLUMNS": "100", **environment}).stdout


def helps(command: Any) -> Iterator[str]:
    texts = [command.help, *(getattr(each, "help", None) for each in command.params)]
    yield from (text for text in texts if text)
    for other in getattr(command, "commands", {}).values():
        yield from helps(other)


def test_all_help_is_in_the_catalogue() -> None:
    found = set(helps(typer.main.get_command(app)))
    assert len(found) > 50
    assert {text for text in found if TERMINAL.said(text) is None} == set()


@pytest.mark.parametrize(
    ("environment", "spanish"),
    [
        ({"LANG": "es_ES.UTF-8"}, True),
        ({"LC_MESSAGES": "es", "LANG": "en_GB.UTF-8"}, True),
        ({"LC_ALL": "C", "LC_MESSAGES": "es_MX.UTF-8"}, False),
        ({"LANG": "est_EE"}, False),
        ({}, False),
    ],
)
def test_the_locale_says_which(environment: dict[str, str], *, spanish: bool) -> None:
    assert wants_spanish(environment) is spanish


def test_help_and_doctor_follow_the_locale(tmp_path: Path) -> None:
    english, spanish = (run("--help", LC_ALL=locale) for locale in ("C.UTF-8", "es_ES.UTF-8"))
    assert "Usage: " in english
    assert "Serve the page and the API." in english
    assert "Uso: " in spanish
    assert "Sirve la página y la API." in spanish
    for word in ("Usage", "Options", "Commands", "Show this message", "Serve the"):
        assert word not in spanish
    serving = run("serve", "--help", LC_ALL="es_ES.UTF-8")
    assert "Puerto en el que escucha" in serving
    assert "Opciones:" in serving
    place = {"PIZARRA_DATA_DIR": str(tmp_path), "PIZARRA_RUNNER": "workers"}  # no languages tried
    doctor = run("doctor", LC_ALL="es_ES.UTF-8", **place)
    assert f"✓ base de datos: SQLite, que se creará en {tmp_path}" in doctor
    assert "carpeta de datos" in doctor
