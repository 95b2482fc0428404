"""What a runner is started with, as one value: the web process hands it over whole, `pizarra worker` has options."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pizarra.sandbox.isolation.confinement import Method


class RunnerSettings(BaseModel):
    """How many programs a runner runs at once, what they and their compilers may take, and where its own things are.

    `slots` compute at once; `resting` more may wait for input; `queue` wait for a slot; `warm` sandboxes are kept
    ready at most. `tools` and `libraries` are folders; of `None` there are none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: int = 4
    queue: int = 32
    resting: int = 16
    warm: int = 12
    cache_bytes: int = 268_435_456
    language_servers: int = 4
    compile_seconds: float = 15.0
    compile_memory_bytes: int = 1_073_741_824
    first_uid: int = 60_000
    tools: Path | None = None
    libraries: Path | None = None
    sandbox: Method = "bubblewrap"
    sandbox_dir: Path | None = None
