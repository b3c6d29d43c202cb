"""Invoking one function of the platform on this machine: the one command beside the public API.

Source: AWS Lambda API, ListFunctions and Invoke (`LogType=Tail` brings the last 4 KB of the log).
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cli.failures import Failure, Unreachable
from infra.cli.names import not_found
from infra.cli.target import Platform

LONGEST_FUNCTION_S = 900


@dataclass(frozen=True)
class Invocation:
    """What a function did with an event.

    Attributes:
        result: what it returned, or its error as Lambda reports it.
        error: `Handled` or `Unhandled` when it raised, else empty.
        log: the last lines of its log.
    """

    function: str
    result: Any
    error: str
    log: tuple[str, ...]


def read_event(name: str, samples: Path) -> dict[str, Any]:
    """Read an event from a file, or from the sample of that name.

    Args:
        name: a path, or a file name in `samples` with or without `.json`.
        samples: the folder of samples.

    Raises:
        Failure: there is none, or it is not a JSON object.
    """
    candidates = (Path(name), samples / name, samples / f"{name}.json")
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        raise not_found("event file or sample", name, (sample.stem for sample in samples.glob("*.json")))
    try:
        event = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"{path} is not JSON: {error}.", code="invalid_event") from error
    if not isinstance(event, dict):
        raise Failure(f"{path} is not a JSON object.", code="invalid_event")
    return event


def invoke_function(platform: Platform, name: str, event: dict[str, Any]) -> Invocation:
    """Run a function and wait for its result.

    Args:
        platform: one on this machine.
        name: of the function, or its end: `reconciler` for `strata-local-reconciler`.
        event: its input.

    Raises:
        Failure: there is no such function, or the emulator refuses.
        Unreachable: the emulator does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NoConnection

    functions = _lambda(platform)
    try:
        pages = functions.get_paginator("list_functions").paginate()
        names = [str(item.get("FunctionName", "")) for page in pages for item in page.get("Functions", [])]
        function = pick_function(name, names)
        answer = functions.invoke(FunctionName=function, Payload=json.dumps(event).encode(), LogType="Tail")
        payload = answer["Payload"].read()
    except (NoConnection, HTTPClientError) as error:
        raise Unreachable(platform.silence) from error
    except (ClientError, BotoCoreError) as error:
        raise Failure(f"The function could not be invoked: {error}", code="invoke_failed") from error
    log = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
    return Invocation(function, _result(payload), answer.get("FunctionError", ""), tuple(log.splitlines()))


def pick_function(name: str, names: list[str]) -> str:
    """Pick a function by its name or by the end of its name.

    Raises:
        Failure: none fits, or several do.
    """
    if name in names:
        return name
    fitting = sorted(known for known in names if known.endswith(f"-{name}"))
    if not fitting:
        raise not_found("function", name, names)
    if len(fitting) > 1:
        raise Failure(f'Several functions end with "{name}": {", ".join(fitting)}.', code="ambiguous_name")
    return fitting[0]


def _lambda(platform: Platform) -> Any:
    import boto3
    from botocore.config import Config

    # The emulator accepts any key; a real one of the environment has no business there.
    return boto3.client(
        "lambda",
        endpoint_url=platform.endpoint,
        region_name=platform.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - not a secret
        config=Config(connect_timeout=5, read_timeout=LONGEST_FUNCTION_S, retries={"max_attempts": 0}, proxies={}),
    )


def _result(payload: bytes) -> Any:
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode("utf-8", "replace")
