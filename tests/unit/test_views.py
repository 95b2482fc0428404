"""What a row looks like to who only reads it: as the model says, and no row passes for a model."""

import re
from pathlib import Path

import pytest

import pizarra.models
from pizarra.models import Base, InterviewSession, Participant, ParticipantView, SessionView

SOURCES = Path(pizarra.models.__file__).parents[1]


@pytest.mark.parametrize(
    ("view", "model"), [(SessionView, InterviewSession), (ParticipantView, Participant)]
)
def test_a_view_has_the_columns_of_its_model(view: type, model: type[Base]) -> None:
    told = {name for name, each in vars(view).items() if isinstance(each, property)}
    assert told == set(model.__table__.columns.keys())


def test_no_row_is_called_a_model() -> None:
    models = "|".join(mapper.class_.__name__ for mapper in Base.registry.mappers)
    casts = re.compile(rf"cast\(\s*\"?(?:{models})\b")
    assert [path for path in SOURCES.rglob("*.py") if casts.search(path.read_text())] == []


def test_routes_and_sockets_ask_services_for_what_is_stored() -> None:
    """They hand the database's session on; what is asked of it stands in a service."""
    asks = re.compile(
        r"\bdb\.(?!flush\(|close\(|connection\()\w+\(|(?<![\w.])(?:select|insert|update|delete)\("
    )
    front = [*SOURCES.rglob("*routes.py"), *SOURCES.rglob("socket.py"), SOURCES / "websocket.py"]
    assert len(front) > 20
    found = {path.name: asks.findall(path.read_text()) for path in front}
    assert {name: each for name, each in found.items() if each} == {}
