"""Parse damaged copies of good files, for as long as one likes, and count how they end.

    python -m benchmarks.hostile --data <folder of good files> [--examples 20000] [--most-minutes 60] [--seed 1]

Every example is one good file with one to four random changes, read in the sandbox and cut into chunks. It ends with 1
when one took longer than the limits allow or ended without a type;
the damaged file is kept for whoever looks for the reason.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.damage import damaged, random_damages
from benchmarks.machine import machine_line
from functions.ml.ingestion.parsing.format import by_extension
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ingestion.sandboxed_reading import READ_PASSAGES, SandboxedReader
from shared.kernel.errors import PlatformError

_LIMITS = ParserLimits(cpu_s=20, wall_s=30.0)
_LONGEST_S = _LIMITS.wall_s + 10
_UNTYPED = "untyped"


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--most-minutes", type=float, default=24 * 60.0, help="end after this time with what there is")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-kb", type=int, default=256, help="leave out larger files")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()), help="where bad examples are left")
    given = parser.parse_args()
    seeds = good_files(given.data, given.most_kb * 1024)
    print(machine_line(), f"{sum(map(len, seeds.values()))} good files of {len(seeds)} formats", sep="\n")
    end = time.monotonic() + 60 * given.most_minutes
    outcomes, bad = run(seeds, given.examples, random.Random(given.seed), given.keep, end)
    total = sum(outcomes.values(), start=Counter())
    print(f"all: {total.total()}, " + ", ".join(f"{code} {n}" for code, n in total.most_common()))
    for name, counted in sorted(outcomes.items()):
        print(f"{name}: {counted.total()}, " + ", ".join(f"{code} {n}" for code, n in counted.most_common()))
    print(f"peak of the worker: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB; bad ends: {bad}")
    sys.exit(1 if bad else 0)


def good_files(folder: Path, most_bytes: int) -> dict[str, list[Path]]:
    """Return the files of each format under a folder."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        known = by_extension().get(path.suffix[1:].lower())
        if known is not None and path.is_file() and 0 < path.stat().st_size <= most_bytes:
            found[known.name].append(path)
    return dict(found)


def run(
    seeds: dict[str, list[Path]], examples: int, source: random.Random, keep: Path, end: float
) -> tuple[dict[str, Counter[str]], int]:
    """Return the outcomes of each format, and how many examples ended as none may."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    names, bad = sorted(seeds), 0
    reader = SandboxedReader("structure", {}, SandboxedParser(_LIMITS, READ_PASSAGES))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(examples):
            if time.monotonic() > end:
                break
            name = names[number % len(names)]
            seed = source.choice(seeds[name])
            path = Path(folder) / f"damaged{seed.suffix}"
            path.write_bytes(damaged(seed.read_bytes(), random_damages(source)))
            started = time.monotonic()
            code = ending(reader, path)
            outcomes[name][code] += 1
            if code in {_UNTYPED, "parser_lost"} or time.monotonic() - started > _LONGEST_S:
                bad += 1
                kept = path.rename(keep / f"hostile-{number}{seed.suffix}")
                print(f"example {number} of {seed.name}: {code}, kept as {kept}", file=sys.stderr)
    return outcomes, bad


def ending(reader: SandboxedReader, path: Path) -> str:
    """Return how reading and cutting a file ended."""
    try:
        with reader(path, filename=path.name) as reading:
            list(reading.chunks({}))
    except PlatformError as error:
        return error.code
    except Exception as error:
        print(f"{path.name}: {error!r}", file=sys.stderr)
        return _UNTYPED
    return "READY"


if __name__ == "__main__":
    main()
