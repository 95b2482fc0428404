"""The list of what the API has."""

from fastapi import APIRouter

from pizarra import health
from pizarra.participants import routes as participants
from pizarra.runs import routes as runs
from pizarra.sessions import routes as sessions
from pizarra.timeline import routes as timeline

ROUTERS: list[APIRouter] = [
    sessions.router,
    runs.router,
    timeline.router,
    participants.router,
    health.router,
]
