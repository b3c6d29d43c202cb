"""Compare the contracts with those of the last release: what would break a neighbour that has not been deployed yet.

    python -m infra.deployment.compatibility            list what breaks, and fail where anything does
    python -m infra.deployment.compatibility release    make today's contracts those of the last release

The layers are deployed apart, so both ways of every document are read: what an old client still sends must be taken
(a request may only become more tolerant), and what the new side sends must be understood by an old reader (an answer
may only become more certain). An event is both, because messages wait in queues while a layer is replaced.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.deployment.schema_changes import Document, Schemas, answer_breaks, request_breaks

CONTRACTS = Path(__file__).resolve().parents[2] / "shared" / "contracts"
RELEASED = CONTRACTS / "released"
APIS = ("openapi.json", "ml_openapi.json")
METHODS = ("get", "post", "put", "patch", "delete")


def contracts(folder: Path) -> dict[str, Document]:
    """Read every contract document below a folder, by its path there."""
    paths = [folder / name for name in APIS] + sorted((folder / "schemas").glob("*.json"))
    return {str(path.relative_to(folder)): json.loads(path.read_text()) for path in paths if path.is_file()}


def breaks(released: dict[str, Document], current: dict[str, Document]) -> list[str]:
    """Return one sentence for each change that a neighbour of the last release would not survive.

    Args:
        released: documents of the last release by path.
        current: documents as they are now by path.
    """
    found: list[str] = []
    for name, before in sorted(released.items()):
        after = current.get(name)
        if after is None:
            found.append(f"{name}: removed, and neighbours still use it")
        elif "openapi" in before:
            found += [f"{name} {problem}" for problem in _api_breaks(before, after)]
        else:
            schemas = Schemas(before, after)
            both = [*request_breaks(schemas, before, after), *answer_breaks(schemas, before, after)]
            found += [f"{name} {problem}" for problem in dict.fromkeys(both)]
    return found


def _api_breaks(before: Document, after: Document) -> Iterator[str]:
    schemas = Schemas(before, after)
    for path, methods in before["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            name = f"{method.upper()} {path}"
            new = after["paths"].get(path, {}).get(method)
            if new is None:
                yield f"{name}: removed, and clients still call it"
            else:
                yield from (f"{name}{problem}" for problem in _operation_breaks(schemas, methods[method], new))


def _operation_breaks(schemas: Schemas, before: Document, after: Document) -> Iterator[str]:
    yield from _parameter_breaks(before.get("parameters", []), after.get("parameters", []))
    old, new = _json(before.get("requestBody", {})), _json(after.get("requestBody", {}))
    if old is None and new is not None and after["requestBody"].get("required"):
        yield ": a body is required now, and old clients send none"
    elif old is not None and new is not None:
        yield from (f" request {problem}" for problem in request_breaks(schemas, old, new))
    for status in before["responses"]:
        if status in after["responses"]:
            old, new = _json(before["responses"][status]), _json(after["responses"][status])
            if old is not None and new is not None:
                yield from (f" answer {status} {problem}" for problem in answer_breaks(schemas, old, new))
        elif status < "400":  # an error that can no longer happen harms nobody
            yield f": it answered {status}, and no longer does"


def _parameter_breaks(before: list[Document], after: list[Document]) -> Iterator[str]:
    known = {(one["in"], one["name"]) for one in before}
    for one in after:
        if one.get("required") and (one["in"], one["name"]) not in known:
            yield f": the parameter {one['name']} is required now, and old clients do not send it"
    left = {(one["in"], one["name"]) for one in after}
    for place, name in sorted(known - left):
        yield f": the parameter {name} ({place}) was removed, and old clients send it"


def _json(body: Document) -> Any:
    return body.get("content", {}).get("application/json", {}).get("schema")


def release() -> None:
    """Copy today's contracts over those of the last release."""
    shutil.rmtree(RELEASED, ignore_errors=True)
    (RELEASED / "schemas").mkdir(parents=True)
    for name in contracts(CONTRACTS):
        shutil.copy(CONTRACTS / name, RELEASED / name)


def main() -> int:
    """Compare or release, from the command line."""
    if sys.argv[1:] == ["release"]:
        release()
        return 0
    found = breaks(contracts(RELEASED), contracts(CONTRACTS))
    if found:
        print("\n".join(found), file=sys.stderr)
        print(
            "\nThe other layer, or a client, of the last release would break. Add what is new beside the old instead: "
            "an optional field, a new path, a new version of the event.",
            file=sys.stderr,
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
