"""Writes the tokenizer of a model in the form that its library loads."""

from pathlib import Path

from infra.local.models.e5_file import Vocabulary

SENTENCEPIECE_FILE = "sentencepiece.model"
WORDPIECE_FILE = "tokenizer.json"


def write_sentencepiece(vocabulary: Vocabulary, folder: Path) -> None:
    """Write the unigram tokenizer of XLM-RoBERTa as a SentencePiece model with the ids of the encoder.

    Special pieces are control symbols: a text that spells `</s>` out is split like any other text.

    Args:
        vocabulary: pieces with scores.
        folder: an existing folder.

    Source:
        sentencepiece_model.proto; sentencepiece.bpe.model of FacebookAI/xlm-roberta-base (normalisation `nmt_nfkc`).
    """
    from sentencepiece import SentencePieceNormalizer
    from sentencepiece import sentencepiece_model_pb2 as protocol

    kinds = protocol.ModelProto.SentencePiece
    control = {vocabulary.begin, vocabulary.end, vocabulary.padding, len(vocabulary.pieces) - 1}  # the last is <mask>
    model = protocol.ModelProto()
    for index, (piece, score) in enumerate(vocabulary.pieces):
        kind = kinds.UNKNOWN if index == vocabulary.unknown else kinds.CONTROL if index in control else kinds.NORMAL
        model.pieces.add(piece=piece, score=score, type=kind)
    trainer = model.trainer_spec
    trainer.model_type = trainer.UNIGRAM
    trainer.vocab_size = len(vocabulary.pieces)
    trainer.bos_id, trainer.eos_id = vocabulary.begin, vocabulary.end
    trainer.pad_id, trainer.unk_id = vocabulary.padding, vocabulary.unknown
    rules = protocol.ModelProto()
    rules.ParseFromString(SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto())
    normalizer = model.normalizer_spec
    normalizer.CopyFrom(rules.normalizer_spec)
    normalizer.add_dummy_prefix = normalizer.remove_extra_whitespaces = normalizer.escape_whitespaces = True
    (folder / SENTENCEPIECE_FILE).write_bytes(model.SerializeToString(deterministic=True))


def write_wordpiece(source: Path, max_tokens: int, folder: Path) -> None:
    """Write a packaged tokenizer with the model's own limit; the packaged one cuts at 128 tokens and pads to them.

    Args:
        source: a `tokenizer.json`.
        max_tokens: longest input of the model, the two tokens around the text included.
        folder: an existing folder.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    tokenizer.save(str(folder / WORDPIECE_FILE), pretty=False)
