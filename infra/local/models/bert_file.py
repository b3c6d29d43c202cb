"""Reads the weights of a BERT encoder from a safetensors file with the names of the transformers library."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from infra.local.models.encoder_weights import EncoderWeights, Floats, Layer, Linear, Norm, in_blocks, stack

HEADS = 12
EPSILON = 1e-12


def read_encoder(path: Path) -> EncoderWeights:
    """Open the file and return the encoder, its layers read when asked for.

    Args:
        path: `model.safetensors` of a BertModel with 12 heads and epsilon 1e-12 (config.json of all-MiniLM-L6-v2).
    """
    from safetensors import safe_open

    opened: Any = safe_open(path, framework="np")

    def read(name: str) -> Floats:
        return np.asarray(opened.get_tensor(name), dtype=np.float32)

    names = [name for name in opened.keys() if name.endswith("attention.self.query.weight")]  # noqa: SIM118
    return EncoderWeights(
        vocabulary=in_blocks(read("embeddings.word_embeddings.weight")),
        positions=read("embeddings.position_embeddings.weight") + read("embeddings.token_type_embeddings.weight")[0],
        embedding_norm=_norm(read, "embeddings.LayerNorm"),
        read_layer=lambda index: _layer(read, f"encoder.layer.{index}."),
        layers=len(names),
        heads=HEADS,
        epsilon=EPSILON,
    )


def _linear(read: Callable[[str], Floats], name: str) -> Linear:
    """Return one linear map."""
    return Linear(weight=read(f"{name}.weight"), bias=read(f"{name}.bias"))


def _norm(read: Callable[[str], Floats], name: str) -> Norm:
    """Return one layer normalisation."""
    return Norm(gain=read(f"{name}.weight"), shift=read(f"{name}.bias"))


def _layer(read: Callable[[str], Floats], at: str) -> Layer:
    """Return one encoder layer."""
    attention = [_linear(read, f"{at}attention.self.{name}") for name in ("query", "key", "value")]
    return Layer(
        linears={
            "query_key_value": stack(attention),
            "attention_output": _linear(read, at + "attention.output.dense"),
            "intermediate": _linear(read, at + "intermediate.dense"),
            "output": _linear(read, at + "output.dense"),
        },
        norms={
            "attention_norm": _norm(read, at + "attention.output.LayerNorm"),
            "output_norm": _norm(read, at + "output.LayerNorm"),
        },
    )
