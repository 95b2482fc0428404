"""Shapes of accounts, teams, signing in and API tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from pizarra.models import AccountRole, Scope
from pizarra.models.account import MAX_DISPLAY_NAME, MAX_LOGIN_NAME
from pizarra.schemas import RequestModel, ResponseModel, StorableText

LoginName = Annotated[StorableText, Field(min_length=1, max_length=MAX_LOGIN_NAME)]
DisplayName = Annotated[StorableText, Field(max_length=MAX_DISPLAY_NAME)]
Password = Annotated[StorableText, Field(max_length=512)]
AccountRoleChoice = Annotated[AccountRole, Field(strict=False)]
ScopeChoice = Annotated[Scope, Field(strict=False)]
Secret = Annotated[StorableText, Field(max_length=200)]
_ID = "0123456789abcdef0123456789abcdef"
_TIME = "2026-11-24T09:30:00.000000Z"


class AccountRead(ResponseModel):
    """Somebody who may sign in."""

    account_id: str = Field(description="Its id.", examples=[_ID])
    name: str = Field(description="What they sign in with.", examples=["ana@example.org"])
    display_name: str = Field(description="How others see them.", examples=["Ana"])
    role: AccountRole = Field(description="`admin` or `interviewer`.", examples=["interviewer"])
    team_id: str = Field(description="Their team.", examples=[_ID])
    team: str = Field(description="Their team's name.", examples=["Interviewers"])
    disabled: bool = Field(description="Whether they are locked out.", examples=[False])
    has_password: bool = Field(description="Whether they have set a password.", examples=[True])
    created_at: datetime = Field(description="When it was created.", examples=[_TIME])


class Me(ResponseModel):
    """Who you are here, and how one gets in."""

    auth: Literal["local", "accounts"] = Field(
        description="`local`: this computer's owner is trusted; `accounts`: everybody signs in.",
        examples=["accounts"],
    )
    is_owner: bool = Field(
        description="Whether you are the owner of this computer.", examples=[False]
    )
    account: AccountRead | None = Field(
        description="Your account, if you are signed in.", examples=[None]
    )
    needs_setup: bool = Field(
        description="Whether there is no account yet: whoever started the server has a link that makes the first.",
        examples=[False],
    )
    single_sign_on: str | None = Field(
        description="What the identity provider is called, if there is one: go to `/api/sign-in/oidc`.",
        examples=["single sign-on"],
    )
    min_password_length: int = Field(
        description="The shortest password that is taken.", examples=[10]
    )


class SignInCreate(RequestModel):
    """How to sign in."""

    name: LoginName = Field(description="Your name here.", examples=["ana@example.org"])
    password: Password = Field(
        description="Your password.", examples=["correct horse battery staple"]
    )


class LinkUse(RequestModel):
    """What a one-time link sets: a password, and for the very first account its name."""

    token: Secret = Field(description="What follows `#` in the link.", examples=["pzl_abc"])
    password: Password = Field(
        description="The password to set.", examples=["correct horse battery staple"]
    )
    name: LoginName | None = Field(
        None,
        description="For the first account: what to sign in with.",
        examples=["ana@example.org"],
    )
    display_name: DisplayName | None = Field(
        None, description="For the first account: how others see you.", examples=["Ana"]
    )


class LinkShown(RequestModel):
    """A one-time link, to be told whose it is."""

    token: Secret = Field(description="What follows `#` in the link.", examples=["pzl_abc"])


class LinkOf(ResponseModel):
    """Whose password a one-time link sets: an account's, or that of the first one, which it makes."""

    name: str | None = Field(
        description="What its account signs in with; null: it makes the first account.",
        examples=["ana@example.org"],
    )
    display_name: str | None = Field(
        description="How others see its account; null: it makes the first account.",
        examples=["Ana"],
    )


class PasswordChange(RequestModel):
    """A new password."""

    old_password: Password = Field(
        description="The one you have.", examples=["correct horse battery staple"]
    )
    password: Password = Field(
        description="The one you want.", examples=["staple battery horse correct"]
    )


class AccountCreate(RequestModel):
    """Whom to let in. The answer has a link with which they set their password."""

    name: LoginName = Field(description="What they sign in with.", examples=["bo@example.org"])
    display_name: DisplayName = Field("", description="How others see them.", examples=["Bo"])
    role: AccountRoleChoice = Field(
        AccountRole.INTERVIEWER, description="`admin` or `interviewer`.", examples=["interviewer"]
    )
    team_id: StorableText | None = Field(
        None, description="Their team; yours if left out.", examples=[_ID]
    )


class AccountUpdate(RequestModel):
    """What to change. What is left out stays."""

    display_name: DisplayName | None = Field(
        None, description="How others see them.", examples=["Bo"]
    )
    role: AccountRoleChoice | None = Field(
        None, description="`admin` or `interviewer`.", examples=["admin"]
    )
    team_id: StorableText | None = Field(None, description="Their team.", examples=[_ID])
    disabled: bool | None = Field(
        None, description="Lock them out, or let them in again.", examples=[True]
    )


class LinkRead(ResponseModel):
    """A link that sets a password once. It cannot be shown again."""

    url: str = Field(
        description="The link to send.", examples=["https://pizarra.example.org/welcome#pzl_abc"]
    )
    expires_at: datetime = Field(description="Until when it works.", examples=[_TIME])


class AccountCreated(ResponseModel):
    """A new account, and its link."""

    account: AccountRead = Field(description="The account.")
    link: LinkRead = Field(description="The link to send to them.")


class TeamRead(ResponseModel):
    """People who see each other's sessions."""

    team_id: str = Field(description="Its id.", examples=[_ID])
    name: str = Field(description="Its name.", examples=["Interviewers"])
    retention_days: int | None = Field(
        description="Ended sessions are erased after so many days; null: they are kept.",
        examples=[180],
    )


class TeamCreate(RequestModel):
    """A new team."""

    name: DisplayName = Field(description="Its name.", min_length=1, examples=["Backend"])
    retention_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="Erase ended sessions after so many days; null keeps them.",
        examples=[180],
    )


class TeamUpdate(RequestModel):
    """What to change. What is left out stays; a retention of 0 keeps sessions."""

    name: DisplayName | None = Field(
        None, description="Its name.", min_length=1, examples=["Backend"]
    )
    retention_days: int | None = Field(
        None,
        ge=0,
        le=36_500,
        description="Erase ended sessions after so many days; 0 keeps them.",
        examples=[180],
    )


class SignInRead(ResponseModel):
    """A browser that is signed in."""

    sign_in_id: str = Field(description="Its id.", examples=[_ID])
    browser: str = Field(
        description="What it calls itself.", examples=["Mozilla/5.0 (X11; Linux x86_64)"]
    )
    created_at: datetime = Field(description="When it signed in.", examples=[_TIME])
    used_at: datetime = Field(description="When it was last used, to the minute.", examples=[_TIME])
    is_this: bool = Field(description="Whether it is the one that asks.", examples=[True])


class TokenCreate(RequestModel):
    """A new API token."""

    name: DisplayName = Field(
        description="What it is for.", min_length=1, examples=["nightly export"]
    )
    scope: ScopeChoice = Field(
        Scope.READ,
        description="`read`: look; `write`: whatever you do with sessions; `admin`: everything you may.",
        examples=["read"],
    )


class TokenRead(ResponseModel):
    """An API token."""

    token_id: str = Field(description="Its id.", examples=[_ID])
    name: str = Field(description="What it is for.", examples=["nightly export"])
    scope: Scope = Field(description="What it may do.", examples=["read"])
    created_at: datetime = Field(description="When it was created.", examples=[_TIME])
    used_at: datetime | None = Field(
        description="When it was last used, to the minute.", examples=[None]
    )


class TokenCreated(TokenRead):
    """A new API token with its secret, which cannot be shown again."""

    token: str = Field(description="Use it as `Authorization: Bearer …`.", examples=["pzt_abc"])
