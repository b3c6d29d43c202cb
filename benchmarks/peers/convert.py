"""Converts files to Markdown with one of the other parsers; runs by itself inside that parser's environment.

    python convert.py <docling|markitdown|unstructured> <seconds per file>

Reads a path per line and answers each with one line of JSON: status, reason, seconds, markdown. Nothing of the project
is imported here, because its packages are not installed beside the other parser's.
"""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

Convert = Callable[[str], str]
_SPECIAL = re.compile(r"([\\`*_|#<>\[\]~])")


def main() -> None:
    """Answer one line per path until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Libraries print to the standard output what is no answer.
    os.dup2(2, 1)
    signal.signal(signal.SIGALRM, _too_late)
    convert = ENGINES[sys.argv[1]]()
    print(json.dumps({"status": "ready"}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(convert, line.rstrip("\n"), int(sys.argv[2]))), file=answers, flush=True)


def answer(convert: Convert, path: str, limit_s: int) -> dict[str, object]:
    """Convert one file inside its time limit."""
    started = time.perf_counter()
    signal.alarm(limit_s)
    try:
        found: dict[str, object] = {"status": "parsed", "reason": "", "markdown": convert(path)}
    except TimeoutError:
        found = {"status": "late", "reason": "late", "markdown": ""}
    except BaseException as error:
        found = {"status": "failed", "reason": f"{type(error).__name__}: {error}"[:300], "markdown": ""}
    signal.alarm(0)
    return {**found, "seconds": time.perf_counter() - started}


def docling() -> Convert:
    """Return Docling with its defaults."""
    converter = import_module("docling.document_converter").DocumentConverter()
    return lambda path: str(converter.convert(path).document.export_to_markdown())


def markitdown() -> Convert:
    """Return MarkItDown with its defaults."""
    converter = import_module("markitdown").MarkItDown()
    return lambda path: str(converter.convert(path).text_content)


def unstructured() -> Convert:
    """Return Unstructured with its rules alone.

    The spaCy model that decides between titles and other text is downloaded on first use. In its place stands the blank
    English pipeline that cuts sentences at their marks: which text and which tables are found does not depend on it,
    what is called a title does.
    """
    tokenize: Any = import_module("unstructured.nlp.tokenize")
    tokenize._load_spacy_model = _sentences_only
    partition = import_module("unstructured.partition.auto").partition
    return lambda path: "\n\n".join(map(_element, partition(filename=path, strategy="fast")))


def _sentences_only() -> Any:
    pipeline = import_module("spacy").blank("en")
    pipeline.add_pipe("sentencizer")
    return pipeline


def _element(element: Any) -> str:
    kind = type(element).__name__
    table = getattr(element.metadata, "text_as_html", None)
    if kind == "Table" and table:
        return str(table)
    text = _SPECIAL.sub(r"\\\1", element.text or "")
    if kind == "Title":
        return "# " + " ".join(text.split())
    return f"- {text}" if kind == "ListItem" else text


def _too_late(_signal: int, _frame: object) -> None:
    raise TimeoutError


ENGINES: dict[str, Callable[[], Convert]] = {
    "docling": docling,
    "markitdown": markitdown,
    "unstructured": unstructured,
}

if __name__ == "__main__":
    main()
