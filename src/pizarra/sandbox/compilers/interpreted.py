"""No compiler: the files are run as they are."""

from pizarra.sandbox.compilers import Build, Diagnostic, Sources
from pizarra.sandbox.isolation.payload import Payload


class Interpreted:
    """Implements `Compiler` for languages that need none."""

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Return the files as they are."""
        return Build(Payload(sources.main, sources.files))

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """Nothing is known before the program runs."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""
