"""A real OpenID Connect provider in Node, and a person who signs in there."""

import contextlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
from hatch_build import node_environment

from tests.harness.ports import free_port

_FOLDER = Path(__file__).resolve().parent.parent / "identity"


@contextlib.contextmanager
def identity_provider(redirect_uri: str) -> Iterator[str]:
    """Give the issuer of a running provider."""
    port = free_port()
    with node_environment() as environment:
        if not (_FOLDER / "node_modules" / "oidc-provider").exists():
            subprocess.run(
                ["npm", "ci", "--silent", "--no-audit", "--no-fund"],
                cwd=_FOLDER,
                env=environment,
                check=True,
            )
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
