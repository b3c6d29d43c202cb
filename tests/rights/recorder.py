"""Writes down which function made which AWS call, addresses that it signed for others included."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.signers
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.rights.actions import Right, rights

GONE = frozenset({"404", "NoSuchKey", "NotFound"})


class Recorder:
    """What was called, by function.

    Attributes:
        calls: the rights that were needed, by the function's logical id.
        gone: WebSockets that are closed, as their people's next message finds out.
    """

    def __init__(self) -> None:
        self.calls: dict[str, set[Right]] = defaultdict(set)
        self.gone: set[str] = set()
        self._of_thread = threading.local()
        self._outermost = ""

    @contextmanager
    def by(self, function: str) -> Iterator[None]:
        """Inside the block a function is at work; a thread that it starts works for it too."""
        before, outermost = getattr(self._of_thread, "function", ""), self._outermost
        self._of_thread.function = function
        if threading.current_thread() is threading.main_thread():
            self._outermost = function
        try:
            yield
        finally:
            self._of_thread.function, self._outermost = before, outermost

    def note(self, *needed: Right) -> None:
        """Write down what the function at work needed; the test's own calls are nobody's."""
        function = getattr(self._of_thread, "function", "") or self._outermost
        if function:
            self.calls[function].update(needed)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in front of boto3."""
        call = BaseClient._make_api_call  # type: ignore[attr-defined]

        def noted(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            service = client.meta.service_model.service_name
            if not (getattr(self._of_thread, "function", "") or self._outermost):
                return call(client, operation, parameters)
            try:
                if parameters.get("ConnectionId") in self.gone:
                    raise ClientError({"Error": {"Code": "GoneException", "Message": "gone"}}, operation)
                if service == "apigatewaymanagementapi" or (service, operation) == ("lambda", "Invoke"):
                    return {}  # what the runtime does then, the test does
                return call(client, operation, parameters)
            except ClientError as error:
                is_missing = error.response["Error"]["Code"] in GONE
                self.note(*rights(service, operation, parameters, is_missing=is_missing))
                raise
            finally:
                self.note(*rights(service, operation, parameters))

        patch.setattr(BaseClient, "_make_api_call", noted)
        self._install_signing(patch)

    def _install_signing(self, patch: pytest.MonkeyPatch) -> None:
        """Whoever uses a signed address does it with the rights of the function that signed."""
        url, post = botocore.signers.generate_presigned_url, botocore.signers.generate_presigned_post

        def noted_url(client: Any, ClientMethod: str, Params: Any, **more: Any) -> str:  # noqa: N803 - boto3's names
            self.note(*rights("s3", client.meta.method_to_api_mapping[ClientMethod], Params))
            address: str = url(client, ClientMethod, Params, **more)
            return address

        def noted_post(client: Any, Bucket: str, Key: str, **more: Any) -> Any:  # noqa: N803 - boto3's names
            self.note(*rights("s3", "PutObject", {"Bucket": Bucket, "Key": Key}))
            return post(client, Bucket, Key, **more)

        patch.setattr(botocore.signers, "generate_presigned_url", noted_url)
        patch.setattr(botocore.signers, "generate_presigned_post", noted_post)
