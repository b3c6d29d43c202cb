"""The weights of a BERT encoder, whatever file they came from: the shape that the graph is written from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int8]
BLOCK = 32
"""Numbers that share one scale in a vocabulary: the block of the E5 file, and one that onnxruntime takes."""

LinearName = Literal["query_key_value", "attention_output", "intermediate", "output"]
NormName = Literal["attention_norm", "output_norm"]


@dataclass(frozen=True, slots=True)
class BlockMatrix:
    """A matrix in blocks of 32 along its rows: number = (integer - zero) * scale.

    Attributes:
        packed: (rows, columns * bits / 8) bytes; with 4 bits the even column is in the low half.
        scales: (rows, columns / 32).
        bits: 4 (zero is 8) or 8 (zero is 128).
    """

    packed: NDArray[np.uint8]
    scales: Floats
    bits: Literal[4, 8]

    def to_floats(self) -> Floats:
        """Return the (rows, columns) matrix that the integers stand for."""
        if self.bits == 4:  # noqa: PLR2004 - one of the two values of the field
            integers = np.stack([self.packed & 15, self.packed >> 4], axis=-1).astype(np.int16) - 8
        else:
            integers = self.packed.astype(np.int16) - 128
        rows, blocks = self.scales.shape
        floats = integers.reshape(rows, blocks, BLOCK) * self.scales[:, :, None]
        return np.asarray(floats.reshape(rows, blocks * BLOCK), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Linear:
    """y = x W^T + bias.

    Attributes:
        weight: (outputs, inputs).
        bias: (outputs,).
    """

    weight: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer normalisation: gain and shift, each (hidden,)."""

    gain: Floats
    shift: Floats


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoder layer; query, key and value are one map of three times the hidden size, in that order."""

    linears: dict[LinearName, Linear]
    norms: dict[NormName, Norm]


@dataclass(frozen=True, slots=True)
class EncoderWeights:
    """A BERT encoder whose layers are read one at a time, so that a build never holds them all as floats.

    Attributes:
        vocabulary: (pieces, hidden).
        positions: (positions, hidden), the embedding of token type 0 already added.
        embedding_norm: of the sum of both.
        read_layer: returns the layer of an index from 0.
        layers: how many there are.
        heads: attention heads.
        epsilon: of every layer normalisation.
    """

    vocabulary: BlockMatrix
    positions: Floats
    embedding_norm: Norm
    read_layer: Callable[[int], Layer]
    layers: int
    heads: int
    epsilon: float


def in_blocks(matrix: Floats) -> BlockMatrix:
    """Round a matrix to 8 bits in blocks of 32, symmetric around 0.

    Args:
        matrix: (rows, columns), columns a multiple of 32.

    Returns:
        The same matrix, every number within half a step (largest of its block / 127) of the original.
    """
    blocks = matrix.reshape(matrix.shape[0], -1, BLOCK)
    scales, steps = _scales(blocks, axis=2)
    packed = (np.rint(blocks / steps[:, :, None]) + 128).astype(np.uint8)
    return BlockMatrix(packed=packed.reshape(matrix.shape), scales=scales, bits=8)


def per_row(matrix: Floats) -> tuple[Integers, Floats]:
    """Round a matrix to 8 bits with one scale per row, symmetric around 0.

    One scale per output keeps a large weight of one output from coarsening all the others: with one scale for the
    whole matrix the vectors of MiniLM fall to a cosine of 0.83.

    Args:
        matrix: (rows, columns).

    Returns:
        The integers (rows, columns) and the scales (rows,): matrix = integers * scales.
    """
    scales, steps = _scales(matrix, axis=1)
    return np.rint(matrix / steps[:, None]).astype(np.int8), scales


def stack(parts: list[Linear]) -> Linear:
    """Put linear maps of the same input under each other: one product instead of several."""
    return Linear(
        weight=np.concatenate([part.weight for part in parts]), bias=np.concatenate([part.bias for part in parts])
    )


def _scales(numbers: Floats, *, axis: int) -> tuple[Floats, Floats]:
    """Return the scales, and the same with 1 where all numbers are 0, to divide by."""
    scales = (np.abs(numbers).max(axis=axis) / np.float32(127)).astype(np.float32)
    return scales, np.where(scales > 0, scales, np.float32(1))
