"""The list of what the API has."""

from fastapi import APIRouter

from pizarra import health, websocket
from pizarra.participants import routes as participants
from pizarra.runs import routes as runs
from pizarra.sessions import routes as sessions
from pizarra.timeline import routes as timeline

router = APIRouter()
router.include_router(sessions.router)
router.include_router(runs.router)
router.include_router(timeline.router)
router.include_router(participants.router)
router.include_router(health.router)
router.include_router(websocket.router)
