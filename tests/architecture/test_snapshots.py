"""Importing a function takes nothing that copies of one snapshot must not share: no sockets, ids or random bytes."""

import subprocess
import sys

import pytest

from infra.deployment.templates import ROOT
from tests.architecture.wiring import Wiring

HANDLERS = sorted(
    {properties["Handler"].rpartition(".")[0] for _, _, properties in Wiring.committed().of_type("Lambda::Function")}
)
WATCH = """
import importlib, os, random, secrets, sys, traceback, uuid
taken = []
def watched(name, function):
    def call(*arguments, **options):
        taken.append(name + " by " + traceback.extract_stack(limit=2)[0].filename)
        return function(*arguments, **options)
    return call
os.urandom = watched("os.urandom", os.urandom)
uuid.uuid4 = watched("uuid.uuid4", uuid.uuid4)
for name in ("random", "randint", "choice", "getrandbits"):
    setattr(random, name, watched("random." + name, getattr(random, name)))
sys.addaudithook(lambda event, _: taken.append(event) if event in {"socket.__new__", "socket.getaddrinfo"} else None)
importlib.import_module(sys.argv[1])
print("\\n".join(taken), end="")
"""


def taken_while_importing(module: str) -> str:
    command = [sys.executable, "-c", WATCH, module]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("module", HANDLERS)
def test_importing_a_function_takes_no_socket_id_or_random_bytes(module: str) -> None:
    assert taken_while_importing(module) == ""


@pytest.mark.parametrize(
    "source",
    [
        "import uuid; INSTANCE = uuid.uuid4()",
        "import os; SALT = os.urandom(8)",
        "import random; FACTOR = random.random()",
        "import socket; HELD = socket.socket()",
    ],
)
def test_a_module_that_takes_one_is_seen(source: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", WATCH.replace("importlib.import_module(sys.argv[1])", source)]

    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout
