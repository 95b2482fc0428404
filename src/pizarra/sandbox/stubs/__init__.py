"""Programs that load a language's runtime ahead of time inside the sandbox, and wait there for what to run."""

from importlib import resources


def source(name: str) -> bytes:
    """Return one of them."""
    return (resources.files(__name__) / name).read_bytes()
