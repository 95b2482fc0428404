"""Who gets in, and how often somebody may try."""

from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings


class Accounts(BaseSettings):
    """Who gets in, and how often somebody may try."""

    oidc_issuer: str | None = Field(
        None,
        pattern=r"^https?://[^/\s?#]+[^\s?#]*$",
        description="OpenID Connect provider, such as https://login.example.org.",
    )
    oidc_client_id: str | None = Field(None, description="This server's client id there.")
    oidc_client_secret: str | None = Field(None, description="This server's client secret there.")
    oidc_name: str = Field(
        "single sign-on", description="What the sign-in button calls the provider."
    )
    oidc_team: str | None = Field(
        None,
        description="Team of people who come for the first time; unset, only those who have an account get in.",
    )
    setup_minutes: int = Field(
        15, ge=1, le=52_560_000, description="How long the first start's set-up link works."
    )
    account_link_hours: int = Field(
        72, ge=1, le=876_000, description="How long the link of a new or reset account works."
    )
    sign_in_days: int = Field(
        14, ge=1, le=36_500, description="How long a browser stays signed in."
    )
    min_password_length: int = Field(
        10, ge=8, le=128, description="Shortest password, in characters."
    )
    sign_in_attempts_per_name: int = Field(
        10, ge=1, description="Wrong passwords for one name in five minutes; beyond it 429."
    )
    sign_in_attempts_per_address: int = Field(
        50,
        ge=1,
        description="Sign-ins and one-time links tried from one address in five minutes; beyond it 429.",
    )
    max_sign_ins_waiting: int = Field(
        10, ge=1, description="Passwords that wait to be checked, two at a time; beyond it 503."
    )
    joins_per_address: int = Field(
        600, ge=1, description="Joins from one address in a minute; beyond it 429."
    )
    max_people_per_link: int = Field(
        500,
        ge=1,
        description="People who ever came by one link; beyond it 409, and the host makes another link.",
    )
    max_waiting: int = Field(
        50, ge=1, description="People who wait for the host by one link; beyond it 409."
    )
    waiting_per_address: int = Field(
        10,
        ge=1,
        description="The same from one address in ten minutes; beyond it 429. Behind a proxy all have its own.",
    )
    access_check_seconds: float = Field(
        0.5, gt=0, le=1, description="How often open sockets are looked at: may they still be here?"
    )
    lock_grace_seconds: float = Field(
        0.7,
        ge=0,
        le=1,
        description="Edits under way when editing is locked still count for this long.",
    )
    invitation_days: int = Field(
        30, ge=1, le=36_500, description="How long an invitation opens its session."
    )

    @field_validator("oidc_issuer", "oidc_client_id", "oidc_client_secret", mode="before")
    @classmethod
    def _blank(cls, value: object) -> object:
        """Take a variable that is there and empty, as files of them have it, for none."""
        return None if value == "" else value

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        """Refuse half a provider: nobody would be told why the page offers no way to it."""
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            missing = "OIDC_ISSUER" if self.oidc_issuer is None else "OIDC_CLIENT_ID"
            raise ValueError(f"half an identity provider is set: PIZARRA_{missing} is missing")
        return self
