"""Texts to the ids that a local model reads, by whichever tokenizer library its vocabulary asks for."""

from collections.abc import Callable
from pathlib import Path

ToIds = Callable[[str], list[int]]


def tokenizer_of(folder: Path, max_tokens: int) -> ToIds:
    """Load the tokenizer of a model.

    Args:
        folder: of the model; holds `sentencepiece.model` or `tokenizer.json`.
        max_tokens: longest result, the two ids around the text included.

    Returns:
        A function from text to ids that threads may share. Special pieces spelled out in a text are plain text.
    """
    model = folder / "sentencepiece.model"
    return _sentencepiece(model, max_tokens) if model.is_file() else _wordpiece(folder / "tokenizer.json", max_tokens)


def _sentencepiece(path: Path, max_tokens: int) -> ToIds:
    """Load a SentencePiece model, which leaves begin, end and the limit to us."""
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(path))
    begin, end, room = processor.bos_id(), processor.eos_id(), max_tokens - 2

    def to_ids(text: str) -> list[int]:
        return [begin, *processor.encode(text)[:room], end]

    return to_ids


def _wordpiece(path: Path, max_tokens: int) -> ToIds:
    """Load a `tokenizer.json`."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.encode_special_tokens = True  # a document that spells `[SEP]` out means these characters

    def to_ids(text: str) -> list[int]:
        return list(tokenizer.encode(text).ids)

    return to_ids
