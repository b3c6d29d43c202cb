"""Build what the cloud runs: per function its layer's sources with its own locked dependencies (`make package`).

Fills `build/<function>/`, where the templates' CodeUri points, and zips it to `build/<function>.zip`: the same input
makes the same bytes. One installation per function, so that each ships only what it imports.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from infra.deployment.archives import ROOT, folder_archive, layer_sources
from infra.deployment.packages import BUILD, LIMIT_BYTES, Built, Package, budgets
from infra.deployment.templates import CODE, STACKS, code_folder, committed
from infra.local.bootstrap import installer_environment

PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
MEASURED = "arm64"
"""What the budgets are for; the libraries of the other architecture are larger."""
_NEVER_IMPORTED = (
    *("**/__pycache__", "**/tests", "bin", "pip", "setuptools", "wheel"),  # chalice declares its own build tools
    *("*.pth", "_distutils_hack"),
    *(f"*.dist-info/{name}" for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")),  # of the installation
    *("litellm/proxy/_experimental/out", "litellm/proxy/swagger"),  # the pages of LiteLLM's server
    "onnxruntime/capi/libonnxruntime.so*",  # for programs in C; Python's module has the same code inside
    *("onnxruntime/transformers", "onnxruntime/tools", "onnxruntime/quantization", "onnxruntime/datasets"),
    *("PIL/_avif*", "pillow.libs/libavif*", "PIL/_imagingft*", "pillow.libs/libharfbuzz*"),  # AVIF, and drawing of text
    "yaml/_yaml*",  # the same in C, for whoever reads much of it
    *("litellm/rust_bridge/_native*", "hf_xet"),  # optional accelerators of LiteLLM's server and of downloads
)
_SERVICES = frozenset(
    {
        "apigatewaymanagementapi",
        "bedrock-runtime",
        "cognito-idp",
        "dynamodb",
        "events",
        "lambda",
        "s3",
        "sqs",
        "ssm",
        "sso",
        "sso-oidc",
        "sts",
    }
)
"""AWS services whose descriptions in botocore the functions read; all 400 are 27 MB."""


class TooLargeToShip(Exception):
    """A function is over Lambda's limit."""


def functions() -> dict[str, str]:
    """Return the folders that the templates point at: name of the build folder to layer."""
    found: dict[str, str] = {}
    for stack in STACKS:
        for resource in committed(stack).document["Resources"].values():
            layer = CODE[stack]
            if resource["Type"] == "AWS::Serverless::Function" and layer:
                found[Path(code_folder(committed(stack).document, resource)).name] = layer
    return found


def build(
    name: str, layer: str, *, architecture: str, python: str, folder: Path = BUILD, most_bytes: int = LIMIT_BYTES
) -> Package:
    """Fill one function's folder and zip it.

    Args:
        name: of the folder and of the lock file in infra/requirements.
        layer: `application` or `ml`.
        architecture: `arm64` or `x86_64`.
        python: the runtime's version, e.g. `3.13`.
        folder: where to.
        most_bytes: how large it may be unzipped.

    Raises:
        TooLargeToShip: it is larger.
    """
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    command += ["--python-platform", PLATFORMS[architecture], "--python-version", python, "--target", str(target)]
    subprocess.run(
        [*command, "-r", str(ROOT / "infra" / "requirements" / f"{name}.txt")], check=True, env=installer_environment()
    )
    _prune(target)
    for inside, source in layer_sources(layer):
        (target / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target / inside)
    unzipped_bytes = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    if unzipped_bytes > most_bytes:
        raise TooLargeToShip(
            f"The function {name} would be {unzipped_bytes / 1e6:.1f} MB; it may be {most_bytes / 1e6:.1f}. Remove "
            f"dependencies from its group in pyproject.toml, or raise its budget in infra/packages.toml; Lambda takes "
            f"{LIMIT_BYTES / 1e6:.1f} MB."
        )
    archive = folder_archive(target)
    (folder / f"{name}.zip").write_bytes(archive.body)
    return Package(Path(archive.key).stem, len(archive.body), unzipped_bytes)


def _prune(target: Path) -> None:
    """Remove what no function imports; without it the answering function would be over Lambda's limit."""
    unused = [path for pattern in _NEVER_IMPORTED for path in target.glob(pattern)]
    unused += [
        path for path in (target / "botocore" / "data").iterdir() if path.is_dir() and path.name not in _SERVICES
    ]
    for path in unused:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def write_parameters(stage: str) -> None:
    """Write each stack's neighbours for `aws cloudformation deploy --parameter-overrides file://...`."""
    for stack in STACKS:
        values = [f"{name}={value}" for name, value in committed(stack).values(stage, {}).items()]
        (BUILD / f"{stack}.parameters.json").write_text(json.dumps(values, indent=2) + "\n")


def main() -> int:
    """Build every function and the parameters of a stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--architecture", choices=sorted(PLATFORMS), default=MEASURED)
    parser.add_argument("--python", default="3.13")
    parser.add_argument("--only", action="append", help="a function's folder; all where omitted")
    arguments = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    done: dict[str, Package] = {}
    failed = False
    for name, layer in functions().items():
        if arguments.only and name not in arguments.only:
            continue
        try:
            most_bytes = min(budgets().get(name, 0), LIMIT_BYTES) if arguments.architecture == MEASURED else LIMIT_BYTES
            package = build(
                name, layer, architecture=arguments.architecture, python=arguments.python, most_bytes=most_bytes
            )
        except TooLargeToShip as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        done[name] = package
        sizes = f"{package.unzipped_bytes / 1e6:5.0f} MB, zipped {package.zip_bytes / 1e6:4.0f} MB"
        print(f"build/{name + '.zip':20} {sizes}  sha256 {package.sha256}", flush=True)
    Built(arguments.python, arguments.architecture, done).write()
    write_parameters(arguments.stage)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
