"""The OpenAPI document is complete, and the server does what it says: schemathesis tries to prove otherwise.

Longer: `PIZARRA_TEST_EXAMPLES=500 .venv/bin/python -m pytest tests/integration/test_openapi.py`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.server import ServerProcess, server_process

CONFIG = Path(__file__).resolve().parents[1] / "schemathesis.toml"
EXAMPLES = int(os.environ.get("PIZARRA_TEST_EXAMPLES", "5"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, runner_socket: Path) -> Iterator[ServerProcess]:
    """A server of its own: what is tried here leaves many sessions behind."""
    folder = tmp_path_factory.mktemp("openapi")
    with server_process(folder, runner_socket=runner_socket, log_level="warning", run_wall_seconds=1) as process:
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
        | {"Person", "OutputChunk", "RunSummary", "Signal", "Suggestion", "PrivateEntry", "Branch"}
    )
    missing = []
    for name, schema in document["components"]["schemas"].items():
        if name in messages:
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
                if not parameter.get("description") or not (parameter.get("examples") or schema.get("examples")):
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
            *("--checks", "all", "--max-examples", str(EXAMPLES), "--no-color", "--generation-database", "none"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=served.data_dir,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-6000:]
