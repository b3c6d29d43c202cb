"""Bedrock's Converse API through boto3: answers of any Bedrock model, whole or streamed."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from functions.ml.adapters.model_replies import draft_of, malformed, seconds_of
from functions.ml.answering.prompt import messages, system_text
from functions.ml.ports import Draft, GenerationRequest, Usage
from shared.kernel.errors import PlatformError, Rejected, TooMany, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

MAX_TOKENS = 1_024
_THROTTLED = frozenset({"ThrottlingException", "TooManyRequestsException", "ServiceQuotaExceededException"})
_REFUSED = frozenset(
    {"ValidationException", "AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException",
     "ExpiredTokenException", "InvalidSignatureException"}
)  # fmt: skip
_TIMED_OUT = frozenset({"ModelTimeoutException"})


class BedrockGenerator:
    """One Bedrock model.

    Args:
        model_id: model or inference profile id, as Bedrock names it.
        url: another endpoint than the region's own.
        client: an own client, for its configuration; made on first use where omitted.
    """

    def __init__(self, model_id: str, *, url: str = "", client: "BedrockRuntimeClient | None" = None) -> None:
        self._model_id = model_id
        self._url = url
        self._client = client
        self._timeout_s = 0.0

    def _runtime(self, timeout_s: float) -> "BedrockRuntimeClient":
        """Return a client that gives up after the time: botocore's timeouts are fixed when it is made."""
        if self._client is None or (self._timeout_s and self._timeout_s != timeout_s):
            import boto3
            from botocore.config import Config

            config = Config(
                connect_timeout=min(5.0, timeout_s), read_timeout=timeout_s, retries={"total_max_attempts": 1}
            )
            self._client = boto3.client("bedrock-runtime", endpoint_url=self._url or None, config=config)
            self._timeout_s = timeout_s
        return self._client

    def _arguments(self, request: GenerationRequest) -> dict[str, Any]:
        return {
            "modelId": self._model_id,
            "system": [{"text": system_text(request)}],
            "messages": [{"role": role, "content": [{"text": text}]} for role, text in messages(request)],
            "inferenceConfig": {"maxTokens": MAX_TOKENS, "temperature": 0.0},
        }

    def generate(self, request: GenerationRequest) -> Draft:
        """Ask once, without retries of its own. Raises as the port says."""
        with _translated():
            reply = self._runtime(request.timeout.total_seconds()).converse(**self._arguments(request))
            text = "".join(part.get("text", "") for part in reply["output"]["message"]["content"])
            return draft_of(text, self._usage(reply.get("usage", {})))

    def stream(self, request: GenerationRequest) -> Iterator[str | Draft]:
        """Yield pieces and at last the draft. Raises as the port says, also in the middle."""
        with _translated():
            reply = self._runtime(request.timeout.total_seconds()).converse_stream(**self._arguments(request))
            pieces: list[str] = []
            usage: dict[str, Any] = {}
            stopped = False
            with contextlib.closing(reply["stream"]) as events:
                for event in events:
                    if piece := event.get("contentBlockDelta", {}).get("delta", {}).get("text", ""):
                        pieces.append(piece)
                        yield piece
                    stopped = stopped or "messageStop" in event
                    usage = dict(event.get("metadata", {}).get("usage", usage))
            if not stopped:
                raise malformed("ended in the middle of the answer")
            yield draft_of("".join(pieces), self._usage(usage))

    def _usage(self, usage: Any) -> Usage:
        return Usage(f"bedrock:{self._model_id}", int(usage.get("inputTokens", 0)), int(usage.get("outputTokens", 0)))


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Translate botocore's errors; whatever else breaks while the reply is read is a malformed reply."""
    from botocore import exceptions

    try:
        yield
    except (PlatformError, GeneratorExit):
        raise
    except (exceptions.ReadTimeoutError, exceptions.ConnectTimeoutError) as error:
        raise Unavailable("The model did not answer in time. Try again.", code="model_timeout") from error
    except exceptions.ClientError as error:
        headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        code = str(error.response.get("Error", {}).get("Code", ""))
        raise _of_code(code, seconds_of(headers.get("retry-after"))) from error
    except exceptions.NoCredentialsError as error:
        raise Rejected("Bedrock was asked without credentials. Tell an administrator.", code="model_refused") from error
    except (exceptions.ResponseStreamingError, exceptions.IncompleteReadError) as error:
        raise malformed("ended in the middle of the answer") from error
    except exceptions.BotoCoreError as error:
        raise Unavailable("The model cannot be reached. Try again in a minute.", code="model_unavailable") from error
    except Exception as error:
        raise malformed("was broken") from error


def _of_code(code: str, retry_after_s: float) -> PlatformError:
    code = code[:1].upper() + code[1:]
    if code in _THROTTLED:
        return TooMany(
            "The model is asked too often right now. Try again in a minute.",
            code="model_throttled",
            retry_after_s=retry_after_s,
        )
    if code in _REFUSED:
        return Rejected(
            "The model refused the request: it is unknown, not allowed for this account, or cannot take this "
            "question. Ask an administrator to check the model's settings.",
            code="model_refused",
        )
    if code in _TIMED_OUT:
        return Unavailable("The model did not answer in time. Try again.", code="model_timeout")
    return Unavailable("The model failed to answer. Try again in a minute.", code="model_unavailable")
