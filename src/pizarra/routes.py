"""The list of what the API has."""

from fastapi import APIRouter

from pizarra import health
from pizarra.accounts import admin_routes, oidc_routes
from pizarra.accounts import routes as accounts
from pizarra.assistance import routes as assistance
from pizarra.audit import routes as audit
from pizarra.branches import routes as branches
from pizarra.notes import routes as notes
from pizarra.participants import people_routes, rehearsals
from pizarra.participants import routes as participants
from pizarra.runs import routes as runs
from pizarra.sessions import download_routes
from pizarra.sessions import routes as sessions
from pizarra.test_cases import routes as test_cases
from pizarra.timeline import export_routes
from pizarra.timeline import routes as timeline

ROUTERS: list[APIRouter] = [
    sessions.router,
    runs.router,
    assistance.router,
    timeline.router,
    export_routes.router,
    branches.router,
    notes.router,
    test_cases.router,
    health.router,
    download_routes.router,
    participants.router,
    people_routes.router,
    rehearsals.router,
    accounts.router,
    oidc_routes.router,
    admin_routes.router,
    audit.router,
]
