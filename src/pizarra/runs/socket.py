"""What people ask for on the socket about runs."""

import dataclasses

from pizarra import control
from pizarra.asking import Asking
from pizarra.errors import Forbidden
from pizarra.models import Role
from pizarra.runs.planning import plan_run
from pizarra.runs.schemas import RunCreate
from pizarra.runs.service import find_run

Request = control.StartRun | control.StopRun | control.RunInput | control.ResizeRun


async def carry_out(asking: Asking, message: Request) -> None:
    """Do what a message asks for.

    Raises:
        AppError: it is refused.
    """
    if isinstance(message, control.RunInput | control.ResizeRun):
        await _reach_program(asking, message)
        return
    services, person = asking.services, asking.person
    access = await asking.access()
    async with services.database.read() as db:
        if isinstance(message, control.StartRun):
            # Without a terminal nobody can answer what the program asks.
            stdin = "" if message.stdin is None and message.terminal is None else message.stdin
            wanted = {"path": message.path, "stdin": stdin, "terminal": message.terminal}
            plan = await plan_run(db, services, access, RunCreate.model_validate(wanted), wait=False)
        else:
            await find_run(db, access.session, message.run_id)
    if isinstance(message, control.StartRun):
        plan = dataclasses.replace(plan, participant=person.key)  # the owner has a name here, unlike in the API
        replace = message.if_running == "replace"
        await services.runs.start(plan, person.public_id, asking.address, replace=replace)
    elif not access.role.may_edit:
        raise Forbidden("Observers can watch, not stop programs.")
    else:
        await services.runs.stop_run(message.run_id)


async def _reach_program(asking: Asking, message: control.RunInput | control.ResizeRun) -> None:
    """Pass on what somebody types. It happens with every key, so it looks only at what is in memory."""
    runs, person = asking.services.runs, asking.person
    if not runs.is_live(message.run_id, asking.room.key):
        return  # it has just ended: that everybody sees anyway
    if not Role(person.role).may_edit:
        raise Forbidden("Observers can watch, not type into programs.")
    if isinstance(message, control.RunInput):
        await runs.write_stdin(message.run_id, message.text, person.key)
    else:
        await runs.resize(message.run_id, message.size, person.key)
