"""`pizarra toolchains`: what runs programs and no system package brings, and the libraries that they may import."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from pizarra.operations.installation import read_settings

toolchains_app = typer.Typer(help="What runs programs, and the libraries they may import.")

CacheDir = Annotated[
    Path | None, typer.Option(help="Where toolchains are kept that no system package brings.")
]
LibrariesDir = Annotated[Path | None, typer.Option(help="Where libraries for programs are kept.")]
Wanted = Annotated[
    list[str], typer.Argument(help="python:numpy,pandas==2.3 javascript:lodash java:junit …")
]


@toolchains_app.callback(invoke_without_command=True)
def toolchains(context: typer.Context, cache_dir: CacheDir = None) -> None:
    """Install what runs programs and no system package brings: TypeScript's compilers, and Node.js if it is missing.

    With a command: the libraries that programs may import.
    """
    from pizarra.kit.text import why
    from pizarra.sandbox.toolchains import ToolchainError, default_folder, install

    if context.invoked_subcommand is not None:
        if cache_dir is not None:
            raise _fail(f"write --cache-dir after {context.invoked_subcommand}.")
        return
    folder = _settings(cache_dir=cache_dir)[0] or default_folder()
    try:
        install(folder, typer.echo)
    except (ToolchainError, OSError) as error:
        raise _fail(f"{why(error)}. TypeScript will not run.") from None


@toolchains_app.command("add")
def add_libraries(
    wanted: Wanted,
    from_source: Annotated[
        bool,
        typer.Option(
            "--from-source",
            help="Python: build what has no wheel. That runs its set-up code, as you.",
        ),
    ] = False,
    cache_dir: CacheDir = None,
    libraries_dir: LibrariesDir = None,
) -> None:
    """Let programs import libraries: names for pip, npm and Maven, or files; for C++ folders of headers.

    All of them are installed, or none. A server that runs uses them from the next program on.
    """
    from pizarra.sandbox.libraries import installing

    def work(folder: Path) -> None:
        installing.add(folder, _read(wanted), typer.echo, from_source=from_source)

    _change(work, cache_dir, libraries_dir)


@toolchains_app.command("remove")
def remove_libraries(
    wanted: Wanted, cache_dir: CacheDir = None, libraries_dir: LibrariesDir = None
) -> None:
    """Take libraries away again."""
    from pizarra.sandbox.libraries import installing

    def work(folder: Path) -> None:
        installing.remove(folder, _read(wanted), typer.echo)

    _change(work, cache_dir, libraries_dir)


@toolchains_app.command("list")
def list_libraries(cache_dir: CacheDir = None, libraries_dir: LibrariesDir = None) -> None:
    """Tell which libraries programs may import, and their versions."""
    _tell(_folder(cache_dir, libraries_dir))


def _read(wanted: list[str]) -> dict[str, list[str]]:
    from pizarra.sandbox.libraries.wanted import read_wanted

    return read_wanted(wanted)


def _change(
    work: Callable[[Path], None], cache_dir: Path | None, libraries_dir: Path | None
) -> None:
    from pizarra.sandbox.libraries.wanted import LibraryError

    folder = _folder(cache_dir, libraries_dir)
    try:
        work(folder)
    except LibraryError as error:
        raise _fail(f"{error}. Nothing has changed.") from None
    _tell(folder)


def _tell(folder: Path) -> None:
    from pizarra.sandbox.languages import languages
    from pizarra.sandbox.libraries import LANGUAGES, Libraries

    libraries = Libraries(folder)
    names = {"javascript": "JavaScript and TypeScript"}
    typer.echo(f"Libraries in {folder}:")
    for language in LANGUAGES:
        found = ", ".join(
            f"{each.name} {each.version}".strip() for each in libraries.of(language).shown
        )
        typer.echo(f"  {names.get(language, languages()[language].name)}: {found or 'none'}")


def _folder(cache_dir: Path | None, libraries_dir: Path | None) -> Path:
    from pizarra.sandbox import libraries
    from pizarra.sandbox.toolchains import default_folder

    cache, chosen = _settings(cache_dir=cache_dir, libraries_dir=libraries_dir)
    return chosen or libraries.default_folder(cache or default_folder())


def _settings(**given: Path | None) -> tuple[Path | None, Path | None]:
    """Return the folders of the settings, with what was typed on top."""
    settings = read_settings(**given)
    return settings.cache_dir, settings.libraries_dir


def _fail(message: str) -> typer.Exit:
    typer.echo(f"pizarra: {message}", err=True)
    return typer.Exit(1)
