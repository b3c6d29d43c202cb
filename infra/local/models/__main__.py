"""Install local embedding models: `python -m infra.local.models NAME...`."""

import argparse
import sys
from pathlib import Path

from infra.local.models.errors import ModelSetupFailed
from infra.local.models.recipe import recipes
from infra.local.models.wanted import install_model

MODELS_DIRECTORY = Path(__file__).resolve().parents[3] / ".strata" / "models"


def main(arguments: list[str] | None = None) -> int:
    """Install the named models and point this checkout's platform to them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.models", description="Install local embedding models.")
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"one of {', '.join(recipes())}")
    parser.add_argument(
        "--into", type=Path, default=MODELS_DIRECTORY, help="folder of models that the functions look into"
    )
    given = parser.parse_args(arguments)
    try:
        for name in given.names:
            folder = install_model(name, given.into, on_progress=lambda line: print(f"  {line}", flush=True))
            print(f"{name}: {folder}")
    except ModelSetupFailed as error:
        print(f"\nset-up failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
