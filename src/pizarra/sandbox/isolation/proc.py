"""What a sandbox does not see of `/proc`: how much everybody else on this machine does."""

import os
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

# Of oneself, of one's namespaces, or the same at all times.
_KEPT = {
    *(
        "self",
        "thread-self",
        "mounts",
        "net",
        "sys",
        "sysvipc",
        "tty",
        "filesystems",
        "version",
        "devices",
        "consoles",
    ),
    *(
        "crypto",
        "misc",
        "execdomains",
        "mtrr",
        "dma",
        "ioports",
        "iomem",
        "config.gz",
        "partitions",
        "acpi",
        "bus",
    ),
    *("driver", "kallsyms", "scsi", "mdstat", "modules", "fb"),
    *(
        "kmsg",
        "kcore",
        "kpagecgroup",
        "kpagecount",
        "kpageflags",
        "vmallocinfo",
        "slabinfo",
        "pagetypeinfo",
    ),  # root's
    *("timer_list", "sched_debug", "sysrq-trigger", "allocinfo"),
}
_COUNTERS = ("/proc/sys/fs", "/proc/sys/kernel/pty")  # open files and terminals of the machine


def covers(memory_bytes: int) -> tuple[Mapping[str, bytes], list[str], list[str]]:
    """Return what lies over `/proc`: files with their content, files that nobody may open, and empty folders."""
    contents = {
        "meminfo": _memory(memory_bytes),
        "stat": _processors(),
        "cpuinfo": _models(),
        "uptime": _uptime(),
    }
    contents["loadavg"] = b"0.00 0.00 0.00 1/1 1\n"
    files, folders = _others()
    shown = {f"/proc/{name}": content for name, content in contents.items()}
    return shown, [path for path in files if path not in shown], folders


@cache
def _others() -> tuple[list[str], list[str]]:
    names = [
        each
        for each in Path("/proc").iterdir()
        if not each.name.isdigit() and each.name not in _KEPT
    ]
    folders = [str(each) for each in names if each.is_dir()]
    return [str(each) for each in names if not each.is_dir()], [
        *folders,
        *filter(os.path.exists, _COUNTERS),
    ]


def _memory(memory_bytes: int) -> bytes:
    size = memory_bytes >> 10
    names = ("MemTotal", "MemFree", "MemAvailable")
    empty = ("Buffers", "Cached", "SwapCached", "SwapTotal", "SwapFree", "Shmem", "SReclaimable")
    return "".join(f"{name}: {size} kB\n" for name in names).encode() + b"".join(
        b"%s: 0 kB\n" % name.encode() for name in empty
    )


def _processors() -> bytes:
    names = ["cpu ", *(f"cpu{number}" for number in range(os.cpu_count() or 1))]
    return "".join(f"{name} 0 0 0 0 0 0 0 0 0 0\n" for name in names).encode() + b"btime 0\n"


@cache
def _models() -> bytes:
    """Return what the processors are; how fast they are at the moment depends on what they do."""
    return Path("/proc/cpuinfo").read_bytes()


def _uptime() -> bytes:
    return b"%.2f 0.00\n" % time.clock_gettime(time.CLOCK_BOOTTIME)
