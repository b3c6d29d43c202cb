"""How a document is cut: strategies behind the `Chunker` port, chosen by name with parameters as data."""

from collections.abc import Mapping
from dataclasses import fields

from functions.ml.ingestion.chunking.fixed import FixedChunker
from functions.ml.ingestion.chunking.page import PageChunker
from functions.ml.ingestion.chunking.parent_child import ParentChildChunker
from functions.ml.ingestion.chunking.question_answer import QuestionAnswerChunker
from functions.ml.ingestion.chunking.sentence_window import SentenceWindowChunker
from functions.ml.ingestion.chunking.structure import StructureChunker
from functions.ml.ingestion.chunking.table_rows import TableRowsChunker
from functions.ml.ports import Chunker
from shared.kernel.errors import Invalid

STRATEGIES: Mapping[str, type[Chunker]] = {
    "structure": StructureChunker,
    "fixed": FixedChunker,
    "sentence-window": SentenceWindowChunker,
    "parent-child": ParentChildChunker,
    "table-rows": TableRowsChunker,
    "page": PageChunker,
    "question-answer": QuestionAnswerChunker,
}
"""Frozen dataclasses of whole numbers; what they are good for stands in the catalogue of releases."""


def chunker_for(strategy: str, parameters: Mapping[str, object]) -> Chunker:
    """Build a strategy from what a pipeline release says.

    Args:
        strategy: one of `STRATEGIES`.
        parameters: whole numbers by the names of the strategy's attributes; what is missing has its default.

    Raises:
        Invalid: the strategy is not known (`unknown_chunker`), or a parameter is not known, no whole number or
            contradicts another (`invalid_chunking`).
    """
    kind = STRATEGIES.get(strategy)
    if kind is None:
        raise Invalid(
            f"There is no chunking strategy {strategy!r}. Choose one of: {', '.join(STRATEGIES)}.",
            code="unknown_chunker",
        )
    known = parameter_names(strategy)
    numbers: dict[str, int] = {}
    for name, value in parameters.items():
        if name not in known or not isinstance(value, int) or isinstance(value, bool):
            raise Invalid(
                f"The chunking parameter {name!r} is not known to {strategy!r} or is no whole number. "
                f"It takes: {', '.join(sorted(known))}.",
                code="invalid_chunking",
            )
        numbers[name] = value
    return kind(**numbers)


def parameter_names(strategy: str) -> frozenset[str]:
    """Return what a strategy of `STRATEGIES` can be told."""
    return frozenset(field.name for field in fields(STRATEGIES[strategy]))  # type: ignore[arg-type]
