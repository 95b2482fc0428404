"""What an identity provider may say that is odd, and nobody is shown a fault of ours for it."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from pizarra.accounts.oidc import Departure
from pizarra.accounts.oidc_provider import OidcProvider
from pizarra.errors import Unauthorized, Unavailable

_KEY = ECKey.generate_key("P-256", {"kid": "ours", "use": "sig"})
_DEPARTURE = Departure("", "state", "nonce", "verifier")
_BACK = "http://127.0.0.1/api/sign-in/oidc/callback"


class Said:
    """A provider's answers, by their paths."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        now = int(time.time())
        claims = {"iss": issuer, "aud": "pizarra", "sub": "7", "nonce": "nonce", "exp": now + 60}
        token = jwt.encode({"alg": "ES256", "kid": "ours"}, claims | {"name": "Greta"}, _KEY)
        self.answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/auth",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
            },
            "/token": {"access_token": "a", "token_type": "Bearer", "id_token": token},
            "/keys": {"keys": [_KEY.as_dict(private=False)]},
        }


@pytest.fixture
def said() -> Iterator[Said]:
    """A provider that says what a test wants."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = json.dumps(answers.answers[self.path]).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - likewise

        def log_message(self, *_words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers = Said(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with contextlib.ExitStack() as stack:
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            yield answers


async def test_keys_of_a_kind_that_is_not_known_are_left_alone(said: Said) -> None:
    """One that is for other applications kept everybody out."""
    said.answers["/keys"]["keys"] += [
        {"kty": "EC", "crv": "P-999", "x": "a", "y": "b", "kid": "other"},
        {"kty": "RSA", "kid": "half"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "a", "kid": "new"},
        "none",
    ]
    found = await OidcProvider(said.issuer, "pizarra", None).arrive(_BACK, "code", _DEPARTURE)
    assert (found.subject, found.name) == (f"{said.issuer} 7", "Greta")


@pytest.mark.parametrize("keys", [{}, [], None, {"keys": None}, {"keys": []}, {"keys": [1]}])
async def test_without_keys_nobody_comes_in(said: Said, keys: Any) -> None:
    said.answers["/keys"] = keys
    with pytest.raises(Unauthorized):
        await OidcProvider(said.issuer, "pizarra", None).arrive(_BACK, "code", _DEPARTURE)


@pytest.mark.parametrize("token", [{}, [], None, {"access_token": "a", "token_type": "Bearer"}])
async def test_without_a_token_nobody_comes_in(said: Said, token: Any) -> None:
    said.answers["/token"] = token
    with pytest.raises(Unauthorized):
        await OidcProvider(said.issuer, "pizarra", None).arrive(_BACK, "code", _DEPARTURE)


@pytest.mark.parametrize("metadata", [[1], 7, None, {}, {"issuer": ""}])
async def test_what_says_nothing_of_itself_is_no_provider(said: Said, metadata: Any) -> None:
    said.answers["/.well-known/openid-configuration"] = metadata
    with pytest.raises(Unavailable):
        await OidcProvider(said.issuer, "pizarra", None).depart(_BACK)


async def test_a_provider_says_where_to_go(said: Said) -> None:
    del said.answers["/.well-known/openid-configuration"]["authorization_endpoint"]
    with pytest.raises(Unavailable):
        await OidcProvider(said.issuer, "pizarra", None).depart(_BACK)
