"""What `deploy/` names is there: settings, commands, paths, ports, images, metrics, and each other's names.

What only an engine can tell is tried by `tools/try_images.py`, by hand.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from tests.harness.commands import problem_with
from tools.provision import RUN

from pizarra.config import misspelt
from pizarra.http.metrics import Metrics
from pizarra.main import create_app
from pizarra.sandbox.isolation import refusals
from pizarra.sandbox.isolation.seccomp import _REFUSED

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
RECIPE = (DEPLOY / "container/Containerfile").read_text()


def documents() -> Iterator[dict[str, Any]]:
    """Yield everything that Kubernetes is given."""
    for path in sorted((DEPLOY / "kubernetes").rglob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def of_kind(kind: str) -> list[dict[str, Any]]:
    """Return the objects of a kind."""
    return [each for each in documents() if each["kind"] == kind]


def named(kind: str, name: str) -> dict[str, Any]:
    """Return one object."""
    (found,) = (each for each in of_kind(kind) if each["metadata"]["name"] == name)
    return found


def containers(deployment: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all containers of a deployment."""
    pod = deployment["spec"]["template"]["spec"]
    return [*pod.get("initContainers", []), *pod["containers"]]


def services() -> dict[str, dict[str, Any]]:
    """Return the services of both compose files; a later file adds to what an earlier one has."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("compose.yaml", "compose.scale.yaml"):
        for service, what in yaml.safe_load((DEPLOY / "compose" / name).read_text())[
            "services"
        ].items():
            for key, value in what.items():
                old = found.setdefault(service, {}).get(key)
                found[service][key] = {**old, **value} if isinstance(old, dict) else value
    return found


def stage(name: str) -> str:
    """Return what the recipe does for one image."""
    (found,) = (
        part for part in RECIPE.split("\nFROM ") if part.split("\n")[0].endswith(f" AS {name}")
    )
    return found


def test_settings_are_there() -> None:
    texts = [
        path.read_text() for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".json"
    ]
    settings = {name for text in texts for name in re.findall(r"\bPIZARRA_[A-Z_]+[A-Z]\b", text)}
    compose = {"PIZARRA_VERSION", "PIZARRA_WORKER_MEMORY"}  # of the compose file itself
    assert "PIZARRA_RUNNER_SOCKET" in settings
    assert dict(misspelt(dict.fromkeys(settings - compose, ""))) == {}


def test_commands_are_there() -> None:
    typed = [json.loads(each) for each in re.findall(r"^CMD (\[.+\])$", RECIPE, re.MULTILINE)]
    for unit in UNITS:
        (line,) = re.findall(r"^ExecStart=\S+/pizarra (.+)$", unit.read_text(), re.MULTILINE)
        typed.append(line.split())
    for deployment in of_kind("Deployment"):
        typed += [
            [str(word) for word in each["args"]]
            for each in containers(deployment)
            if each["image"].startswith("pizarra-")
        ]
    assert len(typed) == 7
    assert [wrong for words in typed if (wrong := problem_with(words))] == []
    assert problem_with(["worker", "--sokcet", "x"]) == "no option --sokcet"


def test_probes_ask_for_what_is_answered() -> None:
    routes = set(create_app().openapi()["paths"])
    probes = [
        probe["httpGet"]
        for deployment in of_kind("Deployment")
        for each in containers(deployment)
        for key, probe in each.items()
        if key.endswith("Probe") and "httpGet" in probe
    ]
    assert {probe["path"] for probe in probes} == {"/health", "/health/ready"} <= routes
    (asked,) = re.findall(r"127\.0\.0\.1:(\d+)(/\w+)", services()["web"]["healthcheck"]["test"][-1])
    assert asked == ("8000", "/health")
    web = named("Deployment", "web")
    assert (
        web["spec"]["template"]["metadata"]["annotations"]["prometheus.io/path"]
        == "/metrics"
        in routes
    )


def test_ports_and_labels_meet() -> None:
    for service in of_kind("Service"):
        (served,) = (
            each
            for each in of_kind("Deployment")
            if service["spec"]["selector"].items()
            <= each["spec"]["template"]["metadata"]["labels"].items()
        )
        ports = {
            port["name"]: port["containerPort"]
            for each in containers(served)
            for port in each.get("ports", [])
        }
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports
    for deployment in of_kind("Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"] == labels
    for budget in of_kind("PodDisruptionBudget"):
        served = named("Deployment", budget["metadata"]["name"])
        assert budget["spec"]["selector"] == served["spec"]["selector"]
    backend = named("Ingress", "web")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    offered = [port["name"] for port in named("Service", backend["name"])["spec"]["ports"]]
    assert backend["port"]["name"] in offered
    assert "EXPOSE 8000" in stage("web")
    open_ports = {
        port["port"]
        for rule in named("NetworkPolicy", "web")["spec"]["ingress"]
        for port in rule["ports"]
    }
    assert open_ports == {
        port["containerPort"]
        for each in containers(named("Deployment", "web"))
        for port in each.get("ports", [])
    }
    argument = next(
        word
        for word in containers(named("Deployment", "worker"))[0]["args"]
        if word.startswith("--server=")
    )
    name, space = "workers", "pizarra"
    service = named("Service", name)
    assert service["metadata"]["namespace"] == space
    assert argument == f"--server=https://{name}.{space}.svc:{service['spec']['ports'][0]['port']}"


def test_the_name_that_people_use_is_the_one_that_is_answered() -> None:
    public = named("ConfigMap", "web")["data"]["PIZARRA_PUBLIC_URL"].removeprefix("https://")
    passed_on = named("ConfigMap", "worker-tls")["data"]["default.conf"]
    assert f"proxy_set_header Host {public};" in passed_on
    ingress = named("Ingress", "web")["spec"]
    assert ingress["tls"][0]["hosts"] == [ingress["rules"][0]["host"]] == [public]


def test_images_are_the_ones_that_are_built() -> None:
    built = set(re.findall(r" AS (web|worker)$", RECIPE, re.MULTILINE))
    assert built == {"web", "worker"}
    (kustomization,) = (yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text()),)
    renamed = {each["name"] for each in kustomization["images"]}
    used = {each["image"] for one in of_kind("Deployment") for each in containers(one)}
    assert {each for each in used if each.startswith("pizarra-")} == renamed
    assert renamed == {f"pizarra-{name}" for name in built}
    composed = {each["image"].partition(":")[0] for each in services().values()}
    assert {each for each in composed if "pizarra" in each} == {
        f"localhost/pizarra-{name}" for name in built
    }
    everything = [*used, *(each["image"] for each in services().values()), "debian:trixie-slim"]
    assert not [each for each in everything if each.endswith(":latest")]
    resources = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")}
    assert resources - {"kustomization.yaml"} == set(kustomization["resources"])


def test_the_web_has_no_compiler_and_the_worker_what_runs_need() -> None:
    needed = {need.package for need in RUN}
    assert needed <= set(stage("worker").split())
    for text in (stage("web"), stage("base")):
        assert not needed & set(text.split())
    assert "--require-hashes" in stage("packages")
    assert "--constraint /build/requirements.lock" in stage("packages")
    for name in ("web", "worker"):
        assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", stage(name), re.MULTILINE)


def test_pods_have_no_more_than_they_need() -> None:
    for deployment in of_kind("Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for each in containers(deployment):
            held = each["securityContext"]
            assert held["allowPrivilegeEscalation"] is False
            assert held["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in each["resources"]["limits"]
            assert "privileged" not in held
    worker = named("Deployment", "worker")["spec"]["template"]["spec"]
    assert worker["hostUsers"] is False
    assert (
        containers(named("Deployment", "worker"))[0]["securityContext"]["procMount"] == "Unmasked"
    )
    assert worker["securityContext"]["runAsUser"] == 1000
    profile = worker["securityContext"]["seccompProfile"]
    assert profile == {"type": "Localhost", "localhostProfile": "pizarra-worker.json"}
    assert not any("secretRef" in str(each) for each in worker["containers"])
    for service in services().values():
        assert "privileged" not in service
        assert not any("docker.sock" in str(each) for each in service.get("volumes", []))
    assert services()["worker"]["network_mode"] == "none"
    told = dict(each.split("=") for each in services()["worker"]["security_opt"] if "=" in each)
    assert (DEPLOY / "compose" / told["seccomp"]).resolve() == ROOT / refusals.PROFILE


def test_the_profile_allows_a_sandbox_and_not_much_else() -> None:
    profile = json.loads((ROOT / refusals.PROFILE).read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    # read by containerd as the runtime's own format: it knows neither of these
    assert not {"includes", "excludes"} & {key for rule in profile["syscalls"] for key in rule}
    allowed: set[str] = set()
    refused: set[str] = set()
    for rule in profile["syscalls"]:
        (allowed if rule["action"] == "SCMP_ACT_ALLOW" else refused).update(rule["names"])
    assert not allowed & refused
    makes_a_sandbox = {"clone", "unshare", "mount", "umount2", "pivot_root", "sethostname", "prctl"}
    assert makes_a_sandbox <= allowed
    assert {"execve", "seccomp", "openat", "landlock_create_ruleset", "pidfd_open"} <= allowed
    # Whatever no sandbox may do, the worker may not either, but for what it makes them with.
    assert set(_REFUSED) & allowed <= makes_a_sandbox | {"personality"}
    assert not {"bpf", "ptrace", "keyctl", "io_uring_setup", "userfaultfd", "setns"} & allowed
    families = {
        rule["args"][0]["value"] for rule in profile["syscalls"] if rule["names"] == ["socket"]
    }
    assert families == {1, 2, 10, 16}  # UNIX, IPv4, IPv6, netlink


def test_units_are_sound(tmp_path: Path) -> None:
    assert [unit.stem for unit in UNITS] == ["pizarra-web", "pizarra-worker"]
    worker = (DEPLOY / "systemd/pizarra-worker.service").read_text()
    said, _, does = worker.partition("[Unit]")
    for left_out in re.findall(r"\b([A-Z]\w+)=", said):
        assert f"\n{left_out}=" not in does, left_out
    assert "ProtectKernelTunables=" in said
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze here")
    for unit in UNITS:
        copy = tmp_path / unit.name
        copy.write_text(unit.read_text().replace("/opt/pizarra/bin/pizarra", sys.executable))
    for unit, exposed in zip(UNITS, (15, 45), strict=True):
        copy = tmp_path / unit.name
        verified = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True
        )
        assert (verified.returncode, verified.stderr) == (0, "")
        secure = [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={exposed}",
            str(copy),
        ]
        scored = subprocess.run(secure, capture_output=True, text=True)
        assert scored.returncode == 0, scored.stdout[-300:]


def metric_names() -> set[str]:
    """Return every name under which a figure of ours can be asked for."""
    names: set[str] = set()
    for family in Metrics().registry.collect():
        if family.type == "counter":
            names.add(f"{family.name}_total")
        elif family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
        else:
            names.add(family.name)
    return names


def test_board_and_alerts_ask_for_metrics_that_there_are() -> None:
    board = json.loads((DEPLOY / "grafana/pizarra.json").read_text())
    shown = [panel for panel in board["panels"] if panel["type"] != "row"]
    asked = [target["expr"] for panel in shown for target in panel["targets"]]
    (group,) = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
    alerts = [rule["expr"] for rule in group["rules"]]
    named = {
        name
        for expression in asked + alerts
        for name in re.findall(r"\b(?:pizarra|process)_[a-z_]+", expression)
    }
    assert named <= metric_names(), named - metric_names()
    assert len(alerts) == len({rule["alert"] for rule in group["rules"]}) > 10
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for rule in group["rules"]:
        assert {"summary", "description"} == set(rule["annotations"])
        assert rule["labels"]["severity"] in ("page", "ticket")
