"""LiteLLM: answers of every provider but Bedrock, whole or streamed.

Importing LiteLLM takes 5 CPU-seconds, so it is imported when the first question is asked. It would fetch a table of
prices from the network on import; `LITELLM_LOCAL_MODEL_COST_MAP` keeps it on its own copy. A Bedrock model through
LiteLLM would need `aws_bedrock_runtime_endpoint` for another endpoint, since it ignores boto3's environment names: use
`bedrock:` instead.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

from functions.ml.adapters.model_replies import draft_of, malformed, seconds_of
from functions.ml.answering.prompt import messages, system_text
from functions.ml.ports import Draft, GenerationRequest, Usage
from shared.kernel.errors import PlatformError, Rejected, TooMany, Unavailable

MAX_TOKENS = 1_024
LEAST_TIMEOUT_S = 1.0
NO_KEY = "none"  # LiteLLM refuses to ask without any key, also a server that wants none
_REFUSED_STATUS = frozenset({400, 401, 403, 404, 422})


@cache
def _litellm() -> Any:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_LOG", "ERROR")
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    return litellm


class LiteLlmGenerator:
    """One model of one provider.

    Args:
        model: as LiteLLM names it, `provider/model`.
        url: the provider's address, where it is not its public one.
        key: the provider's key, where it is not in the environment; a server at a `url` may want none.
    """

    def __init__(self, model: str, *, url: str = "", key: str = "") -> None:
        self._model = model
        self._url = url
        self._key = key

    def _arguments(self, request: GenerationRequest, began_s: float) -> dict[str, Any]:
        left_s = request.timeout.total_seconds() - (time.monotonic() - began_s)  # the first import takes seconds
        conversation = [{"role": role, "content": text} for role, text in messages(request)]
        return {
            "model": self._model,
            "messages": [{"role": "system", "content": system_text(request)}, *conversation],
            "timeout": max(left_s, LEAST_TIMEOUT_S),
            "api_base": self._url or None,
            "api_key": self._key or (NO_KEY if self._url else None),
            "max_tokens": MAX_TOKENS,
            "temperature": 0.0,
            "num_retries": 0,
            "max_retries": 0,
        }

    def generate(self, request: GenerationRequest) -> Draft:
        """Ask once, without retries of its own. Raises as the port says."""
        began_s = time.monotonic()
        litellm = _litellm()
        with _translated(litellm):
            reply = litellm.completion(**self._arguments(request, began_s))
            return draft_of(reply.choices[0].message.content, self._usage(getattr(reply, "usage", None)))

    def stream(self, request: GenerationRequest) -> Iterator[str | Draft]:
        """Yield pieces and at last the draft. Raises as the port says, also in the middle."""
        began_s = time.monotonic()
        litellm = _litellm()
        with _translated(litellm):
            pieces: list[str] = []
            usage: Any = None
            finished = False
            options = {"include_usage": True}
            for part in litellm.completion(**self._arguments(request, began_s), stream=True, stream_options=options):
                usage = getattr(part, "usage", None) or usage
                if not part.choices:
                    continue
                if piece := part.choices[0].delta.content or "":
                    pieces.append(piece)
                    yield piece
                finished = finished or part.choices[0].finish_reason is not None
            if not finished:
                raise malformed("ended in the middle of the answer")
            yield draft_of("".join(pieces), self._usage(usage))

    def _usage(self, usage: Any) -> Usage:
        return Usage(
            f"litellm:{self._model}",
            int(getattr(usage, "prompt_tokens", 0) or 0),
            int(getattr(usage, "completion_tokens", 0) or 0),
        )


@contextlib.contextmanager
def _translated(litellm: Any) -> Iterator[None]:
    """Translate LiteLLM's errors by class; whatever else breaks while the reply is read is a malformed reply."""
    try:
        yield
    except (PlatformError, GeneratorExit):
        raise
    except Exception as error:
        raise _of_class(litellm, error) from error


def _of_class(litellm: Any, error: Exception) -> PlatformError:
    """Choose by class, the narrow ones first: several of LiteLLM's derive from each other."""
    if isinstance(error, litellm.Timeout):
        return Unavailable("The model did not answer in time. Try again.", code="model_timeout")
    if isinstance(error, litellm.RateLimitError):
        return TooMany(
            "The model is asked too often right now. Try again in a minute.",
            code="model_throttled",
            retry_after_s=seconds_of((getattr(error, "litellm_response_headers", None) or {}).get("retry-after")),
        )
    if getattr(error, "status_code", 0) in _REFUSED_STATUS or _never_asked(error):
        return Rejected(
            "The model refused the request: its key is missing or wrong, it is unknown, or it cannot take this "
            "question. Ask an administrator to check the model's settings.",
            code="model_refused",
        )
    if not hasattr(error, "llm_provider") or _is_unreadable(error):
        return malformed("was broken")
    return Unavailable("The model cannot be reached. Try again in a minute.", code="model_unavailable")


def _never_asked(error: BaseException | None) -> bool:
    """Look for the client's own refusal (no key): its plain class, where a provider's failure is of a narrower one."""
    from openai import OpenAIError

    while error is not None:
        if type(error) is OpenAIError:
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_unreadable(error: BaseException | None) -> bool:
    """Look for a decoding error behind the provider's: LiteLLM reports unreadable JSON as a failed connection."""
    while error is not None:
        if isinstance(error, ValueError) and not hasattr(error, "llm_provider"):
            return True
        error = error.__cause__ or error.__context__
    return False
