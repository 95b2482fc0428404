"""A feature's routes are served as they were declared, under their function's name."""

from pathlib import Path

from fastapi.routing import APIRoute

from pizarra.config import Settings
from pizarra.http.router import Router
from pizarra.main import create_app
from pizarra.routes import ROUTERS


def test_the_application_serves_the_very_routes_that_were_declared() -> None:
    """A copy of each would be made at every start, and searched beside it with every request."""
    app = create_app(Settings(data_dir=Path("/nowhere"), database_url=None))
    served = [each for each in app.router.routes if isinstance(each, APIRoute)]
    assert served == [route for router in ROUTERS for route in router.routes]
    assert len(served) > 90


def test_a_route_has_its_prefix_its_tag_and_its_functions_name() -> None:
    router = Router(prefix="/api/things", tag="things")

    @router.get("/{thing_id}")
    def read_thing(thing_id: int) -> int:
        return thing_id

    (route,) = (each for each in router.routes if isinstance(each, APIRoute))
    assert (route.path, route.tags) == ("/api/things/{thing_id}", ["things"])
    assert route.unique_id == "read_thing"
