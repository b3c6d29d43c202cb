"""The files that remain to a process that parses: its libraries and its document. The kernel refuses all others.

The filter of system calls cannot tell one path from another; Landlock can, for native code as well, and lets nothing
look into processes outside (their environment, their memory). It needs no privileges and cannot be undone.

Source: landlock(7), linux/landlock.h; the numbers of the calls are the same on x86-64 and aarch64.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION_ONLY = 1  # LANDLOCK_CREATE_RULESET_VERSION
_BENEATH = 1  # LANDLOCK_RULE_PATH_BENEATH
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_RIGHTS_BITS = (13, 14, 15, 15, 16)  # how many rights on files the versions from 1 on know; later ones add others
_TCP, _SCOPES = 0b11, 0b11  # all of LANDLOCK_ACCESS_NET_* (from 4) and LANDLOCK_SCOPE_* (from 6)
_NET_VERSION, _SCOPE_VERSION = 4, 6
_NO_NEW_PRIVILEGES = 38
# What libraries open besides themselves: shared libraries, fonts, time zones, what the machine is, where home is.
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/usr/local/share", "/opt/lib",
    "/var/lang/lib", "/var/runtime", "/etc/ld.so.cache", "/etc/passwd", "/etc/nsswitch.conf", "/etc/localtime",
    "/etc/mime.types", "/etc/fonts", "/dev/null", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo",
    "/sys/devices/system/cpu",
)  # fmt: skip


def landlock_version() -> int:
    """Return the version of Landlock that the kernel has, 0 where it has none."""
    if sys.platform != "linux":
        return 0
    return max(_call(_CREATE, None, 0, _VERSION_ONLY), 0)


@cache
def library_paths() -> tuple[str, ...]:
    """Return where this process's code and libraries lie; hidden folders beside the code hold data and are left out."""
    root = Path(__file__).resolve().parents[3]
    own = [entry for entry in root.iterdir() if not entry.name.startswith(".")]
    imported = [Path(entry) for entry in sys.path if entry and Path(entry).resolve() != root]
    linked = [Path(entry) for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":") if entry]
    found = (*own, *imported, *linked, Path(sys.base_prefix, "lib"))
    landlock_version()  # finds the library of the calls
    return tuple(path for path in (*dict.fromkeys(map(str, found)), *_SYSTEM) if Path(path).exists())


def confine_reading(paths: Iterable[str]) -> bool:
    """Take all files but these, and what stands under them, from this process, for good; nothing can be written at all.

    Args:
        paths: what may be read; what does not exist is passed over.

    Returns:
        Whether it holds: False where the kernel has no Landlock.
    """
    version = landlock_version()
    if version == 0:
        return False
    rights = (1 << _RIGHTS_BITS[min(version, len(_RIGHTS_BITS)) - 1]) - 1
    asked = struct.pack("QQQ", rights, _TCP, _SCOPES)
    size = 8 * (1 + (version >= _NET_VERSION) + (version >= _SCOPE_VERSION))
    rules = _call(_CREATE, asked, size, 0)
    if rules < 0:
        return False
    try:
        for path in (*paths, "/proc/self"):
            _allow(rules, path)
        _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return _call(_RESTRICT, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(rules: int, path: str) -> None:
    with suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if _call(_ADD_RULE, rules, _BENEATH, struct.pack("=Qi", _READ_FILE | _READ_FOLDER, place), 0) != 0:
            _call(_ADD_RULE, rules, _BENEATH, struct.pack("=Qi", _READ_FILE, place), 0)  # it is no folder
        os.close(place)


@cache
def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    library.syscall.restype = ctypes.c_long
    library.syscall.argtypes = [ctypes.c_long, *(ctypes.c_void_p,) * 4]
    return library


def _call(number: int, *arguments: int | bytes | None) -> int:
    result: int = _libc().syscall(number, *arguments, *(None,) * (4 - len(arguments)))
    return result
