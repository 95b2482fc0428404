"""The code flow with PKCE, by Authlib; the ID token is verified by joserfc."""

import contextlib
import secrets
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from pizarra.accounts.oidc import Departure, Identity
from pizarra.answers.codes import Code
from pizarra.errors import Unauthorized, Unavailable
from pizarra.kit.text import is_storable
from pizarra.models.account import MAX_SUBJECT

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never `none`, never a shared key
_SECONDS = 10.0
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OidcProvider:
    """Implements `Provider`."""

    def __init__(self, issuer: str, client_id: str, client_secret: str | None) -> None:
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._metadata: dict[str, Any] | None = None

    async def depart(self, redirect_uri: str) -> Departure:
        """Return where to send a browser."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._client(redirect_uri) as client:
            metadata = await self._discover(client)
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Departure(str(url), state, nonce, verifier)

    async def arrive(self, redirect_uri: str, code: str, departure: Departure) -> Identity:
        """Return who a browser belongs to that came back with a code."""
        try:
            async with self._client(redirect_uri) as client:
                metadata = await self._discover(client)
                token = await client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=departure.verifier
                )
                keys = _known_keys(
                    (await client.request("GET", metadata["jwks_uri"], withhold_token=True)).json()
                )
        except HTTPError as error:
            raise Unavailable(
                "The identity provider does not answer. Try again.",
                code=Code.IDENTITY_PROVIDER_UNREACHABLE,
            ) from error
        except (AuthlibBaseError, ValueError, KeyError, TypeError) as error:
            raise Unauthorized(
                "The identity provider did not accept the sign-in. Start again.",
                code=Code.SIGN_IN_REFUSED,
            ) from error
        claims = self._verified(str(token.get("id_token", "")), keys, metadata, departure.nonce)
        email = _text(claims, "email") if claims.get("email_verified") is True else ""
        name = (
            _text(claims, "name") or _text(claims, "preferred_username") or email.partition("@")[0]
        )
        return Identity(self._subject(claims), email or None, name)

    def _subject(self, claims: dict[str, Any]) -> str:
        """Return who somebody is there: all of it, for a part could be somebody else's too."""
        subject = f"{self._issuer} {_text(claims, 'sub')}"
        if subject.endswith(" ") or len(subject) > MAX_SUBJECT:
            raise _not_genuine()
        return subject

    def _verified(
        self, id_token: str, keys: KeySet, metadata: dict[str, Any], nonce: str
    ) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=30,
            iss={"essential": True, "value": metadata["issuer"]},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            token = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
            registry.validate(token.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise _not_genuine() from error
        if token.claims.get("azp", self._client_id) != self._client_id:
            raise _not_genuine()  # made for another application, which may show it to us as well
        return dict(token.claims)

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            redirect_uri=redirect_uri,
            scope="openid email profile",
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    async def _discover(self, client: AsyncOAuth2Client) -> dict[str, Any]:
        if self._metadata is None:
            address = f"{self._issuer}/.well-known/openid-configuration"
            try:
                answer = await client.request("GET", address, withhold_token=True)
                metadata = dict(answer.raise_for_status().json())
                if missing := [each for each in _ENDPOINTS if each not in metadata]:
                    raise KeyError(*missing)
            except (HTTPError, ValueError, TypeError, KeyError) as error:
                raise Unavailable(
                    "The identity provider does not answer. Try again, or use a password.",
                    code=Code.IDENTITY_PROVIDER_UNREACHABLE,
                ) from error
            if str(metadata.get("issuer", "")).rstrip("/") != self._issuer:
                raise Unavailable(
                    "The identity provider calls itself by another name: mend PIZARRA_OIDC_ISSUER.",
                    code=Code.IDENTITY_PROVIDER_MISCONFIGURED,
                )
            self._metadata = metadata
        return self._metadata


def _not_genuine() -> Unauthorized:
    return Unauthorized(
        "The identity provider's answer is not genuine. Start again.", code=Code.SIGN_IN_REFUSED
    )


def _text(claims: dict[str, Any], name: str) -> str:
    """Return a text of an ID token that can be kept; else none."""
    found = claims.get(name)
    return found if isinstance(found, str) and is_storable(found) else ""


def _known_keys(published: Any) -> KeySet:
    """Return the keys of a provider that are of a kind known here; others may be for other applications (RFC 7517, 5).

    Raises:
        KeyError, TypeError: these are no keys.
    """
    keys = []
    for each in published["keys"]:
        with contextlib.suppress(JoseError, ValueError, KeyError, TypeError):
            keys.append(JWKRegistry.import_key(each))
    return KeySet(keys)
