"""First program inside the sandbox: sets the limits, prepares the program, starts it when told, reports how it ended.

Runs as `python3 -I -S /shim.py CONFIG`, where CONFIG is a marshalled dict in hexadecimal: `control_fd`, `argv` (a stub
that loads a runtime ahead of time; None to start whatever is asked for), `rlimits` (name → value), `terminal`,
`nice`, `linger` (seconds that what the program leaves behind may go on), `work` (the program's folder), `landlock`
(tier C: what to confine with, since nothing else does; else None).
It must be inside because the kernel counts processes per user namespace. It imports nothing of Pizarra, and not json,
which would take as long to load as everything else together.

Over the control socket it says `{"ready": true}`, with descriptors of the folders that can be written; it reads a
marshalled header with its length in four bytes before it (`files`: [path, size, mode], `go`: the line the program's
side waits for, `collect`, `collect_bytes`) and the files' bytes after it; it says `{"started": true}`. Once the program
has ended it says `{"left": {"exit_code", "signal", "memory_kb"}}`; what that left behind may go on for a moment. At the
end of all it sends each collected file, as a line `{"file", "size"}` and its bytes, and then `{"ended": …}`, which is
the same again. In tier C `{"beyond": why}` says that its files are too many.

In tier C there is no pid namespace whose end would end everything: the shim does, at the program's end, at SIGTERM and
when the runner is no more.
Two Landlock domains, one in the other, let the shim signal the program and everything it started, and nothing else;
and let the program signal its own kind, but not the shim.
"""

import _signal  # type: ignore[import-not-found]  # the signal module takes longer to load
import _socket
import ctypes
import fcntl
import marshal
import os
import resource
import select
import stat
import struct
import sys
import termios

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = (
    1,
    4,
    22,
    36,
    38,
)
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = (
    1 << 0,
    1 << 1,
    1 << 2,
    1 << 3,
    1 << 14,
    1 << 15,
)
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
ALL_FILES, ALL_TCP, ALL_SCOPES = (1 << 16) - 1, 3, 3  # scopes: abstract sockets, signals
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
LOOK_SECONDS = 0.1
LINGER_STEP_SECONDS = 0.004
WRITABLE = ("/work", "/tmp", "/dev/shm")
GO_FD, READY_FD = 3, 4  # where a stub reads what to run, and where it says that it can


def main() -> None:
    """Serve one program."""
    config = marshal.loads(bytes.fromhex(sys.argv[1]))
    # Not dumpable: the program, which runs under the same uid, cannot open our descriptors and forge its status.
    LIBC.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    rules = config["landlock"]
    if rules is not None:
        stand_alone(config)
    control = _socket.socket(fileno=config["control_fd"])
    os.set_inheritable(config["control_fd"], False)
    go_read, go_write = os.pipe()
    ready_read, ready_write = os.pipe()
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # whatever loses its parent becomes our child
    if config["terminal"]:
        own_terminal()
    child = os.fork()
    if child == 0:
        become_program(config, go_read, ready_write)
    os.close(go_read)
    os.close(ready_write)
    for descriptor in (0, 1, 2):
        os.close(descriptor)  # end of file reaches the program when its peers close, not when we do
    if config["argv"] is not None:
        os.read(ready_read, 1)
    os.close(ready_read)
    folders = [os.open(path, os.O_PATH | os.O_DIRECTORY) for path in ([] if rules else WRITABLE)]
    rights = b"".join(folder.to_bytes(4, sys.byteorder) for folder in folders)
    control.sendmsg([b'{"ready": true}\n'], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    header = receive_payload(control, config["work"])
    # from here on, an end without a report is the program's doing
    control.sendall(b'{"started": true}\n')
    os.write(go_write, header["go"].encode() + b"\n")
    os.close(go_write)
    status, usage = wait_for(child) if rules is None else attend(child, rules, control)
    exit_code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else "null"
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else "null"
    report = f'{{"exit_code": {exit_code}, "signal": {number}, "memory_kb": {usage.ru_maxrss}}}'
    control.sendall(f'{{"left": {report}}}\n'.encode())
    linger(config["linger"])
    if rules is not None:
        end_everything()
    for path in header["collect"]:
        send_file(control, config["work"] + "/" + path, path, header["collect_bytes"])
    control.sendall(f'{{"ended": {report}}}\n'.encode())
    os._exit(0)


def become_program(config: dict, go_read: int, ready_write: int) -> None:  # type: ignore[type-arg]
    """Turn into the stub, or wait for what to turn into."""
    if config["terminal"]:
        os.setpgid(0, 0)
        # sent to whoever comes to the foreground by itself
        _signal.signal(_signal.SIGTTOU, _signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpid())
    else:
        os.setsid()  # `kill -STOP 0` reaches the program's own group only
    forget_signals()
    os.nice(config["nice"])
    for name, value in config["rlimits"].items():
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
    os.dup2(go_read, 10)  # out of the way of the two that a stub expects
    os.dup2(ready_write, 11)
    os.closerange(3, 10)
    # nothing of ours goes on; and the end of the shim is the end of what we wait for
    os.closerange(12, 1 << 20)
    if config["landlock"] is not None:
        confine(config["landlock"], [f"/proc/{os.getpid()}/fd"])
        refuse_calls(config["landlock"]["filter"])
    argv, environment = config["argv"], dict(os.environ)
    if argv is None:
        line = b""
        while not line.endswith(b"\n"):
            part = os.read(10, 65536)
            if not part:
                os._exit(0)
            line += part
        argv = marshal.loads(bytes.fromhex(line.decode()))
    else:
        os.dup2(10, GO_FD)
        os.dup2(11, READY_FD)
    argv = [place(part, config["landlock"]) for part in argv]
    os.closerange(3 if config["argv"] is None else READY_FD + 1, 1 << 20)
    try:
        os.execve(argv[0], argv, environment)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127)


def own_terminal() -> None:
    """Lead the terminal's session, as a shell does: the end of the program then hangs up on none of its children."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def forget_signals() -> None:
    """Let every signal do what it does by itself: what a parent ignores or blocks is inherited through exec."""
    for number in range(1, _signal.NSIG):
        try:
            _signal.signal(number, _signal.SIG_DFL)
        except (OSError, ValueError):
            continue  # nobody can change it, or it belongs to the C library
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def wait_for(child: int) -> tuple:  # type: ignore[type-arg]
    """Wait for the program, and collect orphans. There is no shell to come back to: ^Z stops nothing."""
    while True:
        pid, status, usage = os.wait4(-1, os.WUNTRACED)
        if pid != child:
            continue
        if not os.WIFSTOPPED(status):
            return status, usage
        go_on(child, status)


def go_on(child: int, status: int) -> None:
    """Continue a program that was stopped from the terminal."""
    if os.WSTOPSIG(status) == _signal.SIGTSTP:
        os.kill(-child, _signal.SIGCONT)


def linger(seconds: float) -> None:
    """Give what the program left behind a moment to say its last words."""
    rounds = int(seconds / LINGER_STEP_SECONDS)
    try:
        while os.wait4(-1, os.WNOHANG)[0] or rounds > 0:
            rounds -= 1
            select.select((), (), (), LINGER_STEP_SECONDS)
    except ChildProcessError:
        pass  # nobody is left


def receive_payload(control: _socket.socket, work: str) -> dict:  # type: ignore[type-arg]
    """Read what to run, and write its files."""
    buffer = bytearray()
    while len(buffer) < 4 or len(buffer) < 4 + int.from_bytes(buffer[:4], "big"):
        fill(control, buffer)
    size = int.from_bytes(buffer[:4], "big")
    header = marshal.loads(bytes(buffer[4 : 4 + size]))
    del buffer[: 4 + size]
    for path, size, mode in header["files"]:
        while len(buffer) < size:
            fill(control, buffer)
        target = work + "/" + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        view = memoryview(bytes(buffer[:size]))
        while view:
            view = view[os.write(descriptor, view) :]
        os.close(descriptor)
        del buffer[:size]
    return header  # type: ignore[no-any-return]


def fill(control: _socket.socket, buffer: bytearray) -> None:
    """Read more; the end of the socket is the end of us."""
    part = control.recv(1 << 18)
    if not part:
        leave()
    buffer += part


def send_file(control: _socket.socket, path: str, name: str, limit: int) -> None:
    """Send a regular file of the work folder, if it is there and not too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    about = os.fstat(descriptor)
    if stat.S_ISREG(about.st_mode) and about.st_size <= limit:
        content = b""
        while part := os.read(descriptor, 1 << 20):
            content += part
        control.sendall(f'{{"file": "{name}", "size": {len(content)}}}\n'.encode())
        control.sendall(content)
    os.close(descriptor)


# Tier C


def stand_alone(config: dict) -> None:  # type: ignore[type-arg]
    """Do what bubblewrap does elsewhere: tell the pid, wait to be released, shut out the host."""
    rules = config["landlock"]
    os.write(rules["info_fd"], f'{{"child-pid": {os.getpid()}}}'.encode())
    os.close(rules["info_fd"])
    os.read(rules["block_fd"], 1)
    os.close(rules["block_fd"])
    os.chdir(config["work"])
    confine(rules, ["/proc"])
    # not before: without the domain it would kill all that the user runs
    _signal.signal(_signal.SIGTERM, leave)
    # the runner may be killed while the program runs
    LIBC.prctl(PR_SET_PDEATHSIG, _signal.SIGTERM, 0, 0, 0)


def leave(*_: object) -> None:
    """End, and everything with us."""
    end_everything()
    os._exit(0)


def confine(rules: dict, processes: list[str]) -> None:  # type: ignore[type-arg]
    """Enter a Landlock domain: what is not named here cannot be opened any more."""
    everything = struct.pack("=QQQ", ALL_FILES, ALL_TCP, ALL_SCOPES)
    ruleset = call(LANDLOCK_CREATE_RULESET, everything, len(everything), 0)
    granted = [(path, EXECUTE | READ_FILE | READ_DIR) for path in rules["readable"]]
    granted += [(path, ALL_FILES & ~(MAKE_CHAR | MAKE_BLOCK)) for path in rules["writable"]]
    granted += [(path, READ_FILE | WRITE_FILE | IOCTL_DEV) for path in rules["devices"]]
    granted += [(path, READ_FILE | WRITE_FILE | READ_DIR) for path in processes]
    for path, wanted in granted:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rights = wanted if stat.S_ISDIR(os.fstat(descriptor).st_mode) else wanted & OF_A_FILE
        call(LANDLOCK_ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, descriptor), 0)
        os.close(descriptor)
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call(LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def refuse_calls(program: bytes) -> None:
    """Put a seccomp filter on."""
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    if LIBC.prctl(PR_SET_SECCOMP, 2, header, 0, 0) != 0:
        os._exit(126)


def call(number: int, *arguments: object) -> int:
    """Make a system call; an error is the end, since nothing may start without its walls."""
    result = int(LIBC.syscall(number, *arguments))
    if result < 0:
        os.write(2, f"Landlock refused ({number}): {os.strerror(ctypes.get_errno())}\n".encode())
        os._exit(126)
    return result


def place(part: str, rules: dict | None) -> str:  # type: ignore[type-arg]
    """Return a word of a command with the sandbox's names for folders made the host's."""
    for name, path in rules["names"].items() if rules is not None else ():
        if part.startswith(
            tuple(before + name for before in ("", "-I", "-isystem", "-Xbootclasspath/a:", ".:"))
        ):
            return part.replace(name, path, 1)
    return part


def attend(child: int, rules: dict, control: _socket.socket) -> tuple:  # type: ignore[type-arg]
    """Wait for the program, collect orphans, and look how much it has written."""
    ended = select.poll()
    ended.register(os.pidfd_open(child), select.POLLIN)
    told = False
    while True:
        ended.poll(LOOK_SECONDS * 1000)
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG | os.WUNTRACED)
            if pid == child and not os.WIFSTOPPED(status):
                return status, usage
            if pid == child:
                go_on(child, status)
            if pid == 0:
                break
        why = None if told else measure(rules)
        if why is not None:
            control.sendall(f'{{"beyond": "{why}"}}\n'.encode())
            told = True


def measure(rules: dict) -> str | None:  # type: ignore[type-arg]
    """Return why the program's files are too many, or None."""
    files = size = 0
    waiting = list(rules["writable"])
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if files > rules["files"]:
                        return f"It made more than {rules['files']:,} files."
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # it is busy
        except OSError as error:
            return f"It made a folder that cannot be measured ({error.strerror})."
    return (
        f"Its files took more than {rules['disk_bytes'] >> 20} MiB."
        if size > rules["disk_bytes"]
        else None
    )


def end_everything() -> None:
    """Kill whatever the program started, at once (the kernel lets nobody fork meanwhile), and collect it."""
    try:
        os.kill(-1, _signal.SIGKILL)  # the Landlock domain is all that this reaches
        while True:
            os.wait4(-1, 0)
    except OSError:
        pass


main()
