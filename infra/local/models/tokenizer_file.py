"""Writes `tokenizer.json` in the form that the tokenizers library loads: limit set, padding off."""

from pathlib import Path

from infra.local.models.e5_file import Vocabulary

TOKENIZER_FILE = "tokenizer.json"
NEVER = -1000.0  # log probability of the special pieces: a text that spells one out is split like any other text


def write_unigram(vocabulary: Vocabulary, max_tokens: int, folder: Path) -> None:
    """Write the SentencePiece unigram tokenizer of XLM-RoBERTa.

    Args:
        vocabulary: pieces with scores.
        max_tokens: longest input of the model, the two tokens around the text included.
        folder: an existing folder.

    Source:
        tokenizer.json of intfloat/multilingual-e5-small: NMT and NFKC normalisation, split at white space, each word
        marked by a leading U+2581.
    """
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    special = {vocabulary.begin, vocabulary.end, vocabulary.padding, vocabulary.unknown, len(vocabulary.pieces) - 1}
    pieces = [(piece, NEVER if index in special else score) for index, (piece, score) in enumerate(vocabulary.pieces)]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=vocabulary.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    begin, end = vocabulary.pieces[vocabulary.begin][0], vocabulary.pieces[vocabulary.end][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)]
    )
    tokenizer.enable_truncation(max_tokens)
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)


def write_limited(source: Path, max_tokens: int, folder: Path) -> None:
    """Write a packaged tokenizer with the model's own limit; the packaged one cuts at 128 tokens and pads to them."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
