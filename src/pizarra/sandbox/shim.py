"""First program inside the sandbox: sets the limits, starts the candidate's program, reports how it ended.

Runs as `python3 -I -S /shim.py CONFIG`, where CONFIG is JSON: `argv`, `status_fd`, `limits` (rlimit name → value).
It must be inside because the kernel counts processes per user namespace. It imports nothing of Pizarra.
"""

import ctypes
import json
import os
import resource
import sys

PR_SET_DUMPABLE = 4
STARTED = b"{}\n"  # from here on, an end without a report is the program's doing


def main() -> None:
    """Start the program and write one JSON line about its end to the status descriptor."""
    config = json.loads(sys.argv[1])
    status_fd = config["status_fd"]
    # Not dumpable: the program, which runs under the same uid, cannot open our descriptors and forge its status.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.write(status_fd, STARTED)
    child = os.fork()
    if child == 0:
        os.close(status_fd)
        os.setsid()  # `kill -STOP 0` reaches the program's own group only
        for name, value in config["limits"].items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
        try:
            os.execv(config["argv"][0], config["argv"])
        except OSError as error:
            os.write(2, f"{config['argv'][0]}: {error.strerror}\n".encode())
            os._exit(127)
    for descriptor in (0, 1, 2):
        os.close(descriptor)  # end of file reaches the program when its peers close, not when we do
    _, status, usage = os.wait4(child, 0)
    report = {
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "memory_kb": usage.ru_maxrss,
        "cpu_ms": int((usage.ru_utime + usage.ru_stime) * 1000),
    }
    os.write(status_fd, json.dumps(report).encode() + b"\n")
    os._exit(0)


main()
