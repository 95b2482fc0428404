"""What people ask for on the socket about runs."""

import dataclasses
from typing import assert_never

from pizarra import control
from pizarra.access.control_context import ControlContext
from pizarra.access.requirements import require_part
from pizarra.execution.records import find_run
from pizarra.execution.schemas import RunCreate
from pizarra.kit.ids import is_public_id
from pizarra.models import Role, RunStatus
from pizarra.runs.parts import RunParts
from pizarra.runs.planning import plan_run

Request = control.StartRun | control.StopRun | control.RunInput | control.ResizeRun


async def carry_out(context: ControlContext[RunParts], message: Request) -> None:
    """Do what a message asks for.

    Raises:
        AppError: it is refused.
    """
    match message:
        case control.StartRun():
            await _start(context, message)
        case control.StopRun(run_id=run_id):
            await _stop(context, run_id)
        case control.RunInput() | control.ResizeRun():
            await _reach_program(context, message)
        case _:
            assert_never(message)


async def _start(context: ControlContext[RunParts], message: control.StartRun) -> None:
    services, person = context.services, context.person
    access = await context.access()
    # Without a terminal nobody can answer what the program asks.
    stdin = "" if message.stdin is None and message.terminal is None else message.stdin
    wanted = {"path": message.path, "stdin": stdin, "terminal": message.terminal}
    async with services.database.read() as db:
        plan = await plan_run(db, services, access, RunCreate.model_validate(wanted), wait=False)
    # the owner has a name here, unlike in the API
    plan = dataclasses.replace(plan, participant=person.key)
    replace = message.if_running == "replace"
    await services.runs.start(plan, person.public_id, context.address, replace=replace)


async def _stop(context: ControlContext[RunParts], run_id: str) -> None:
    access = await context.access()
    async with context.services.database.read() as db:
        run, _ = await find_run(db, access.session, run_id)
    require_part(access.role, "stop programs")
    if not RunStatus(run.status).is_final:
        await context.services.runs.stop_run(run_id, run.node)


async def _reach_program(
    context: ControlContext[RunParts], message: control.RunInput | control.ResizeRun
) -> None:
    """Pass on what somebody types. It happens with every key, so it looks at what is in memory, but for the first."""
    runs, person = context.services.runs, context.person
    key = context.room.key
    if not is_public_id(message.run_id):
        return  # as for one that has ended
    if runs.is_own(message.run_id) and not runs.is_live(message.run_id, key):
        return  # it has just ended: that everybody sees anyway
    require_part(Role(person.role), "type into programs")
    match message:
        case control.RunInput(run_id=run_id, text=text):
            await runs.write_stdin(run_id, key, text, person.key)
        case control.ResizeRun(run_id=run_id, size=size):
            await runs.resize(run_id, key, size, person.key)
        case _:
            assert_never(message)
