"""Whether what somebody types after `pizarra` is a command that there is."""

from typing import Any

import typer.main

from pizarra.cli import app


def problem_with(words: list[str]) -> str | None:
    """Return what is wrong with a command, or None."""
    command: Any = typer.main.get_command(app)
    for word in words:
        if word in getattr(command, "commands", {}):
            command = command.commands[word]
        elif getattr(command, "commands", None) and not word.startswith("-"):
            return None if command.invoke_without_command else f"no command {word}"
        elif word.startswith("--"):
            name = word.partition("=")[0].rstrip(",.;:")
            known = {"--help", *(option for each in command.params for option in each.opts)}
            if name not in known:
                return f"no option {name}"
    return None
