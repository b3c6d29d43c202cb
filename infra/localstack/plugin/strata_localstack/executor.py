"""Lambda functions as processes of this machine, in place of LocalStack's containers.

Each execution environment is one `python -m awslambdaric HANDLER` in the unpacked code, polling a Runtime API of its
own. `STRATA_FUNCTION_PYTHON` names the interpreter, which must have awslambdaric; LocalStack's own by default.
A process that dies or runs out of time is replaced at the next invocation, as on AWS.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import IO, Any

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .runtime_api import InitFailed, Invocation, RuntimeApi

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")


class Runtime:
    """One runtime process with its Runtime API and its log."""

    def __init__(self, handler: str, folder: str, environment: dict[str, str], log: IO[bytes]) -> None:
        self.api = RuntimeApi()
        self.exited: Future[int] = Future()
        variables = {name: os.environ[name] for name in INHERITED if name in os.environ} | environment
        variables |= {"AWS_LAMBDA_RUNTIME_API": self.api.address, "LAMBDA_TASK_ROOT": folder, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [os.environ.get("STRATA_FUNCTION_PYTHON", sys.executable), "-m", "awslambdaric", handler],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        threading.Thread(target=lambda: self.exited.set_result(self.process.wait()), daemon=True).start()

    def kill(self) -> None:
        """End the process with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.api.close()


class ProcessExecutor(RuntimeExecutor):  # type: ignore[misc]
    """One execution environment of one version of a function."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - LocalStack's name
        super().__init__(id, function_version)
        self._environment: dict[str, str] = {}
        self._runtime: Runtime | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - its log is read after `stop`

    def start(self, env_vars: dict[str, str]) -> None:
        """Start the process and wait until the function is loaded."""
        self._environment = {name: str(value) for name, value in env_vars.items()}
        self._begin()

    def _begin(self) -> Runtime:
        config = self.function_version.config
        folder = str(self.function_version.config.code.get_unzipped_code_location())
        runtime = self._runtime = Runtime(config.handler, folder, self._environment, self._log)
        wait(_futures(runtime.api.ready, runtime.exited), return_when=FIRST_COMPLETED)
        try:
            if not runtime.api.ready.done():
                raise InitFailed(_error("Runtime.ExitError", f"Error: Runtime exited with {runtime.exited.result()}"))
            runtime.api.ready.result()
        except InitFailed as failure:
            runtime.kill()
            self._runtime = None
            raise StatusErrorException("The function could not be loaded", payload=failure.payload) from failure
        return runtime

    def stop(self) -> None:
        """End the process; LocalStack may still read its log."""
        runtime, self._runtime = self._runtime, None
        if runtime:
            runtime.kill()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Hand over one event and wait for its outcome, the function's timeout, or the end of its process."""
        request_id, logged = payload["invoke-id"], self._log.seek(0, os.SEEK_END)
        is_error, body = self._outcome(request_id, payload)
        return InvocationResult(request_id, body, is_error=is_error, logs=self._logs_from(logged))

    def _outcome(self, request_id: str, payload: dict[str, str]) -> tuple[bool, bytes]:
        timeout_s = self.function_version.config.timeout
        try:
            runtime = self._runtime
            if runtime is None or runtime.exited.done():
                self.stop()
                runtime = self._begin()
        except StatusErrorException as failure:
            return True, failure.payload
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout_s) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": payload["invoked-function-arn"],
            "Lambda-Runtime-Trace-Id": payload["trace-id"],
        }
        invocation = Invocation(request_id, headers, payload["payload"].encode())
        runtime.api.submit(invocation)
        wait(_futures(invocation.outcome, runtime.exited), timeout=timeout_s, return_when=FIRST_COMPLETED)
        if invocation.outcome.done():
            return invocation.outcome.result()
        died = runtime.exited.done()
        self.stop()
        if died:
            return True, _error("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited without answer")
        return True, _error(
            "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
        )

    def _logs_from(self, start: int) -> str:
        size = self._log.seek(0, os.SEEK_END)
        return os.pread(self._log.fileno(), size - start, start).decode(errors="replace")

    def get_logs(self) -> str:
        """Give all that the environment wrote."""
        return self._logs_from(0)

    def get_address(self) -> str:
        """Name the host of the process."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Name the host at which the function reaches LocalStack."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Name nothing: the runtime reports to its own Runtime API."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the code."""
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave the code: another version may have the same."""


class ProcessExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc]
    """What `LAMBDA_RUNTIME_EXECUTOR=process` names."""

    name = "process"

    def load(self, *_: object, **__: object) -> type[ProcessExecutor]:
        """Give LocalStack the class."""
        return ProcessExecutor


def _futures(*waited: Future[Any]) -> list[Future[Any]]:
    return list(waited)


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
