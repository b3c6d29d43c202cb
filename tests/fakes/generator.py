"""An obedient model: it does whatever a passage tells it to, and else repeats the passage. The adversary of checks."""

import re
from collections.abc import Iterator

from functions.ml.ports import Draft, GenerationRequest, Usage

_COMMAND = re.compile(r"(?:say|reply|answer)(?: with)?(?: exactly)?: (?P<text>.+)", re.IGNORECASE | re.DOTALL)


class ObedientGenerator:
    """Obeys documents; remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[GenerationRequest] = []

    def generate(self, request: GenerationRequest) -> Draft:
        self.requests.append(request)
        usage = Usage("obedient", sum(len(passage.text) for passage in request.passages), 1)
        for passage in request.passages:
            if command := _COMMAND.search(passage.text):
                return Draft(command["text"], refused=False, usage=usage)
        if not request.passages:
            return Draft("", refused=True, usage=usage)
        return Draft(f"{request.passages[0].text} [{request.passages[0].n}]", refused=False, usage=usage)

    def stream(self, request: GenerationRequest) -> Iterator[str | Draft]:
        draft = self.generate(request)
        if draft.text:
            yield draft.text
        yield draft
