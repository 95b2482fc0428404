"""The list of what the API has."""

from pizarra.accounts import admin_routes, oidc_routes
from pizarra.accounts import routes as accounts
from pizarra.assistance import routes as assistance
from pizarra.audit import routes as audit
from pizarra.branches import routes as branches
from pizarra.exports import download_routes
from pizarra.exports import routes as export_routes
from pizarra.health import routes as health_routes
from pizarra.http.router import Router
from pizarra.integrity_events import lines
from pizarra.notes import routes as notes
from pizarra.participants import people_routes
from pizarra.participants import routes as participants
from pizarra.questions import package_routes as packages
from pizarra.questions import plan_routes as plans
from pizarra.questions import routes as questions
from pizarra.questions import sample_routes as samples
from pizarra.questions import session_routes as session_problems
from pizarra.replays import link_routes as replay_links
from pizarra.replays import routes as replays
from pizarra.runs import routes as runs
from pizarra.sessions import (
    clock_routes,
    file_routes,
    keeping,
    list_routes,
    rehearsals,
)
from pizarra.sessions import routes as sessions
from pizarra.sessions import timeline_routes as timeline
from pizarra.test_cases import routes as test_cases

ROUTERS: list[Router] = [
    sessions.router,
    list_routes.router,
    file_routes.router,
    runs.router,
    assistance.router,
    timeline.router,
    export_routes.router,
    branches.router,
    notes.router,
    test_cases.router,
    packages.router,
    plans.router,
    questions.router,
    session_problems.router,
    samples.router,
    replay_links.router,
    replays.router,
    health_routes.router,
    download_routes.router,
    keeping.router,
    clock_routes.router,
    lines.router,
    participants.router,
    people_routes.router,
    rehearsals.router,
    accounts.router,
    oidc_routes.router,
    admin_routes.router,
    audit.router,
]
