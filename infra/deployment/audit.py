"""Compares the locked packages of every function and of the platform with the published vulnerabilities.

    python -m infra.deployment.audit

A package that is known to be vulnerable fails. Where the data cannot be reached it says so and
fails nothing: an offline machine can build, and the pipeline that deploys is where this must have run.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "infra" / "requirements"
NOT_SHIPPED = frozenset({"bootstrap", "development", "dashboard", "localstack"})
UNREACHABLE = ("ConnectionError", "Failed to resolve", "not found on PyPI", "ServiceError", "Max retries exceeded")
"""What the tool says where the vulnerability service does not answer, or a mirror of the index has no such data."""
LONGEST_S = 120

Run = Callable[[Sequence[str]], tuple[int, str]]


def locks() -> list[Path]:
    """Return the lock files of what is shipped."""
    return [path for path in sorted(REQUIREMENTS.glob("*.txt")) if path.stem not in NOT_SHIPPED]


def audited(run: Run) -> tuple[bool, list[str]]:
    """Audit every lock file.

    Args:
        run: runs a command and returns its exit code and what it said.

    Returns:
        Whether nothing was found, and what to tell a person.
    """
    told: list[str] = []
    is_good = True
    for lock in locks():
        code, said = run(
            ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-r", str(lock)]
        )
        if code == 0:
            told.append(f"{lock.name}: no known vulnerability")
        elif any(sign in said for sign in UNREACHABLE):
            told.append("The vulnerability data cannot be reached from here: nothing was audited.")
            return is_good, told
        else:
            is_good = False
            told.append(f"{lock.name}:\n{said.strip()}")
    return is_good, told


def pip_audit(arguments: Sequence[str]) -> tuple[int, str]:
    """Run the tool."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *arguments],
            capture_output=True, text=True, check=False, timeout=LONGEST_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1, "ConnectionError: no answer in time"
    return done.returncode, done.stdout + done.stderr


def main() -> int:
    """Audit and tell; 1 where a shipped package is vulnerable."""
    is_good, told = audited(pip_audit)
    sys.stdout.write("\n".join(told) + "\n")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
