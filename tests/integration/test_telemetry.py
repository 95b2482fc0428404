"""What a server tells those who watch it: metrics, each with its explanation, and spans without a secret in them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from fastapi.routing import iter_route_contexts
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from tests.harness.application import Application

from pizarra.access.identity import API_TOKEN, FIRST, ONE_TIME, SIGN_IN
from pizarra.access.tokens import Invitation, sign_access, sign_invitation
from pizarra.config import Settings
from pizarra.http.tracing import trace
from pizarra.kit.masking import mask, masked_path
from pizarra.kit.tokens import TokenSigner, new_secret
from pizarra.main import create_app
from pizarra.models import SHARE_LINK, Role
from pizarra.sandbox.runner.protocol import Format, Formatted, encode, event_adapter, read_message

WANTED = {
    *(
        "process_cpu_seconds",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
    ),
    *("pizarra_build_info", "pizarra_disk_free_bytes", "pizarra_database_bytes"),
    *("pizarra_http_request_seconds", "pizarra_run_wait_seconds", "pizarra_run_seconds"),
}


@pytest.fixture
def database_url() -> None:
    """SQLite alone: what is told is the same."""


def counted(metrics: str, name: str, **labels: str) -> float:
    """Return one sample's value."""
    samples = [
        sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    (value,) = samples
    return value


async def answered(reader: asyncio.StreamReader) -> None:
    """Wait until a runner has said what became of a text that was to be formatted."""
    while (said := await read_message(reader)) is not None:
        if isinstance(event_adapter.validate_json(said), Formatted):
            return
    raise AssertionError("the runner hung up")


async def test_what_holds_the_runner_is_counted_by_the_web_process(
    running: Application, client: httpx2.AsyncClient, runner_socket: Path
) -> None:
    """Another peer of the same runner sends what takes long to read."""

    async def holds() -> float:
        metrics = (await client.get("/metrics")).text
        return counted(metrics, "pizarra_event_loop_holds_total", process="runner")

    await running.services.runner.require("python")
    before = await holds()
    reader, writer = await asyncio.open_unix_connection(str(runner_socket))
    heavy = "\n" * 30_000_000  # a fast processor reads it in little more than a hold
    asked = Format(format_id="x", language="nothing", path="x", text=heavy)
    message = await asyncio.to_thread(encode, asked)
    try:
        async with asyncio.timeout(60):
            while await holds() == before:
                writer.write(message)
                await answered(reader)  # or it would hold the runner while the next test runs
    finally:
        writer.close()
        await writer.wait_closed()


async def test_metrics(client: httpx2.AsyncClient) -> None:
    session = (await client.post("/api/sessions", json={"initial_code": "print(1)\n"})).json()
    run = await client.post(f"/api/sessions/{session['session_id']}/runs?wait=true", timeout=60)
    assert run.json()["status"] == "exited", run.text
    await client.get("/no/such/place")
    families = {
        each.name: each
        for each in text_string_to_metric_families((await client.get("/metrics")).text)
    }
    assert set(families) >= WANTED
    assert [name for name, family in families.items() if not family.documentation] == []
    routes = {
        (each.labels["method"], each.labels["route"])
        for each in families["pizarra_http_request_seconds"].samples
        if each.name.endswith("_count")
    }
    assert ("POST", "/api/sessions/{session_id}/runs") in routes
    assert not any(session["session_id"] in route or "such" in route for _, route in routes)
    counts = {
        each.name: each.value
        for name in ("pizarra_run_wait_seconds", "pizarra_run_seconds")
        for each in families[name].samples
        if each.labels.get("language") == "python" and each.name.endswith("_count")
    }
    assert counts == {"pizarra_run_wait_seconds_count": 1, "pizarra_run_seconds_count": 1}
    for name in (
        "process_resident_memory_bytes",
        "pizarra_disk_free_bytes",
        "pizarra_database_bytes",
    ):
        assert families[name].samples[0].value > 10_000, name


async def test_metrics_are_the_owners(running: Application) -> None:
    """They count tests that nobody in a session is to know of."""
    async with running.client() as owner, running.client(address="203.0.113.9") as stranger:
        link = (await owner.post("/api/sessions", json={})).json()["share_url"]
        told = {"token": link.rpartition("/")[2], "name": "Zoë"}
        joined = (await stranger.post("/api/join", json=told)).json()
        as_candidate = {"authorization": f"Bearer {joined['access_token']}"}
        for who, headers in ((stranger, {}), (stranger, as_candidate), (owner, as_candidate)):
            assert (await who.get("/metrics", headers=headers)).status_code == 401
        assert (await owner.get("/metrics", headers={"x-real-ip": "::1"})).status_code == 401
        assert (await owner.get("/metrics")).status_code == 200


async def test_nobody_makes_more_metrics_than_there_are_routes(running: Application) -> None:
    contexts = list(iter_route_contexts(running.app.router.routes))
    paths = {each.path for each in contexts if each.path}
    routed = {
        (method, each.path)
        for each in contexts
        for method in (*(getattr(each.original_route, "methods", None) or ()), "HEAD")
    }
    async with running.client(address="203.0.113.9") as stranger:
        for path in paths:
            for method in ("LOCK", "PROPFIND", f"M{len(path)}", "PUT", "OPTIONS", "DELETE"):
                await stranger.request(method, path)
    async with running.client() as owner:
        text = (await owner.get("/metrics")).text
    families = {each.name: each for each in text_string_to_metric_families(text)}
    labels = {
        (each.labels["method"], each.labels["route"])
        for each in families["pizarra_http_request_seconds"].samples
    }
    nowhere = {(method, route) for method, route in labels if route == "none"}
    assert labels - nowhere <= routed
    assert {method for method, _ in nowhere} == {"OTHER", "PUT", "OPTIONS", "DELETE"}
    counted = {each.labels["method"] for each in families["pizarra_http_requests"].samples}
    assert counted <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"}


async def test_metrics_are_rendered_while_others_are_served(running: Application) -> None:
    for number in range(2000):
        running.services.metrics.request_seconds.observe(1, "GET", f"/{number}")
    loop = asyncio.get_running_loop()
    async with running.client() as client:
        begun = last = loop.time()
        longest, scrapes = 0.0, asyncio.gather(*(client.get("/metrics") for _ in range(3)))
        while not scrapes.done():
            await asyncio.sleep(0)
            longest, last = max(longest, loop.time() - last), loop.time()
    assert {len(each.content) > 1_000_000 for each in await scrapes} == {True}
    assert longest < (last - begun) / 4


@pytest.fixture
async def spans(
    settings: Settings,
) -> AsyncIterator[tuple[InMemorySpanExporter, httpx2.AsyncClient]]:
    """What is exported, and a client of an application that is traced."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = create_app(settings)
    trace(app, tracer_provider=provider)
    async with app.router.lifespan_context(app), Application(app).client() as client:
        yield exporter, client


async def test_spans_carry_no_secret(
    spans: tuple[InMemorySpanExporter, httpx2.AsyncClient],
) -> None:
    exporter, client = spans
    session = (await client.post("/api/sessions")).json()
    token = session["share_url"].rpartition("/")[2]
    assert (await client.get(f"/api/invitations/{token}")).status_code == 200
    await client.get(f"/j/{token}", headers={"referer": f"http://127.0.0.1:8000/j/{token}"})
    path = f"/api/sessions/{session['session_id']}/timeline?limit=5&token={token}"
    await client.get(path, headers={"authorization": f"Bearer {token}"})
    assert (await client.get("/api/replays/a.replay.link/timeline")).status_code == 404
    await client.get("/r/a.replay.link")
    drawn = f"pzl_{'k' * 40}"
    for elsewhere in (f"/J/{token}", f"/{token}/", f"/api/sessions/{token}", f"/welcome/{drawn}"):
        await client.get(elsewhere, headers={"host": "anybodys.example"})
    found = exporter.get_finished_spans()
    told = "\n".join(f"{each.name} {dict(each.attributes or {})}" for each in found)
    assert token not in told
    # its signature: the rest is told by the session's id
    assert token.rpartition(".")[2] not in told
    assert drawn not in told
    assert "anybodys" not in told  # it would be a label of OpenTelemetry's metrics
    assert "/welcome/***" in told
    assert "/api/invitations/***" in told
    assert "/api/replays/***/timeline" in told
    assert "replay.link" not in told
    assert "limit=***" in told


def test_every_token_in_a_path_is_masked() -> None:
    contexts = iter_route_contexts(create_app(Settings()).router.routes)
    paths = {path for each in contexts if "{token}" in (path := each.path or "")}
    assert {
        "/j/{token}",
        "/r/{token}",
        "/api/invitations/{token}",
        "/api/replays/{token}/timeline",
    } <= paths
    for path in paths:
        assert masked_path(path.replace("{token}", "a.secret")) == path.replace("{token}", "***"), (
            path
        )
        assert "secret" not in masked_path("/" + path.replace("{token}", "/a.secret"))


@pytest.mark.parametrize("before", ["/J/", "/", "//x/", "/api/sessions/", "/welcome/a", "/s/b."])
@pytest.mark.parametrize("dot", [".", "%2e", "%252E"])
def test_what_looks_like_a_token_is_masked_wherever_it_is(before: str, dot: str) -> None:
    signer, day = TokenSigner(b"k" * 32), datetime(2030, 1, 1, tzinfo=UTC)
    for serial in (SHARE_LINK, "0a1b2c3d"):
        invitation = Invitation("5" * 32, Role.CANDIDATE, 0, day, serial)
        token = sign_invitation(signer, invitation)
        for each in (token, token.upper(), sign_access(signer, "7" * 32, "5" * 32)):
            assert masked_path(f"{before}{each.replace('.', dot)}/x") == f"{before}***/x"
    for kind in (SIGN_IN, ONE_TIME, FIRST, API_TOKEN):
        secret = new_secret(kind)
        assert masked_path(f"{before}{secret}/x") == f"{before}***/x"
        assert secret not in mask(f"Not found: {before}{secret}")
    session = f"/api/sessions/{'5' * 32}/files/main.py"
    assert masked_path(session) == session


def test_the_setting_traces() -> None:
    names = [
        getattr(each.cls, "__name__", "")
        for each in create_app(Settings(tracing=True)).user_middleware
    ]
    assert names[:3] == ["_Mask", "OpenTelemetryMiddleware", "_Unmask"]
    assert "_Mask" not in [
        getattr(each.cls, "__name__", "") for each in create_app(Settings()).user_middleware
    ]
