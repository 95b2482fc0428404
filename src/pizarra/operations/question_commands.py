"""`pizarra questions import|export|prove|sync`: questions are files, in the database of this installation."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pizarra.config import Settings
from pizarra.kit.text import counted, in_one_line
from pizarra.operations.installation import DatabaseUrl, DataDir, fail, in_installation

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from pizarra.database import Database
    from pizarra.models import Question
    from pizarra.questions.folders import Package
    from pizarra.questions.packages.reading import Read
    from pizarra.questions.schemas import ProofRead

questions_app = typer.Typer(help="The library of questions.", no_args_is_help=True)

T = TypeVar("T")
Ids = Annotated[list[str] | None, typer.Argument(help="Ids of questions; all when there are none.")]
Team = Annotated[
    str | None, typer.Option(help="The team whose library it is; the owner's own when left out.")
]


@questions_app.command("import")
def import_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Archives (ZIP), folders of packages, or an exercise's canonical-data.json."
        ),
    ] = None,
    starter: Annotated[
        bool, typer.Option("--starter", help="The questions that come with Pizarra.")
    ] = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove them then. Exit 1 if one is not proven.")
    ] = False,
    team: Team = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Import questions from packages of the Kattis/ICPC format; what is there already changes only if it differs."""
    from pizarra.questions.folders import starter_folder

    places = [*(files or []), *([starter_folder()] if starter else [])]
    if not places:
        raise fail("name archives or folders, or take --starter")

    async def work(database: "Database", settings: Settings) -> bool:
        from pizarra.errors import Conflict
        from pizarra.kit.clock import utc_now
        from pizarra.questions import service as questions
        from pizarra.questions.folders import id_of

        exercises = [each for each in places if each.suffix == ".json"]
        found = [
            each for place in places if place not in exercises for each in _read(place, settings)
        ]
        _require_different(map(id_of, found))
        proposed = [_propose(each) for each in exercises]
        imported: list[str] = []
        async with database.write() as db:
            key = await _team(db, team)
            for package in found:
                question_id = id_of(package)
                try:
                    await questions.find_in(db, key, question_id)
                except Conflict:  # somebody else has it: this is a copy
                    question_id = None
                question, is_new = await _put(db, key, package, question_id, settings)
                _tell(question, package.read, unchanged=not is_new)
                imported.append(question.public_id)
            for read in proposed:
                questions.check_size(read.content, settings)
                question, _ = await questions.create_in(
                    db, key, None, read.content, settings, utc_now()
                )
                _tell(question, read)
                _tell_signature(read)
                imported.append(question.public_id)
        return not prove or not imported or await _prove(database, settings, imported)

    if not _run(data_dir, database_url, work, adds=True):
        raise typer.Exit(1)


@questions_app.command("export")
def export_command(
    ids: Ids = None,
    out: Annotated[Path, typer.Option(help="The folder to write them into.")] = Path(),
    draft: Annotated[
        bool,
        typer.Option(help="In the format 2023-07-draft, which problemtools reads; else 2025-09."),
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write questions as packages, one archive each."""

    async def work(database: "Database", _settings: Settings) -> None:
        from pizarra.problems.content import read_content
        from pizarra.problems.finding import find_version
        from pizarra.questions.packages.writing import DRAFT, FORMAT, write_package

        taken: set[str] = set()
        async with database.read() as db:
            for question in await _wanted(db, ids):
                version = await find_version(db, question)
                name, archive = write_package(
                    read_content(version.content),
                    question.public_id,
                    version.proof,
                    DRAFT if draft else FORMAT,
                )
                if name in taken:
                    name = f"{name}{question.public_id[:8]}"
                taken.add(name)
                target = out / f"{name}.zip"
                try:
                    target.write_bytes(archive)
                except OSError as error:
                    raise fail(f"{target} cannot be written: {error.strerror}") from None
                typer.echo(f"{target}: {in_one_line(question.title)}")

    _run(data_dir, database_url, work)


@questions_app.command("prove")
def prove_command(
    ids: Ids = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Prove questions in the sandbox of this machine. Exit 1 if one is not proven."""

    async def work(database: "Database", settings: Settings) -> bool:
        return await _prove(database, settings, ids)

    if not _run(data_dir, database_url, work):
        raise typer.Exit(1)


async def _prove(database: "Database", settings: Settings, ids: list[str] | None) -> bool:
    """Prove questions one after the other, all without ids, and say what came of each; tell whether all are proven."""
    from pizarra.composition import runner_settings
    from pizarra.execution.limits import terminal_limits
    from pizarra.kit.clock import utc_now
    from pizarra.problems.content import read_content
    from pizarra.problems.finding import find_version
    from pizarra.questions.proving import Prover
    from pizarra.sandbox.runner.client import RunnerClient

    runner = RunnerClient(
        runner_settings(settings), terminal_limits(settings), settings.runner_socket
    )
    prover, healthy = Prover(settings, database, runner, utc_now), True
    runner.start()
    try:
        async with database.read() as db:
            wanted = [(each, await find_version(db, each)) for each in await _wanted(db, ids)]
        for question, version in wanted:
            content = read_content(version.content)
            proof = await prover.start(version.id, version.number, content, "")
            healthy = _tell_proof(question, proof) and healthy
    finally:
        await prover.stop()
        await runner.stop()
    return healthy


@questions_app.command("sync")
def sync_command(
    folder: Annotated[Path, typer.Argument(help="A folder of packages, as under version control.")],
    team: Team = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make the library what a folder says: new packages are added, changed ones become versions."""

    async def work(database: "Database", settings: Settings) -> None:
        from pizarra.questions.folders import id_in

        found = _read(folder, settings)
        _require_different(id_in(team or "", each) for each in found)
        async with database.write() as db:
            key = await _team(db, team)
            for package in found:
                question_id = id_in(team or "", package)
                question, is_new = await _put(db, key, package, question_id, settings)
                if is_new:
                    _tell(question, package.read)

    _run(data_dir, database_url, work, adds=True)


def _run(
    data_dir: Path | None,
    database_url: str | None,
    work: Callable[["Database", Settings], Awaitable[T]],
    *,
    adds: bool = False,
) -> T:
    return in_installation(data_dir, database_url, work, adds=adds, needs_room=adds)


def _read(place: Path, settings: Settings) -> "list[Package]":
    from pizarra.questions.folders import read_place
    from pizarra.questions.packages.archive import PackageError

    try:
        return read_place(place, settings)
    except PackageError as error:
        raise fail(f"{place}: {error}") from None
    except OSError as error:
        raise fail(f"{place} cannot be read: {error.strerror}") from None


def _require_different(ids: Iterable[str | None]) -> None:
    from pizarra.questions.folders import require_different
    from pizarra.questions.packages.archive import PackageError

    try:
        require_different(ids)
    except PackageError as error:
        raise fail(str(error)) from None


def _propose(place: Path) -> "Read":
    """Return what an exercise is as a question, with the description that lies beside it."""
    from pizarra.questions.packages.archive import PackageError
    from pizarra.questions.packages.documents import read_text
    from pizarra.questions.packages.proposing import propose
    from pizarra.questions.packages.reading import Read

    try:
        beside = place.parent / "description.md"
        statement = read_text(beside.read_bytes(), str(beside)) if beside.is_file() else ""
        return Read(*propose(read_text(place.read_bytes(), str(place)), statement))
    except PackageError as error:
        raise fail(f"{place}: {error}") from None
    except OSError as error:
        raise fail(f"{place} cannot be read: {error.strerror}") from None


def _tell_signature(read: "Read") -> None:
    signature = read.content.signature
    if signature is None:
        return
    taken = ", ".join(f"{each.type} {each.name}" for each in signature.parameters)
    typer.echo(f"  {signature.function}({taken}) -> {signature.returns}")
    typer.echo(
        "  It is a draft: look at the signature in the library, then take the draft mark away."
    )


async def _put(
    db: "AsyncSession",
    team: int | None,
    package: "Package",
    question_id: str | None,
    settings: Settings,
) -> "tuple[Question, bool]":
    """Have a package's question in a library, under an id or a new one; tell whether that made a version."""
    from pizarra.kit.clock import utc_now
    from pizarra.questions import service as questions

    content, now = package.read.content, utc_now()
    questions.check_size(content, settings)
    question = await questions.find_in(db, team, question_id)
    if question is None:
        question, _ = await questions.create_in(
            db, team, None, content, settings, now, question_id=question_id
        )
        return question, True
    before = question.version
    await questions.replace_content(db, question, None, content, settings, now)
    return question, question.version > before


async def _team(db: "AsyncSession", name: str | None) -> int | None:
    """Return the team whose library is written; nobody else adds to it until this transaction ends."""
    from sqlalchemy import select

    from pizarra.cluster.advisory_locks import AdvisoryLock, hold
    from pizarra.models import Team

    found: int | None = None
    if name is not None:
        found = await db.scalar(select(Team.id).where(Team.name == name))
        if found is None:
            raise fail(f"there is no team {name} here")
    await hold(db, AdvisoryLock.LIBRARY, found or 0)
    return found


async def _wanted(db: "AsyncSession", ids: list[str] | None) -> "list[Question]":
    from sqlalchemy import select

    from pizarra.models import Question
    from pizarra.problems.finding import Library, find_question

    if ids:
        return [await find_question(db, Library(None, None), each) for each in ids]
    every = select(Question).where(Question.deleted_at.is_(None)).order_by(Question.id)
    return list(await db.scalars(every))


def _tell(question: "Question", read: "Read", *, unchanged: bool = False) -> None:
    there = "It was there already, and is the same." if unchanged else ""
    said = [there, read.content.not_runnable or "", *read.remarks]
    more = " ".join(each for each in said if each)
    typer.echo(
        f"{question.public_id}  {in_one_line(question.title)}, version {question.version}"
        + (f": {in_one_line(more)}" if more else "")
    )


def _tell_proof(question: "Question", proof: "ProofRead") -> bool:
    proven = [each.status == "proven" for each in proof.languages.values()]
    title = in_one_line(question.title)
    cases = counted(proof.cases, "case")
    limit = f", time limit {proof.time_limit:g} s" if proof.time_limit is not None else ""
    typer.echo(
        f"{'✓' if proof.proven else '✗'} {title}: proven in {sum(proven)} of {len(proven)}, {cases}"
        f"{limit}"
    )
    for language, each in proof.languages.items():
        if each.status not in ("proven", "no_reference"):
            typer.echo(f"  {language}: {each.status}: {in_one_line(each.detail or '')}")
    return proof.proven
