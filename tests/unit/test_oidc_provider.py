"""What an identity provider may say that is odd, and nobody is shown a fault of ours for it."""

import base64
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from tests.harness.application import application

from pizarra.accounts.oidc import Departure
from pizarra.accounts.oidc_provider import OidcProvider
from pizarra.config import Settings
from pizarra.errors import Unauthorized, Unavailable

_KEY = ECKey.generate_key("P-256", {"kid": "ours", "use": "sig"})
_DEPARTURE = Departure("", "state", "nonce", "verifier")
_BACK = "http://127.0.0.1/api/sign-in/oidc/callback"


class SoFar(NamedTuple):
    """An instant so many seconds from when somebody signs it."""

    seconds: int


def signed(claims: dict[str, Any]) -> str:
    now = int(time.time())  # a claim that is drawn up long before is said of then
    dated = {
        name: now + each.seconds if isinstance(each, SoFar) else each
        for name, each in claims.items()
    }
    return jwt.encode({"alg": "ES256", "kid": "ours"}, dated, _KEY)


class Said:
    """A provider's answers, by their paths."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        now = int(time.time())
        claims = {"iss": issuer, "aud": "pizarra", "sub": "7", "nonce": "nonce", "exp": now + 60}
        self.claims: dict[str, Any] = claims | {"name": "Greta"}
        token = signed(self.claims)
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


@pytest.mark.parametrize(
    "claims",
    [
        *({"iss": each} for each in ("https://evil.example", "", None)),
        *({"aud": each} for each in ("other", ["other"], [], None)),
        *({"nonce": each} for each in ("other", "", None)),
        *({"azp": each} for each in ("other", "", None)),
        *({"sub": each} for each in ("", None, 7, ["7"], "a\0b", "7" * 300)),
        *({"exp": each} for each in (0, SoFar(-60), "soon", None)),
        *({"nbf": each} for each in (SoFar(600), "soon")),
        {"iat": SoFar(600)},
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_brings_nobody(
    said: Said, claims: dict[str, Any]
) -> None:
    """A long name there was whoever it began with, and a token of another application was ours."""
    said.answers["/token"]["id_token"] = signed(said.claims | claims)
    with pytest.raises(Unauthorized):
        await OidcProvider(said.issuer, "pizarra", None).arrive(_BACK, "code", _DEPARTURE)


async def test_a_token_without_a_signature_of_the_providers_brings_nobody(said: Said) -> None:
    head, body, signature = signed(said.claims).split(".")
    shared = OctKey.import_key(json.dumps(_KEY.as_dict(private=False)))
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for token in (
        f"{none}.{body}.",
        f"{head}.{body}.",
        f"{head}.{body}.{'A' * len(signature)}",
        jwt.encode({"alg": "HS256", "kid": "ours"}, said.claims, shared),
        jwt.encode({"alg": "ES256"}, said.claims, ECKey.generate_key("P-256")),
    ):
        said.answers["/token"]["id_token"] = token
        with pytest.raises(Unauthorized):
            await OidcProvider(said.issuer, "pizarra", None).arrive(_BACK, "code", _DEPARTURE)


@pytest.mark.parametrize(
    ("claims", "email", "name"),
    [
        ({"aud": ["pizarra", "other"], "azp": "pizarra"}, None, "Greta"),
        ({"email": "g@example.org", "email_verified": "true"}, None, "Greta"),
        ({"email": 7, "email_verified": True, "name": None}, None, ""),
        ({"email": "g@example.org", "email_verified": True, "name": ["x"]}, "g@example.org", "g"),
        ({"name": "a\0b", "preferred_username": "greta"}, None, "greta"),
        ({"exp": SoFar(-10), "nbf": SoFar(10)}, None, "Greta"),
    ],
)
async def test_what_it_says_of_somebody_is_text_or_nothing(
    said: Said, claims: dict[str, Any], email: str | None, name: str
) -> None:
    said.answers["/token"]["id_token"] = signed(said.claims | claims)
    found = await OidcProvider(said.issuer, "pizarra", None).arrive(_BACK, "code", _DEPARTURE)
    assert (found.email, found.name) == (email, name)


@pytest.mark.parametrize(
    ("scheme", "starts"),
    [("https", "__Host-pizarra-oidc="), ("http", "pizarra-oidc=")],
)
async def test_over_tls_no_other_host_plants_who_left(
    settings: Settings, said: Said, scheme: str, starts: str
) -> None:
    """A host beside ours could have its visitors come back as who left there: signed in as somebody else."""
    known = settings.model_copy(
        update={"auth": "accounts", "oidc_issuer": said.issuer, "oidc_client_id": "pizarra"}
    )
    async with application(known) as running, running.client() as client:
        left = await client.get(f"{scheme}://127.0.0.1:8000/api/sign-in/oidc")
    cookie = left.headers["set-cookie"]
    assert cookie.startswith(starts)
    said_of_it = {each.strip().lower() for each in cookie.split(";")}
    assert {"httponly", "samesite=lax"} <= said_of_it
    assert ("secure" in said_of_it) == (scheme == "https")
    assert ("path=/" in said_of_it) == (scheme == "https")
    assert not any(each.startswith("domain") for each in said_of_it)


@pytest.mark.parametrize("metadata", [[1], 7, None, {}, {"issuer": ""}])
async def test_what_says_nothing_of_itself_is_no_provider(said: Said, metadata: Any) -> None:
    said.answers["/.well-known/openid-configuration"] = metadata
    with pytest.raises(Unavailable):
        await OidcProvider(said.issuer, "pizarra", None).depart(_BACK)


async def test_a_provider_says_where_to_go(said: Said) -> None:
    del said.answers["/.well-known/openid-configuration"]["authorization_endpoint"]
    with pytest.raises(Unavailable):
        await OidcProvider(said.issuer, "pizarra", None).depart(_BACK)


def test_a_variable_that_is_there_and_empty_is_no_provider() -> None:
    settings = Settings(oidc_issuer="", oidc_client_id="", oidc_client_secret="")
    assert (settings.oidc_issuer, settings.oidc_client_id) == (None, None)
    assert settings.oidc_client_secret is None
