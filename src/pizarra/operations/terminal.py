"""The command line in the language of whoever types: Spanish where the locale says so, otherwise English."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.main import get_command

from pizarra.spanish import TERMINAL

_FORMATTER: Any = typer.Context.formatter_class  # type: ignore[attr-defined,unused-ignore]


def wants_spanish(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the locale is a Spanish one: the first of these that is set says so."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    return locale.lower().partition("_")[0].partition(".")[0] == "es"


def said(sentence: str) -> str:
    """Return a sentence of ours in the language of whoever types."""
    return (TERMINAL.said(sentence) or sentence) if wants_spanish() else sentence


class _SpanishFormatter(_FORMATTER):  # type: ignore[misc]
    """Writes a command's help: its headings, and what every command has."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, f"{said('Usage')}: " if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        super().write_heading(said(heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], *arguments: Any, **options: Any) -> None:
        translated = [
            (name, said(text).replace("[required]", said("[required]"))) for name, text in rows
        ]
        super().write_dl(translated, *arguments, **options)


class _SpanishContext(typer.Context):
    formatter_class = _SpanishFormatter


class SpokenTyper(typer.Typer):
    """A command line whose help follows the locale."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Run the command that was typed."""
        if not wants_spanish():
            return super().__call__(*arguments, **options)
        command = get_command(self)
        translate(command)
        return command(*arguments, **options)


def translate(command: Any) -> None:
    """Say a command's help and that of all below it in Spanish."""
    command.context_class = _SpanishContext
    if command.help:
        command.help = said(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = said(parameter.help)
    for other in getattr(command, "commands", {}).values():
        translate(other)
