"""The OpenAPI document is complete, and the server does what it says: schemathesis tries to prove otherwise.

Longer: `PIZARRA_TEST_EXAMPLES=500 .venv/bin/python -m pytest tests/integration/test_openapi.py`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.server import ServerProcess, server_process

from pizarra.timeline.entries.shared import SHARED

CONFIG = Path(__file__).resolve().parents[1] / "schemathesis.toml"
EXAMPLES = int(os.environ.get("PIZARRA_TEST_EXAMPLES", "3"))


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server of its own: what is tried here leaves many sessions behind."""
    folder = tmp_path_factory.mktemp("openapi")
    with server_process(
        folder, runner_socket=runner_socket, log_level="warning", run_wall_seconds=1
    ) as process:
        yield process


@pytest.fixture(scope="module")
def document(served: ServerProcess) -> dict[str, Any]:
    """What the server says of itself."""
    return dict(httpx2.get(f"{served.url}/openapi.json").json())


def test_every_field_has_a_description_and_an_example(document: dict[str, Any]) -> None:
    control = {"ServerMessage", "ClientMessage"}
    messages = (
        {
            ref["$ref"].rpartition("/")[2]
            for name in control
            for ref in document["components"]["schemas"][name].get("oneOf", [])
        }
        | control
        | {
            "Person",
            "OutputChunk",
            "RunSize",
            "RunSummary",
            "Signal",
            "Suggestion",
            "PrivateEntry",
            "Branch",
            "Line",
            "Clock",
            "ClockStep",
            "SampleRun",
        }
    )
    missing = []
    for name, schema in document["components"]["schemas"].items():
        # What an entry tells is explained in docs/timeline.md.
        if name in messages or name.endswith("Data"):
            continue
        for field, shape in schema.get("properties", {}).items():
            if "description" not in shape or not (shape.get("examples") or "$ref" in shape):
                missing.append(f"{name}.{field}")
    assert missing == []


def test_every_parameter_error_and_header_is_described(document: dict[str, Any]) -> None:
    missing = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            if not operation.get("description"):
                missing.append(place)
            for parameter in operation.get("parameters", []):
                schema = parameter["schema"]
                if not parameter.get("description") or not (
                    parameter.get("examples") or schema.get("examples")
                ):
                    missing.append(f"{place} {parameter['name']}")
            for status, response in operation["responses"].items():
                headers = response["headers"].values()
                if not all("description" in header and "example" in header for header in headers):
                    missing.append(f"{place} {status} headers")
                if int(status) >= 400:
                    content = response["content"]
                    assert set(content) == {"application/problem+json"}, place
                    if "example" not in content["application/problem+json"]:
                        missing.append(f"{place} {status}")
    assert missing == []


def test_no_server_error_and_no_undocumented_answer(served: ServerProcess) -> None:
    """Each operation is asked with good and bad input, alone and in sequences that follow one session."""
    result = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
            *("run", f"{served.url}/openapi.json"),
            *(
                "--checks",
                "all",
                "--max-examples",
                str(EXAMPLES),
                "--no-color",
                "--generation-database",
                "none",
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=served.data_dir,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-6000:]


def test_generators_can_read_it(document: dict[str, Any]) -> None:
    assert document["info"]["description"].startswith("Coding Interview Platform API")
    assert all(
        re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in document["components"]["securitySchemes"]
    )
    operations = [operation for each in document["paths"].values() for operation in each.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert {"create_session", "read_timeline", "list_runs"} <= set(ids)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in ids)
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert {tag for operation in operations for tag in operation["tags"]} == set(tags)
    assert {"contact", "license"} <= set(document["info"])
    assert [server["url"] for server in document["servers"]] == ["/"]
    for operation in operations:
        body = operation.get("requestBody", {"required": True})
        if not body.get("required", False):
            assert "$ref" in body["content"]["application/json"]["schema"], operation["operationId"]


def test_what_discriminates_is_always_there(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    unions = [schema for schema in schemas.values() if "discriminator" in schema]
    assert len(unions) == 3
    for union in unions:
        name = union["discriminator"]["propertyName"]
        for value, place in union["discriminator"]["mapping"].items():
            shape = schemas[place.rpartition("/")[2]]
            assert name in shape["required"]
            assert shape["properties"][name]["const"] == value


def test_the_timeline_is_typed_by_kind(document: dict[str, Any]) -> None:
    mapping = document["components"]["schemas"]["TimelineEntryRead"]["discriminator"]["mapping"]
    assert set(mapping) == set(SHARED)
    edit = document["components"]["schemas"]["EditEntry"]["properties"]
    assert document["components"]["schemas"]["EditedData"]["required"] == ["update"]
    assert edit["data"]["$ref"].endswith("/EditedData")
    (kinds,) = [
        each
        for each in document["paths"]["/api/sessions/{session_id}/timeline"]["get"]["parameters"]
        if each["name"] == "kinds"
    ]
    assert kinds["schema"]["items"]["enum"] == list(SHARED)
    assert (kinds["schema"]["type"], kinds["explode"]) == ("array", False)


def test_every_code_is_in_the_document(document: dict[str, Any]) -> None:
    codes = document["components"]["schemas"]["Code"]["enum"]
    assert len(set(codes)) == len(codes) > 15
    for each in document["paths"].values():
        for operation in each.values():
            for response in operation["responses"].values():
                example = (
                    response["content"].get("application/problem+json", {}).get("example")
                    if ("content" in response)
                    else None
                )
                assert example is None or example["code"] in codes


def test_large_numbers_are_said_to_be(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/api/sessions/{session_id}/timeline"]["get"]["parameters"]
    formats = {each["name"]: each["schema"].get("format") for each in parameters}
    assert (formats["after"], formats["limit"]) == ("int64", None)
