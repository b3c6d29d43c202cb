"""How a document is cut: strategies behind the `Chunker` port, chosen by name with parameters as data."""

from collections.abc import Mapping
from dataclasses import fields

from functions.ml.ingestion.chunking.fixed import FixedChunker
from functions.ml.ingestion.chunking.structure import StructureChunker
from functions.ml.ports import Chunker
from shared.kernel.errors import Invalid

STRATEGIES: Mapping[str, type[StructureChunker] | type[FixedChunker]] = {
    "structure": StructureChunker,
    "fixed": FixedChunker,
}


def chunker_for(strategy: str, parameters: Mapping[str, object]) -> Chunker:
    """Build a strategy from what a pipeline release says.

    Args:
        strategy: `structure` or `fixed`.
        parameters: whole numbers by the names of the strategy's attributes; what is missing has its default.

    Raises:
        Invalid: the strategy is not known (`unknown_chunker`), or a parameter is not known, no whole number or
            contradicts another (`invalid_chunking`).
    """
    kind = STRATEGIES.get(strategy)
    if kind is None:
        raise Invalid(
            f"There is no chunking strategy {strategy!r}. Choose one of: {', '.join(sorted(STRATEGIES))}.",
            code="unknown_chunker",
        )
    known = {field.name for field in fields(kind)}
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
