"""Settings: every knob and every limit, named, defaulted, and read from the environment only when asked."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path

from pydantic import field_validator
from pydantic_settings import SettingsConfigDict

from pizarra.kit.json_bounds import JsonBounds
from pizarra.kit.network import is_loopback_host
from pizarra.kit.tokens import looks_random
from pizarra.settings.accounts import Accounts
from pizarra.settings.http import Http
from pizarra.settings.installation import Installation
from pizarra.settings.questions import Questions
from pizarra.settings.realtime import Realtime
from pizarra.settings.retention import Retention
from pizarra.settings.runs import Runs
from pizarra.settings.sessions import Sessions

_USUAL_PORTS = {"http": ":80", "https": ":443"}
_ALIKE = 0.7  # of two names' letters: so much is a slip


class Settings(Questions, Runs, Sessions, Realtime, Http, Retention, Accounts, Installation):
    """All settings. Each is also a `PIZARRA_…` environment variable; `DATABASE_URL` is understood too."""

    model_config = SettingsConfigDict(env_prefix="PIZARRA_", extra="ignore", populate_by_name=True)

    @property
    def trusts_local(self) -> bool:
        """Whether requests from this computer are its owner's; bound elsewhere or behind a proxy they never are."""
        exposed = not is_loopback_host(self.host) or self.trusted_proxies or self.public_url
        return self.auth != "accounts" and not exposed

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        """Refuse what is no address or network: it would be trusted as a name that nobody checks."""
        for each in value:
            ip_network(each, strict=False)
        return value

    @field_validator("public_url", "cors_origins")
    @classmethod
    def _as_sent(cls, value: str | list[str] | None) -> str | list[str] | None:
        """Write addresses as browsers do, who compare letters: in small ones, and without the port of a scheme."""
        if isinstance(value, list):
            return [_origin(each) for each in value]
        return None if value is None else _origin(value)

    @field_validator("secret_key")
    @classmethod
    def _unguessable(cls, value: str | None) -> str | None:
        """Refuse a key that somebody typed to have one: it signs every credential."""
        if value is not None and not looks_random(value):
            raise ValueError("can be guessed. Make one: openssl rand -hex 32")
        return value

    @property
    def own_origins(self) -> list[str]:
        """Origins whose pages act for their visitor besides those of the request's own host."""
        developing = self.trusts_local or "cors_origins" in self.model_fields_set
        public = [self.public_url] if self.public_url is not None else []
        return [*(self.cors_origins if developing else []), *public]

    @field_validator("cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Let the environment write a list with commas."""
        return (
            [part.strip() for part in value.split(",") if part.strip()]
            if isinstance(value, str)
            else value
        )

    @property
    def json_bounds(self) -> JsonBounds:
        """What JSON from outside may hold."""
        return JsonBounds(self.max_json_pieces, self.max_json_depth)

    @property
    def sqlite_path(self) -> Path:
        """Where the embedded database lies."""
        return self.data_dir / "pizarra.db"

    @property
    def key_path(self) -> Path:
        """Where the signing key lies, unless it is a setting."""
        return self.data_dir / "secret.key"


def _origin(address: str) -> str:
    scheme, separator, place = address.lower().partition("://")
    return f"{scheme}{separator}{place.removesuffix(_USUAL_PORTS.get(scheme, ''))}"


def misspelt(environment: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """Yield variables that look like settings and are none, each with the setting that was probably meant."""
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(environment):
        kind, _, rest = name.partition("_")
        if kind == "PIZARRA" and rest not in known and not rest.startswith("TEST_"):
            near = next(iter(get_close_matches(rest, known, 1, _ALIKE)), None)
            yield name, f"PIZARRA_{near}" if near is not None else None
