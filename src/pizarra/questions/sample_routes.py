"""Trying a session's program on the samples of its question, over HTTP."""

import asyncio
from typing import Annotated

from fastapi import Query, Response

from pizarra.access.dependencies import CallerDep, SessionId
from pizarra.access.requirements import require_may_run, require_open, require_room_in_log
from pizarra.access.session_access import Access, find_access, own_participant
from pizarra.answers.codes import Code
from pizarra.errors import Conflict
from pizarra.execution.program import choose_program, program_files
from pizarra.execution.runnable import require_runnable
from pizarra.http.router import Router
from pizarra.judging.trying import Program
from pizarra.problems.content import time_limit_of
from pizarra.problems.posing import program_in
from pizarra.questions.own_cases import require_few, require_values, rule_for_own, rule_of
from pizarra.questions.parts import QuestionParts, QuestionPartsDep
from pizarra.questions.reading import require_problem
from pizarra.questions.samples import Plan
from pizarra.questions.session_schemas import SampleResult, SamplesRun
from pizarra.sandbox.languages import languages
from pizarra.schemas import located, problems
from pizarra.timeline.read.documents import read_in_turn

router = Router(prefix="/api/sessions/{session_id}", tag="questions")

_ENTRY = "/api/sessions/0123456789abcdef0123456789abcdef/timeline?kinds=samples"


@router.post(
    "/samples",
    status_code=202,
    responses={
        200: {
            "model": list[SampleResult],
            "description": "All were tried.",
            **located(200, _ENTRY)[200],
        },
        **located(202, _ENTRY),
        **problems(403, 404, 409, 413, 422, 429, 503, 507),
    },
)
async def run_samples(
    response: Response,
    services: QuestionPartsDep,
    caller: CallerDep,
    session_id: SessionId,
    payload: SamplesRun | None = None,
    wait: Annotated[
        bool, Query(description="Answer when all were tried.", examples=[True])
    ] = False,
) -> list[SampleResult]:
    """Try the session's program on the samples of its question. With `wait=true` the answer has what came of each.

    Without it, and where it takes longer, the answer is 202 with an empty list: what comes of it is on the timeline
    (`samples`), and everybody in the session is told.
    """
    access = await find_access(services, caller, session_id)
    wanted = payload or SamplesRun()
    require_few(wanted.own, services.settings)
    plan = await _plan(services, access, wanted, caller.neighbourhood)
    response.headers["Location"] = f"/api/sessions/{session_id}/timeline?kinds=samples"
    task = services.samples.start(plan)
    if not wait:
        return []
    done, _ = await asyncio.wait({task}, timeout=services.settings.run_wait_seconds)
    if not done:
        return []
    response.status_code = 200
    return task.result()


async def _plan(services: QuestionParts, access: Access, asked: SamplesRun, address: str) -> Plan:
    require_may_run(access)
    require_open(access.session, "try its samples")
    require_room_in_log(access.session, services.settings.max_log_bytes)
    services.disk.require_for_run()
    who = access.participant
    services.samples.require_room(access.session, who.id if who is not None else None, address)
    if who is None:  # the owner has a name here, as on the socket
        async with services.database.write() as db:
            who = await own_participant(db, access, services.clock())
    async with services.database.read() as db:
        given, told = await require_problem(db, access)
        content = await asyncio.to_thread(given.content)  # with all secret cases, up to a mebibyte
        if content is None:  # a session that was imported from another server
            detail = (
                "The question is not on this server: nobody here knows how its samples are judged."
            )
            raise Conflict(detail, code=Code.QUESTION_NOT_RUNNABLE)
        if content.not_runnable is not None:
            raise Conflict(content.not_runnable, code=Code.QUESTION_NOT_RUNNABLE)
        document = await read_in_turn(db, services.hub, access.session, None)
    rule = rule_of(content)
    await asyncio.to_thread(require_values, asked.own, rule)
    language = asked.language.value if asked.language is not None else None
    wanted = language or document.language() or access.session.language
    path = program_in(document, given, wanted)
    if rule.project is not None and wanted in languages():  # beside its main file lie the others
        path = given.folder + languages()[wanted].main
    path, language = choose_program(document, access.session.language, path=path, language=wanted)
    await require_runnable(services.runner, language)
    room = services.hub.loaded(access.session.room_id)
    return Plan(
        session=access.session,
        participant=who.id,
        participant_id=who.public_id,
        address=address,
        problem=given.seq,
        program=Program(
            language, path, program_files(document, path, services.settings.run_source_files)
        ),
        samples=told.samples,
        rule=rule,
        own=asked.own,
        own_rule=rule_for_own(rule),
        seconds=time_limit_of(content, given.proof),
        code_seq=max(access.session.head, room.head if room is not None else 0),
        time=services.clock(),
    )
