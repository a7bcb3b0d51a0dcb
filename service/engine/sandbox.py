"""Restrict a process: its memory, its network, and its life without its parent.

The policy refuses ``SERVICE``; forbidding the network is the second line of defence. It works on
Linux alone (seccomp, ``man 2 seccomp``).
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_M_ARENA_MAX = -8
_SIGKILL = 9
_EACCES = 13
_AF_INET = 2
_AF_INET6 = 10

# Machine → (AUDIT_ARCH, number of socket(2)).
_ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}

_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def limit_memory(more_bytes: int) -> None:
    """Let this process allocate ``more_bytes`` of address space beyond what it has."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return  # macOS ignores RLIMIT_AS, and does not tell the present size
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def share_heap() -> None:
    """Make future threads share one heap; the free memory of a heap for each adds up."""
    with contextlib.suppress(AttributeError):  # only glibc has heaps for threads
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel end this process when its parent ends.

    :param parent: the parent's process id; this process ends now if the parent has ended already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def forbid_network() -> bool:
    """Refuse Internet sockets to this process for good; return whether that worked."""
    known = _ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    audit, number = known
    steps = (
        (_LOAD, 0, 0, 4),  # the architecture, which decides the calls' numbers
        (_JUMP_EQUAL, 0, 5, audit),
        (_LOAD, 0, 0, 0),  # the call
        (_JUMP_EQUAL, 0, 3, number),
        (_LOAD, 0, 0, 16),  # its first argument, the address family
        (_JUMP_EQUAL, 2, 0, _AF_INET),
        (_JUMP_EQUAL, 1, 0, _AF_INET6),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | _EACCES),
    )
    program = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *s) for s in steps))
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    filters = _Filter(len(steps), ctypes.addressof(program))
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filters)) == 0)
