"""Small functions to see how LocalStack runs them."""

import io
import os
import signal
import time
import zipfile
from pathlib import Path
from typing import Any

LOADED = time.time()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer, fail, wait or die, as the event says."""
    if event.get("fail"):
        raise ValueError(event["fail"])
    if event.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(event.get("wait_s", 0))
    return {"pid": os.getpid(), "loaded": LOADED, "request_id": context.aws_request_id, "echo": event.get("echo")}


def archive() -> bytes:
    """Pack this file as the code of a function."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("functions.py", Path(__file__).read_text())
    return packed.getvalue()
