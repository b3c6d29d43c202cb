"""How long a package takes to be imported: most of a cold start, and what a careless import adds to."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

IMPORT = "import sys, importlib; sys.path.insert(0, sys.argv[1]); importlib.import_module(sys.argv[2])"
NOTHING = "import sys, importlib"


def import_cpu_s(folder: Path, handler: str, *, repeat: int = 3) -> float:
    """Import a handler alone in a new interpreter, with nothing but its package in reach.

    As on Lambda the package brings no bytecode and none is written, so that all that is imported is compiled.

    Args:
        folder: the unpacked package, for this machine.
        handler: module and function, as the template names it.
        repeat: how often.

    Returns:
        Seconds of CPU over those of an interpreter that imports nothing; the middle of all.
    """
    for compiled in list(folder.rglob("__pycache__")):
        shutil.rmtree(compiled)
    module = handler.rpartition(".")[0]
    return median(_cpu_s(IMPORT, str(folder), module) for _ in range(repeat)) - _cpu_s(NOTHING)


def _cpu_s(source: str, *arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-I", "-S", "-B", "-c", source, *arguments]
    subprocess.run(command, check=True, env={"PATH": os.environ["PATH"]}, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
