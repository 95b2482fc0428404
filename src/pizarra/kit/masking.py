"""What opens a session never stands in a log: tokens and passwords, wherever they are in a text."""

import re

# Every path with a credential in it, up to that: the log and the spans show `***` there.
_BEFORE_TOKENS = ("j", "r", "api/invitations", "api/replays")
_SECRET_PATHS = re.compile(f"^(/+(?:{'|'.join(_BEFORE_TOKENS)})/+)[^/]+")
_SECRET_VALUES = re.compile(
    r"(?i)((?:token|password|secret|authorization|cookie)[\"']?\s*[=:]\s*[\"']?)[^\s\"',&]+"
)
_URL_PASSWORD = re.compile(r"(://[^:/@\s]+:)[^/@\s]+@")
# What every token of ours looks like, wherever somebody puts it: signed ones, then those that are drawn.
_TOKENS = re.compile(
    r"[0-9a-f]{32}(?:(?:\.|%(?:25)*2e)[\w-]+)+|pz[a-z](?:_|%(?:25)*5f)[\w-]{16,}", re.IGNORECASE
)


def mask(text: str) -> str:
    """Return `text` without what looks like a credential."""
    shown = _TOKENS.sub("***", text)
    return _URL_PASSWORD.sub(r"\1***@", _SECRET_VALUES.sub(r"\1***", shown))


def masked_path(path: str) -> str:
    """Return a request's path without what stands where a credential does, or looks like one."""
    shown = _SECRET_PATHS.sub(r"\1***", path)
    # no token is without one of these: every request comes here
    return _TOKENS.sub("***", shown) if "." in shown or "%" in shown or "_" in shown else shown
