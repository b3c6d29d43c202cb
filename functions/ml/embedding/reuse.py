"""Embed a passage once: vectors that the search index already holds are used again.

The index itself is the memory: another document of the tenant with the same text, the version before, an interrupted
try. So nothing of a deleted document stays behind in a cache, and asking costs one request for a whole part.
"""

import hashlib
from collections.abc import Sequence

from functions.ml.ports import Embedder, SearchIndex, Vector


def text_key(model_id: str, text: str) -> str:
    """Name a text under a model: equal keys mean equal vectors.

    Returns:
        64 hexadecimal digits.
    """
    return hashlib.sha256(f"{model_id}\x1f{text}".encode("utf-8", "surrogatepass")).hexdigest()


def embed_passages(
    embedder: Embedder, index: SearchIndex, tenant_id: str, texts: Sequence[str]
) -> list[tuple[str, Vector]]:
    """Return the key and the vector of each text, in order; each distinct text is embedded at most once.

    Raises:
        Unavailable, Invalid: as the embedder and the index.
    """
    keys = [text_key(embedder.model_id, text) for text in texts]
    known = {
        key: vector
        for key, vector in index.vectors(tenant_id, list(dict.fromkeys(keys))).items()
        if len(vector) == embedder.dimensions
    }
    lacking = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if lacking:
        vectors = embedder.embed(list(lacking.values()), purpose="passage")
        known.update(zip(lacking, vectors, strict=True))
    return [(key, known[key]) for key in keys]
