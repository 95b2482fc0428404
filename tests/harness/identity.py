"""A real OpenID Connect provider in Node, and a person who signs in there."""

import contextlib
import fcntl
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx2
from hatch_build import node_environment

from tests.harness.ports import free_port
from tests.harness.server import ServerProcess

_FOLDER = Path(__file__).resolve().parent.parent / "identity"


@contextlib.contextmanager
def identity_provider(redirect_uri: str) -> Iterator[str]:
    """Give the issuer of a running provider."""
    port = free_port()
    with node_environment() as environment:
        _install(environment)
        process = subprocess.Popen(
            ["node", "provider.mjs", str(port), redirect_uri],
            cwd=_FOLDER,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if b"ready" in line:
                    break
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _install(environment: Mapping[str, str]) -> None:
    """Install the provider once, however many test processes want one."""
    with (_FOLDER / "package.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (_FOLDER / "node_modules" / "oidc-provider").exists():
            subprocess.run(
                ["npm", "ci", "--silent", "--no-audit", "--no-fund"],
                cwd=_FOLDER,
                env=environment,
                check=True,
            )


@contextlib.contextmanager
def server_with_provider(
    data_dir: Path, runner_socket: Path
) -> Iterator[tuple[ServerProcess, str]]:
    """Give a server where people sign in at a provider, and the provider's issuer."""
    process = ServerProcess(data_dir)
    with identity_provider(f"{process.url}/api/sign-in/oidc/callback") as issuer:
        process.configure(
            runner_socket=runner_socket,
            auth="accounts",
            oidc_issuer=issuer,
            oidc_client_id="pizarra",
            oidc_client_secret="a secret between the two",
            oidc_name="Example Login",
            oidc_team="Guests",
        )
        process.start()
        try:
            yield process, issuer
        finally:
            process.stop()


def sign_in_there(client: httpx2.Client, start: str, name: str) -> httpx2.Response:
    """Go to the provider from `start`, sign in and consent; return where that ended. Forms are filled in as shown."""
    answer = client.get(start, follow_redirects=True)
    for _ in range(4):
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        if form is None or prompt is None:
            return answer
        fields = {"prompt": prompt[1], "login": name, "password": "any"}
        answer = client.post(str(answer.url.join(form[1])), data=fields, follow_redirects=True)
    return answer
