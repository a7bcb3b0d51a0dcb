"""The processes of a server under test, read from ``/proc`` (``man 5 proc``)."""

import contextlib
from pathlib import Path

ENDED = {"X", "Z"}


def stat(pid: int) -> list[str]:
    """Return the fields of a process after its name: state, parent, group, session."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["X", "0", "0", "0"]


def has_ended(pid: int) -> bool:
    """Tell whether a process has ended."""
    return stat(pid)[0] in ENDED


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def of_session(session: int) -> set[int]:
    """Return the running processes of a session."""
    return {p for p in _all() if (s := stat(p))[3] == str(session) and s[0] not in ENDED}


def children(pid: int) -> set[int]:
    """Return the running child processes of a process."""
    return {p for p in _all() if (s := stat(p))[1] == str(pid) and s[0] not in ENDED}


def descendants(pid: int) -> set[int]:
    """Return the children of a process, their children, and so on."""
    parents = {p: int(s[1]) for p in _all() if (s := stat(p))[0] not in ENDED}
    family = {pid}
    while more := {p for p, parent in parents.items() if parent in family} - family:
        family |= more
    return family - {pid}


def command(pid: int) -> str:
    """Return the command line of a process; "" if it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    return ""


def _is_engine(pid: int) -> bool:
    return " -m service.engine.host " in command(pid)


def host(server_pid: int) -> int:
    """Return a server's host process, the parent of the workers."""
    for pid in of_session(server_pid):
        if _is_engine(pid) and not _is_engine(int(stat(pid)[1])):
            return pid
    raise AssertionError("the server has no host process")


def web_process(server_pid: int) -> int:
    """Return a server's process that answers requests: the parent of the host."""
    return int(stat(host(server_pid))[1])


def ticks(pid: int) -> int:
    """Return the processor time of a process, in clock ticks."""
    fields = stat(pid)
    return sum(int(field) for field in fields[11:13]) if len(fields) > 12 else 0


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
