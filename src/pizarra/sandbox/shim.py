"""First program inside the sandbox: sets the limits, prepares the program, starts it when told, reports how it ended.

Runs as `python3 -I -S /shim.py CONFIG`, where CONFIG is a marshalled dict in hexadecimal: `control_fd`, `argv` (a stub
that loads a runtime ahead of time; None to start whatever is asked for), `limits` (rlimit name → value), `terminal`,
`nice`. It must be inside because the kernel counts processes per user namespace. It imports nothing of Pizarra, and
not json, which would take as long to load as everything else together.

Over the control socket it says `{"ready": true}`, with descriptors of the folders that can be written; it reads a
marshalled header with its length in four bytes before it (`files`: [path, size, mode], `go`: the line the program's
side waits for, `collect`, `collect_bytes`) and the files' bytes after it; it says `{"started": true}`; at the end it
sends each collected file, as a line `{"file", "size"}` and its bytes, and then
`{"ended": {"exit_code", "signal", "memory_kb"}}`.
"""

import _socket
import ctypes
import fcntl
import marshal
import os
import resource
import stat
import sys
import termios

PR_SET_DUMPABLE = 4
WRITABLE = ("/work", "/tmp", "/dev/shm")
GO_FD, READY_FD = 3, 4  # where a stub reads what to run, and where it says that it can


def main() -> None:
    """Serve one program."""
    config = marshal.loads(bytes.fromhex(sys.argv[1]))
    # Not dumpable: the program, which runs under the same uid, cannot open our descriptors and forge its status.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    control = _socket.socket(fileno=config["control_fd"])
    os.set_inheritable(config["control_fd"], False)
    go_read, go_write = os.pipe()
    ready_read, ready_write = os.pipe()
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
    folders = [os.open(path, os.O_PATH | os.O_DIRECTORY) for path in WRITABLE]
    rights = b"".join(folder.to_bytes(4, sys.byteorder) for folder in folders)
    control.sendmsg([b'{"ready": true}\n'], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    header = receive_payload(control)
    control.sendall(b'{"started": true}\n')  # from here on, an end without a report is the program's doing
    os.write(go_write, header["go"].encode() + b"\n")
    os.close(go_write)
    _, status, usage = os.wait4(child, 0)
    for path in header["collect"]:
        send_file(control, path, header["collect_bytes"])
    exit_code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else "null"
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else "null"
    report = f'{{"exit_code": {exit_code}, "signal": {number}, "memory_kb": {usage.ru_maxrss}}}'
    control.sendall(f'{{"ended": {report}}}\n'.encode())
    os._exit(0)


def become_program(config: dict, go_read: int, ready_write: int) -> None:  # type: ignore[type-arg]
    """Turn into the stub, or wait for what to turn into."""
    os.setsid()  # `kill -STOP 0` reaches the program's own group only
    if config["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.nice(config["nice"])
    for name, value in config["limits"].items():
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
    os.dup2(go_read, 10)  # out of the way of the two that a stub expects
    os.dup2(ready_write, 11)
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
    os.closerange(3 if config["argv"] is None else READY_FD + 1, 1 << 20)  # nothing of ours goes on
    try:
        os.execve(argv[0], argv, environment)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127)


def receive_payload(control: _socket.socket) -> dict:  # type: ignore[type-arg]
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
        target = "/work/" + path
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
        os._exit(0)
    buffer += part


def send_file(control: _socket.socket, path: str, limit: int) -> None:
    """Send a regular file of the work folder, if it is there and not too large."""
    try:
        descriptor = os.open("/work/" + path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    about = os.fstat(descriptor)
    if stat.S_ISREG(about.st_mode) and about.st_size <= limit:
        content = b""
        while part := os.read(descriptor, 1 << 20):
            content += part
        control.sendall(f'{{"file": "{path}", "size": {len(content)}}}\n'.encode())
        control.sendall(content)
    os.close(descriptor)


main()
