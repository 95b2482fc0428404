"""Stock generators make clients of our OpenAPI document; each compiles, and does a session, a run and a timeline."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.harness.ports import free_port
from tests.harness.server import server_process
from tools import generators, provision


@pytest.fixture(autouse=True)
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust whom this machine trusts: packages are fetched. The suite itself trusts nobody (`conftest.py`)."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if value := os.environ[f"PIZARRA_TEST_{name}"]:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)


def test_the_quick_ones(tmp_path: Path, runner_socket: Path) -> None:
    """openapi-typescript and openapi-python-client."""
    with server_process(tmp_path, runner_socket=runner_socket) as server:
        assert generators.attempt(generators.QUICK, tmp_path, server.url) == []


def test_the_costly_ones_when_the_document_has_another_shape(
    tmp_path: Path, runner_socket: Path
) -> None:
    """openapi-generator for Python, TypeScript and Go: `make generators` notes for which shape they did it."""
    if generators.TRIED.read_text().strip() == generators.shape():
        return
    if provision.may_install():
        subprocess.run([sys.executable, provision.__file__, "generators"], check=False)
    with server_process(tmp_path, runner_socket=runner_socket) as server:
        failures = generators.attempt(generators.COSTLY, tmp_path, server.url)
    assert failures == [], "mend the document, or run: make generators"


def test_prose_is_no_shape_and_a_field_named_like_prose_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = generators.shape()
    text = generators.DOCUMENT.read_text()
    monkeypatch.setattr(generators, "DOCUMENT", tmp_path / "openapi.json")
    for changed, same in (
        (text.replace("Create a session.", "Make a session."), True),
        (text.replace('"title": {', '"heading": {'), False),
        (text.replace('"/api/sessions"', '"/api/session"'), False),
    ):
        assert changed != text
        generators.DOCUMENT.write_text(changed)
        assert (generators.shape() == known) is same


@pytest.mark.parametrize("ci", [True, False], ids=["CI", "elsewhere"])
def test_a_registry_that_cannot_be_reached_fails_in_ci_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, ci: bool
) -> None:
    for name, value in (
        ("UV_CACHE_DIR", str(tmp_path / "cache")),
        ("UV_DEFAULT_INDEX", f"http://127.0.0.1:{free_port()}/"),
        ("UV_HTTP_RETRIES", "0"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CI", "true") if ci else monkeypatch.delenv("CI", raising=False)
    failures = generators.attempt((generators.python_client,), tmp_path, "http://127.0.0.1:9")
    assert [each.partition(" names")[0] for each in failures] == [
        "openapi-python-client. not tried: what openapi-python-client.lock"
    ] * ci
