"""Files of questions: one JSON object per line."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cli.failures import ExitCode, Failure, SignInNeeded, Unreachable

DATASET_FIELDS = frozenset({"id", "text", "answer", "documents", "unanswerable"})


@dataclass(frozen=True)
class Line:
    """One line of a file of questions.

    Attributes:
        id: its `_id`, or `id`, or else its number in the file, counted from 1.
        content: the object on the line.
        problem: why the line cannot be used; empty when it can.
    """

    id: str
    content: dict[str, Any]
    problem: str = ""

    @property
    def text(self) -> str:
        """The question."""
        return str(self.content["text"])


def read_lines(path: Path) -> list[Line]:
    """Read a file of questions; empty lines do not count.

    Raises:
        Failure: the file cannot be read or holds no question.
    """
    try:
        texts = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Failure(f"{path} cannot be read: {reason}.", code="file_unreadable") from error
    lines = [_parse(number, text) for number, text in enumerate(texts, start=1) if text.strip()]
    if not lines:
        raise Failure(f"{path} holds no question; each line is a JSON object with _id and text.", code="no_questions")
    return lines


def _parse(number: int, text: str) -> Line:
    try:
        content = json.loads(text)
    except ValueError as error:
        return Line(str(number), {}, f"Line {number} is not JSON: {error}.")
    if not isinstance(content, dict):
        return Line(str(number), {}, f"Line {number} is not a JSON object.")
    name = str(content.get("_id", content.get("id", number)))
    if not isinstance(content.get("text"), str) or not content["text"].strip():
        return Line(name, content, f'Line {number} has no "text".')
    return Line(name, content)


def each(lines: list[Line], ask: Callable[[str], dict[str, object]]) -> Iterator[dict[str, object]]:
    """Ask line by line; a line that fails becomes `{_id, error}` and the others go on.

    Args:
        lines: in the order of the file.
        ask: one question in, what to print for it out.

    Raises:
        SignInNeeded, Unreachable: no further line could succeed.
    """
    for line in lines:
        try:
            if line.problem:
                raise Failure(line.problem, code="invalid_line")
            yield {"_id": line.id, **ask(line.text)}
        except (SignInNeeded, Unreachable) as failure:
            if failure.code != "timeout":
                raise
            yield {"_id": line.id, "error": failure.as_data()}
        except Failure as failure:
            yield {"_id": line.id, "error": failure.as_data()}


def print_each(path: Path, ask: Callable[[str], dict[str, object]]) -> ExitCode:
    """Answer a file of questions with one JSON line each on stdout.

    Returns:
        `SOME_FAILED` when a line failed, else `OK`.
    """
    from infra.cli.output import print_json_line

    failed = False
    for result in each(read_lines(path), ask):
        print_json_line(result)
        failed = failed or "error" in result
    return ExitCode.SOME_FAILED if failed else ExitCode.OK
