"""Builds the images of `deploy/container`, starts what `deploy/compose` describes, and tries it: by hand, as root.

Needs Podman, Buildah, runc and mmdebstrap (Debian's packages). PostgreSQL and Valkey are not started: the web process
keeps SQLite in memory. What is tried: what the worker says under each profile, programs in all languages from web to
worker over their socket, how both stop, and AppArmor's profiles by their own parser. `--built` takes the images that
are there already.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
BASE = "localhost/debian:trixie-slim"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
PORT = 18231
PODMAN = ["podman", "--cgroup-manager", "cgroupfs"]
PROGRAMS = {
    "python": "print(6 * 7)\n",
    "javascript": "console.log(6 * 7)\n",
    "typescript": "const n: number = 6 * 7;\nconsole.log(n)\n",
    "java": "class Main { public static void main(String[] a) { System.out.println(6 * 7); } }\n",
    "cpp": "#include <iostream>\nint main() { std::cout << 6 * 7 << '\\n'; }\n",
}


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command to its end; return what it printed.

    Raises:
        CalledProcessError: it failed; what it said is shown.
    """
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
        done.check_returncode()
    return done.stdout


def build() -> None:
    """Make a base out of Debian's packages, a wheel of this checkout, and both images."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = folder / "base.tar"
        run("mmdebstrap", "--variant=minbase", "--include=ca-certificates", "trixie", base)
        run(*PODMAN, "import", base, BASE)
        source = folder / "source"  # as a source distribution is: with the page built
        shutil.copytree(ROOT / "src", source / "src")
        for each in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
            shutil.copy(ROOT / each, source)
        (source / "PKG-INFO").write_text(distribution("pizarra").read_text("METADATA") or "")
        wheels = folder / "context/dist"
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels, cwd=source)
        shutil.copy(ROOT / "requirements.lock", folder / "context")
        recipe = DEPLOY / "container/Containerfile"
        given = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
        for image in ("web", "worker"):
            run(
                "buildah",
                "build",
                "--isolation",
                "chroot",
                "--network",
                "host",
                "--layers",
                "--volume",
                f"{AUTHORITIES}:/run/authorities.crt:ro",
                *(
                    part
                    for each in given
                    for part in ("--build-arg", f"{each}=/run/authorities.crt")
                ),
                "--build-arg",
                f"BASE={BASE}",
                "--target",
                image,
                "-f",
                recipe,
                "-t",
                f"localhost/pizarra-{image}",
                folder / "context",
            )
            print(f"built {image}", flush=True)


def started_as(service: dict[str, Any]) -> list[str]:
    """Return how Podman starts what a compose file describes, but for its network, image and environment."""
    options = [
        "--cap-drop",
        *service["cap_drop"],
        *(["--read-only"] if "read_only" in service else []),
    ]
    for each in service["tmpfs"]:
        options += ["--tmpfs", each]
    for each in service["security_opt"]:
        name, _, value = each.replace(":", "=", 1).partition("=")
        if name == "seccomp":
            value = str((DEPLOY / "compose" / value).resolve())
        elif name == "systempaths":
            name, value = "unmask", "ALL"  # Podman's word for it
        options += ["--security-opt", name if name == "no-new-privileges" else f"{name}={value}"]
    return [*options, "--runtime", "runc", *limits(), "--env", "HOME=/tmp"]


def limits() -> list[str]:
    """Return limits no higher than this machine's own: an engine asks for more, and is refused."""
    kinds = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    most = {name: min(resource.getrlimit(kind)[1], 20_000) for name, kind in kinds.items()}
    return [part for name, n in most.items() for part in ("--ulimit", f"{name}={n}:{n}")]


def diagnoses(worker: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    """Have `pizarra doctor` look at the worker's container: as it should be, and with one thing missing each."""
    whole = started_as(worker)
    profile = whole.index(f"seccomp={ROOT / 'deploy/container/pizarra-worker.json'}")
    shown = whole.index("unmask=ALL")
    ways = {
        "as described": whole,
        "with the engine's seccomp profile": [*whole[: profile - 1], *whole[profile + 1 :]],
        "with /proc covered": [*whole[: shown - 1], *whole[shown + 1 :]],
    }
    found = {}
    for name, options in ways.items():
        done = subprocess.run(
            [
                *PODMAN,
                "run",
                "--rm",
                "--network",
                "none",
                *options,
                "localhost/pizarra-worker",
                "doctor",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [*done.stdout.splitlines(), f"✗ sandbox: {done.stderr}"]
        at = next(n for n, line in enumerate(lines) if line[2:].startswith("sandbox:"))
        found[name] = (
            lines[at].startswith("✓"),
            " ".join(line.strip() for line in lines[at : at + 2]),
        )
    return found


def ask(path: str, body: Any = None, method: str | None = None) -> Any:
    """Ask the web process something."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}",
        None if body is None else json.dumps(body).encode(),
        {"content-type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        print(f"{error.code}: {error.read().decode()}", file=sys.stderr)
        raise


def wait_for(what: str, is_there: Callable[[], bool]) -> None:
    """Wait until something is there; say what was not."""
    deadline = time.monotonic() + 240
    while True:
        with contextlib.suppress(OSError):  # nobody listens yet, or 503
            if is_there():
                return
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not there")
        time.sleep(0.5)


def is_available(language: str) -> bool:
    """Tell whether the worker has proved a language."""
    return any(each["id"] == language and each["runnable"] for each in ask("/api/languages"))


def try_programs(services: dict[str, dict[str, Any]]) -> None:
    """Start both, run a program in each language, and stop them."""
    names = {service: f"pizarra-try-{service}" for service in ("worker", "web")}
    volume = "pizarra-try-runner"
    shared = ["--volume", f"{volume}:/run/pizarra"]
    environment = {
        "PIZARRA_DATA_DIR": "/tmp/data",
        "PIZARRA_HOST": "127.0.0.1",
        "PIZARRA_PORT": str(PORT),
        "PIZARRA_RUNNER_SOCKET": services["web"]["environment"]["PIZARRA_RUNNER_SOCKET"],
    }
    given = [part for pair in environment.items() for part in ("--env", "=".join(pair))]
    try:
        for service, network, more in (("worker", "none", []), ("web", "host", given)):
            options = [*started_as(services[service]), *shared, "--network", network, *more]
            image = f"localhost/pizarra-{service}"
            run(*PODMAN, "run", "--detach", "--name", names[service], *options, image)
        wait_for("the worker", lambda: bool(ask("/health/ready")["status"] == "ready"))
        print("ready:", ask("/health/ready")["runner"]["detail"])
        for language, program in PROGRAMS.items():
            wait_for(language, partial(is_available, language))
            began = time.monotonic()
            made = ask("/api/sessions", {"language": language, "initial_code": program})
            ended = ask(f"/api/sessions/{made['session_id']}/runs?wait=true", {"stdin": ""})
            print(
                f"{language}: {ended['status']}, {ended['stdout']!r}, {time.monotonic() - began:.1f} s"
            )
            assert ended["stdout"] == "42\n", ended
        for service in ("web", "worker"):
            began = time.monotonic()
            run(*PODMAN, "stop", "--time", "30", names[service])
            code = run(
                *PODMAN, "inspect", "--format", "{{.State.ExitCode}}", names[service]
            ).strip()
            print(f"{service}: stopped in {time.monotonic() - began:.1f} s with {code}")
            assert code == "0", run(*PODMAN, "logs", names[service])
    finally:
        for each in names.values():
            subprocess.run([*PODMAN, "rm", "-f", each], capture_output=True, check=False)
        subprocess.run([*PODMAN, "volume", "rm", "-f", volume], capture_output=True, check=False)


def read_apparmor() -> None:
    """Have AppArmor 4's own parser read both profiles: nothing is loaded."""
    script = (
        "apt-get update -qq && apt-get install -y -qq --no-install-recommends apparmor >/dev/null && "
        "for each in pizarra-bwrap pizarra-worker; do "
        "apparmor_parser --skip-kernel-load --skip-cache /profiles/$each && echo $each is read; done"
    )
    options = ["--rm", "--network", "host", "--runtime", "runc", *limits()]
    profiles = ["--volume", f"{DEPLOY / 'apparmor'}:/profiles:ro"]
    print(run(*PODMAN, "run", *options, *profiles, BASE, "sh", "-c", script).strip())


def main() -> None:
    """Build, unless told otherwise, and try."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built", action="store_true", help="take the images that are there")
    if os.geteuid() != 0:
        sys.exit("run it as root")
    if not parser.parse_args().built:
        build()
    services = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())["services"]
    for name, (ok, said) in diagnoses(services["worker"]).items():
        print(f"{name}: {said}", flush=True)
        assert ok == (name == "as described")
    try_programs(services)
    read_apparmor()


if __name__ == "__main__":
    main()
