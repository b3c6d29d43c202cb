"""Names the machine of a measurement: figures of two machines are not comparable."""

import os
import platform
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
Machine = dict[str, str | int | float]


def machine() -> Machine:
    """Return processor, cores, whether it multiplies int8 fast, Python, and how busy it was in the last minute."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return {
        "cpu": fields.get("model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "vnni": "yes" if "vnni" in fields.get("flags", "") else "no",
        "python": platform.python_version(),
        "load_1_min": round(os.getloadavg()[0], 1),
    }


def machine_line() -> str:
    """Return the same for people."""
    found = machine()
    return (
        f"{found['cpu']}, {found['cores']} cores, VNNI: {found['vnni']}, Python {found['python']}, "
        f"load {found['load_1_min']}"
    )


def processor_s(pid: int) -> float:
    """Return the processor time that a process and its collected children have used, in seconds; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS_PER_S


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process, pages that it shares with others divided among them; 0 when it is gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


def descendants(pid: int) -> list[int]:
    """Return a process and all that it started, directly or not."""
    # A thread that is not the first one may have started some, too.
    tasks = Path(f"/proc/{pid}/task")
    children = [child for task in _entries(tasks) for child in _words(task / "children")]
    return [pid, *(found for child in children for found in descendants(int(child)))]


def _entries(folder: Path) -> list[Path]:
    """List a folder; one of a process that ended meanwhile is empty."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []


def _words(path: Path) -> list[str]:
    """Read a file; one of a thread that ended meanwhile is empty."""
    try:
        return path.read_text(encoding="utf-8").split()
    except (FileNotFoundError, ProcessLookupError):
        return []
