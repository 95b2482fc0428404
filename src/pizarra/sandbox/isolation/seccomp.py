"""A seccomp denylist as BPF bytes for bubblewrap, for x86-64 and aarch64, without a library at run time.

Layout of what is filtered: `struct seccomp_data` in the kernel's `include/uapi/linux/seccomp.h`. Numbers: the kernel's
`asm/unistd_64.h` and `asm-generic/unistd.h`.
"""

import errno
import platform
import struct
from dataclasses import dataclass

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _AND, _RETURN = (
    0x20,
    0x15,
    0x35,
    0x45,
    0x54,
    0x06,
)
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_KILL = 0x80000000
_NR, _ARCH, _ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000

_CLONE_NEW = 0x7E020000  # every CLONE_NEW… flag of clone(2)
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    column: int


_ARCHITECTURES = {"x86_64": _Architecture(0xC000003E, 0), "aarch64": _Architecture(0xC00000B7, 1)}

_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # Looking into or steering other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # Kernel attack surface a program in an interview does not need
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    "get_mempolicy": (239, 236),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # Namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "listns": (470, 470),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    # The machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "syslog": (103, 116),
    "iopl": (172, None),
    "ioperm": (173, None),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "settimeofday": (164, 170),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
}
# Pretending these do not exist makes the C library fall back to what we can look into.
_ABSENT = {
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
# Files of the system are one inode for all sandboxes: what shows that another one looks at them would be a wire between
# a program that is tried on a hidden test and one on its author's terminal.
_TELLING = {
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "mincore": (27, 232),
    "cachestat": (451, 451),
}
# So would locks on those files, and the times of devices, which everybody may write; and no filter sees which file it
# is about. A run is alone with its own: locks and times are granted without being set, and what asks for them works.
_GRANTED = {
    "flock": (73, 32),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}
_GRANTED_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
_TELLING_CONTROLS = (1024, 1025, 1026, 1036)  # F_SETLEASE, F_GETLEASE, F_NOTIFY, F_SET_RW_HINT
_NOT_FROM_CACHE = 0x08  # RWF_NOWAIT: reads only what somebody has read before
# Memory that no rlimit counts; refused where no cgroup counts it either.
_UNCOUNTED_MEMORY = {"memfd_create": (319, 279), "shmget": (29, 194), "mq_open": (240, 180)}
# What namespaces keep apart elsewhere; refused where nothing does.
_SHARED_KERNEL: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),  # sockets of the host's network, and files of its services
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # Other people's processes; none of these asks Landlock
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
}
# Landlock does not guard modes, owners, times and attributes: where the runner's own files have the same owner.
_SHARED_UID: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
_CLONE, _SOCKET, _IOCTL, _MMAP, _PRLIMIT = (56, 220), (41, 198), (16, 29), (9, 222), (302, 261)
_FCNTL, _PREADV2 = (72, 25), (327, 286)


def is_supported(machine: str | None = None) -> bool:
    """Tell whether there is a filter for this processor."""
    return (machine or platform.machine()) in _ARCHITECTURES


def denylist(
    *,
    count_memory: bool,
    shares_kernel: bool = False,
    shares_uid: bool = False,
    machine: str | None = None,
) -> bytes:
    """Return the filter program.

    Args:
        count_memory: refuse memory that rlimits cannot count, for machines without a memory cgroup.
        shares_kernel: refuse what namespaces would keep apart, for sandboxes without them.
        shares_uid: refuse to change modes and owners, where the runner's own files have the program's owner.
        machine: processor name as `uname -m` prints it; this machine's by default.

    Raises:
        KeyError: there is no filter for the processor.
    """
    architecture = _ARCHITECTURES[machine or platform.machine()]
    column = architecture.column
    code = [
        _step(_LOAD, _ARCH),
        _step(_JUMP_EQUAL, architecture.audit, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NR),
    ]
    if column == 0:
        code += [_step(_JUMP_GREATER_EQUAL, _X32_BIT, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    refused = dict(_REFUSED) | (_UNCOUNTED_MEMORY if count_memory else {})
    refused |= (_SHARED_KERNEL if shares_kernel else {}) | (_SHARED_UID if shares_uid else {})
    for numbers in refused.values():
        code += _refuse(numbers[column], errno.EPERM)
    for numbers in (*_ABSENT.values(), *_TELLING.values()):
        code += _refuse(numbers[column], errno.ENOSYS)
    code += _keep_apart(column)
    code += _narrow(column)
    if shares_kernel:  # somebody else's limits; 0 is the caller
        code += _when(
            _PRLIMIT[column], 0, [_step(_JUMP_EQUAL, 0, 1, 0), _step(_RETURN, _ERRNO | errno.EPERM)]
        )
    if count_memory:
        code += _when(
            _MMAP[column],
            3,
            [
                _step(_AND, _SHARED_ANONYMOUS),
                _step(_JUMP_EQUAL, _SHARED_ANONYMOUS, 0, 1),
                _step(_RETURN, _ERRNO | errno.EPERM),
            ],
        )
    code.append(_step(_RETURN, _ALLOW))
    return b"".join(code)


def _narrow(column: int) -> list[bytes]:
    """Return what keeps namespaces, families of sockets and other people's terminals out of reach."""
    code = _when(
        _CLONE[column],
        0,
        [_step(_JUMP_SET, _CLONE_NEW, 0, 1), _step(_RETURN, _ERRNO | errno.EPERM)],
    )
    families = (_UNIX, _INET, _INET6, _NETLINK)
    checks = [
        _step(_JUMP_EQUAL, family, len(families) - index, 0)
        for index, family in enumerate(families)
    ]
    code += _when(_SOCKET[column], 0, [*checks, _step(_RETURN, _ERRNO | errno.EAFNOSUPPORT)])
    code += _when(
        _IOCTL[column],
        1,
        [
            _step(_JUMP_EQUAL, _TIOCSTI, 1, 0),
            _step(_JUMP_EQUAL, _TIOCLINUX, 0, 1),
            _step(_RETURN, _ERRNO | errno.EPERM),
        ],
    )
    return code


def _keep_apart(column: int) -> list[bytes]:
    """Return what keeps sandboxes from telling each other anything through files that they share."""
    # An error of 0 is success.
    granted = [step for command in _GRANTED_LOCKS for step in _refuse(command, 0)]
    telling = [step for command in _TELLING_CONTROLS for step in _refuse(command, errno.EINVAL)]
    cached = [_step(_JUMP_SET, _NOT_FROM_CACHE, 0, 1), _step(_RETURN, _ERRNO | errno.EOPNOTSUPP)]
    return [
        *(step for numbers in _GRANTED.values() for step in _refuse(numbers[column], 0)),
        *_when(_FCNTL[column], 1, [*granted, *telling]),
        *_when(_PREADV2[column], 5, cached),
    ]


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)


def _refuse(number: int | None, error: int) -> list[bytes]:
    if number is None:
        return []
    return [_step(_JUMP_EQUAL, number, 0, 1), _step(_RETURN, _ERRNO | error)]


def _when(number: int, argument: int, body: list[bytes]) -> list[bytes]:
    """Run `body` on the low half of one argument of a system call, then allow it; go on for every other call."""
    inner = [_step(_LOAD, _ARGUMENTS + 8 * argument), *body, _step(_RETURN, _ALLOW)]
    return [_step(_JUMP_EQUAL, number, 0, len(inner)), *inner]
