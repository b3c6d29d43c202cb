"""The system calls that remain to a process that parses: what is not listed fails as if the kernel had no such call.

The audit hook of `parser_child` sees what Python does; this filter holds native code of the parsers as well. It leaves
memory, reading of files, clocks and threads, and takes sockets, processes, other processes' signals, opening for
writing and everything that a later kernel may add. It needs no privileges, cannot be undone, and is set in the child.

Source: seccomp(2), linux/seccomp.h, linux/filter.h; numbers from asm/unistd_64.h and asm-generic/unistd.h.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

# Each name with its number on x86-64 and on aarch64; -1 where the machine has no such call.
_ALLOWED = {
    "read": (0, 63), "write": (1, 64), "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "brk": (12, 214),
    "madvise": (28, 233), "mprotect": (10, 226), "futex": (202, 98), "lseek": (8, 62), "close": (3, 57),
    "fstat": (5, 80), "newfstatat": (262, 79), "stat": (4, -1), "lstat": (6, -1), "statx": (332, 291),
    "pread64": (17, 67), "readv": (19, 65), "writev": (20, 66), "preadv": (295, 69), "access": (21, -1),
    "faccessat": (269, 48), "faccessat2": (439, 439), "getdents64": (217, 61), "readlink": (89, -1),
    "readlinkat": (267, 78), "getcwd": (79, 17), "chdir": (80, 49), "statfs": (137, 43), "fstatfs": (138, 44),
    "dup": (32, 23), "dup2": (33, -1), "dup3": (292, 24), "fcntl": (72, 25), "ioctl": (16, 29),
    "fadvise64": (221, 223), "memfd_create": (319, 279), "ftruncate": (77, 46), "pipe": (22, -1), "pipe2": (293, 59),
    "eventfd2": (290, 19), "poll": (7, -1), "ppoll": (271, 73), "select": (23, -1), "pselect6": (270, 72),
    "mincore": (27, 232), "msync": (26, 227), "membarrier": (324, 283), "get_mempolicy": (239, 236),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "getcpu": (309, 168), "nanosleep": (35, 101), "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, -1),
    "times": (100, 153), "getrusage": (98, 165), "sysinfo": (99, 179), "uname": (63, 160), "getrandom": (318, 278),
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getpgrp": (111, -1), "getpgid": (121, 155), "getsid": (124, 156),
    "capget": (125, 90), "getrlimit": (97, 163), "setrlimit": (160, 164), "umask": (95, 166),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128), "set_robust_list": (273, 99),
    "set_tid_address": (218, 96), "rseq": (334, 293), "arch_prctl": (158, -1), "exit": (60, 93),
    "exit_group": (231, 94),
}  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CLONE_THREAD = 0x10000
# Allowed while one argument (counted from 0) has none of the bits, has the bit, or is the number.
_WITHOUT = {"open": ((2, -1), 1, _WRITING), "openat": ((257, 56), 2, _WRITING)}
_WITH = {"clone": ((56, 220), 0, _CLONE_THREAD)}  # clone3 hides its flags; where it is missing, libc uses clone
_OWN = {"kill": (62, 129), "tgkill": (234, 131), "rt_tgsigqueueinfo": (297, 240)}
_OWN_LIMITS = (302, 261)  # prlimit64, which calls the process itself 0

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH_*
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JSET|K, BPF_RET|K
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000  # SECCOMP_RET_*
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16  # in struct seccomp_data
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2  # PR_* and SECCOMP_MODE_FILTER

Instruction = tuple[int, int, int, int]


def filter_system_calls() -> bool:
    """Take all but the listed system calls from this process and what it starts, for good.

    Returns:
        Whether the filter holds: False on a machine or kernel that has none, where the audit hook is all there is.
    """
    if not has_filter():
        return False
    machine = _MACHINES[platform.machine()]
    code = b"".join(struct.pack("HBBI", *one) for one in _program(*machine, own_pid=os.getpid()))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    done: int = prctl(_NO_NEW_PRIVILEGES, 1, None, 0, 0) or prctl(_SET_SECCOMP, _FILTER, program, 0, 0)
    return done == 0


def has_filter() -> bool:
    """Tell whether the calls of this machine are known here."""
    return sys.platform == "linux" and platform.machine() in _MACHINES


def _program(column: int, audited: int, *, own_pid: int) -> list[Instruction]:
    """Return the filter: the numbers of another machine's calls mean something else, so they end the process."""
    program = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, audited),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    for numbers in _ALLOWED.values():
        program += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ALLOW)] if numbers[column] >= 0 else []
    for numbers, argument, bits in _WITHOUT.values():
        program += _on_argument(numbers[column], argument, (_ANY_BIT, 1, 0, bits))
    for numbers, argument, bits in _WITH.values():
        program += _on_argument(numbers[column], argument, (_ANY_BIT, 0, 1, bits))
    for numbers in _OWN.values():
        program += _on_argument(numbers[column], 0, (_EQUAL, 0, 1, own_pid))
    program += _on_argument(_OWN_LIMITS[column], 0, (_EQUAL, 0, 1, 0))
    return [*program, (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]


def _on_argument(number: int, argument: int, test: Instruction) -> list[Instruction]:
    if number < 0:
        return []
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument),  # the lower half, both machines being little-endian
        test,
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
    ]
