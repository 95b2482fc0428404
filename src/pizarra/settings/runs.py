"""What programs, compilers, formatters and language servers may take."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from pizarra.settings import KIB, MIB


class Runs(BaseSettings):
    """What programs, compilers, formatters and language servers may take."""

    runner: Literal["both", "embedded", "workers"] = Field(
        "both",
        description="Who runs programs: this machine, workers that connect (`pizarra worker --server`), or both.",
    )
    max_remote_workers: int = Field(
        200, ge=1, description="Workers of other machines connected at once; beyond it 1013."
    )
    max_connections_per_worker_token: int = Field(
        16, ge=1, description="Of these, with one token: a machine each; beyond it 1013."
    )
    remote_worker_bytes_per_second: int = Field(
        8 * MIB,
        ge=MIB,
        description="What one worker may say in a second, each message a KiB more than it is long; beyond it, it is "
        "read more slowly.",
    )
    remote_queue_seconds: float = Field(
        120,
        gt=0,
        description="How long a run may wait in the queue of workers on other machines, from when somebody asked for "
        "it: then it ends as `sandbox_error`.",
    )
    runner_socket: Path | None = Field(
        None, description="Socket of a separately started `pizarra worker`."
    )
    runner_slots: int = Field(
        4,
        ge=1,
        le=256,
        description="Sandboxes on this machine that compute at once. Beside them secret cases are tried, in half as "
        "many at most, and in one at least: nobody waits for them.",
    )
    runner_queue: int = Field(
        32,
        ge=0,
        description="Runs waiting on this machine; beyond it 503. A session has a quarter of them at most.",
    )
    runner_resting: int = Field(
        16,
        ge=0,
        le=256,
        description="Programs that wait, for input or time, besides the sandboxes that compute.",
    )
    runner_warm: int = Field(
        12,
        ge=0,
        le=256,
        description="Sandboxes kept ready, runtime loaded; about 10 MiB each, 30 for Java.",
    )
    max_language_servers: int = Field(
        4,
        ge=0,
        description="Language servers at once, up to 768 MB each; 0 for none. Each is for one session alone, and "
        "interviews (each with its rehearsals) have equal shares of them.",
    )
    max_assisted_bytes: int = Field(
        256 * KIB,
        ge=KIB,
        description="Largest program that language servers are asked about; beyond it 422.",
    )
    assists_per_minute: int = Field(
        600,
        ge=1,
        description="Questions of one person to language servers in a minute; beyond it 429.",
    )
    runner_cache_bytes: int = Field(
        256 * MIB, ge=MIB, description="Memory of the runner for compiled programs."
    )
    runner_first_uid: int = Field(
        60000, ge=1000, description="First of the host uids sandboxes run as."
    )
    sandbox: Literal["bubblewrap", "landlock"] = Field(
        "bubblewrap",
        description="`landlock` runs programs without user namespaces, behind weaker walls (tier C; see SECURITY.md).",
    )
    sandbox_dir: Path | None = Field(
        None,
        description="Where tier C keeps programs' files; best a small tmpfs of its own. The system's default if unset.",
    )
    cache_dir: Path | None = Field(
        None,
        description="Toolchains that sandboxes see; `/var/cache/pizarra` for root, else `~/.cache/pizarra`.",
    )
    libraries_dir: Path | None = Field(
        None,
        description="Libraries that programs may import, filled by `pizarra toolchains add`; sandboxes must be able to "
        "look into it. The folder `libraries` in that of the toolchains if unset.",
    )
    formats_per_minute: int = Field(
        60, ge=1, description="Texts one person has formatted in a minute; beyond it 429."
    )
    format_turn_seconds: float = Field(
        10.0,
        ge=0,
        description="While a formatted text may still be on its way, nobody else formats that file.",
    )
    max_runs_per_session: int = Field(
        4, ge=1, description="Programs of one session at once; beyond it 409."
    )
    max_runs_per_address: int = Field(
        32, ge=1, description="Programs at once that were started from one address; beyond it 429."
    )
    max_runs_per_invitation: int = Field(
        8,
        ge=1,
        description="Programs at once of one session and all its rehearsals; beyond it 429.",
    )
    max_reruns_kept: int = Field(
        200, ge=1, description="Reruns of earlier instants whose results are kept in memory."
    )
    max_reruns_per_session: int = Field(
        4, ge=1, description="Reruns of one session and its rehearsals at once; beyond it 429."
    )
    max_rerun_bytes: int = Field(
        64 * MIB, ge=MIB, description="The output of reruns that is kept, in all."
    )
    rerun_minutes: float = Field(
        30.0, gt=0, le=52_560_000, description="How long the output of a rerun is kept."
    )
    run_wall_seconds: float = Field(
        10.0, gt=0, le=600, description="Longest run without a terminal."
    )
    run_terminal_seconds: float = Field(
        1800.0, gt=0, le=86_400, description="Longest run with a terminal."
    )
    run_idle_seconds: float = Field(
        300.0,
        gt=0,
        description="A run with a terminal ends when nobody typed and it did nothing for this long.",
    )
    run_cpu_seconds: float = Field(10.0, ge=1, le=600, description="Processor time of one run.")
    run_children_seconds: float = Field(
        1.0,
        ge=0,
        le=60,
        description="How long processes that a program leaves behind may go on, and print.",
    )
    run_memory_bytes: int = Field(256 * MIB, ge=64 * MIB, description="Memory of one run.")
    # Measured on two cores: 64 is too few for a pool of 50 threads in Java, which has twenty of its own, and for 100 of
    # any language; 128 for 200. Node with 16 workers, g++ and a hello in Java do with 32. A loop that forks without end
    # costs others nothing more at 256 than at 64 where a cgroup counts; where none does, a program beside it starts in
    # 0.7 s instead of 0.5, until the loop's time is up. (There the stacks of 31 threads are all of a run's memory.)
    run_processes: int = Field(256, ge=4, description="Processes and threads of one run.")
    run_output_bytes: int = Field(
        1 * MIB, ge=KIB, description="Output of one run, both streams together."
    )
    run_input_bytes: int = Field(
        1 * MIB, ge=KIB, description="Input typed into one run; beyond it 409."
    )
    run_resize_seconds: float = Field(
        0.2,
        ge=0,
        description="A run's terminal changes its size at most this often; the latest size counts.",
    )
    max_run_resizes: int = Field(
        300,
        ge=1,
        description="How often a run's terminal may change its size; beyond it the size stays.",
    )
    run_disk_bytes: int = Field(64 * MIB, ge=MIB, description="Files one run may write.")
    run_source_files: int = Field(
        1000, ge=1, description="Files of one program; who runs more is refused: 409."
    )
    run_files: int = Field(
        8192, ge=64, description="Files and folders one run may make, in each place it can write."
    )
    run_wait_seconds: float = Field(
        60.0, gt=0, description="Longest answer of `POST …/runs?wait=true`."
    )
    compile_seconds: float = Field(
        15.0,
        gt=0,
        le=300,
        description="Longest compilation; javac, esbuild and the type checker, which all sessions share, have a third.",
    )
    compile_memory_bytes: int = Field(
        1024 * MIB, ge=256 * MIB, description="Memory of one compilation."
    )
    prepare_seconds: float = Field(
        0.7,
        gt=0,
        description="A program is compiled ahead of time when nobody has typed for this long.",
    )
    prepare_command_seconds: float = Field(
        5.0,
        ge=0,
        description="A C++ program, which needs a compiler of its own, is compiled ahead of time at most this often in "
        "each session.",
    )
    max_stdin_bytes: int = Field(256 * KIB, ge=0, description="Largest standard input of one run.")
