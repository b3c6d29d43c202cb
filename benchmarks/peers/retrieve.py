"""Ranks passages with the hybrid retriever of LangChain or LlamaIndex; runs by itself inside their environment.

    python retrieve.py <langchain|llamaindex> < task.json > rankings.json

The task holds passages and questions by id, the path of their vectors (the same that the product searches by), and how
many passages each part may find. Everything else is left at the library's default: how BM25 cuts words, how the two
lists are merged. Nothing of the project is imported here.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

Ask = Callable[[str], list[str]]


def main() -> None:
    """Read the task, rank every question, write ids and processor milliseconds."""
    task = json.load(sys.stdin)
    with np.load(task["vectors"]) as found:
        corpus, queries = found["corpus"], found["queries"]
    vectors = dict(zip(task["questions"].values(), queries.tolist(), strict=True))
    ask = LIBRARIES[sys.argv[1]](task["passages"], corpus, vectors, task["depth"])
    rankings, milliseconds = {}, []
    for key, text in task["questions"].items():
        started = time.process_time()
        rankings[key] = ask(text)[: task["depth"]]
        milliseconds.append((time.process_time() - started) * 1000)
    json.dump({"rankings": rankings, "milliseconds": milliseconds}, sys.stdout)


def langchain(passages: dict[str, str], corpus: Any, vectors: dict[str, list[float]], depth: int) -> Ask:
    """Return LangChain's EnsembleRetriever over BM25Retriever and InMemoryVectorStore, in equal parts."""
    document: Any = import_module("langchain_core.documents").Document
    embeddings: Any = import_module("langchain_core.embeddings").Embeddings
    store: Any = import_module("langchain_core.vectorstores").InMemoryVectorStore
    bm25: Any = import_module("langchain_community.retrievers").BM25Retriever
    ensemble: Any = import_module("langchain_classic.retrievers").EnsembleRetriever

    class Known(embeddings):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            del texts
            rows: list[list[float]] = corpus.tolist()
            return rows

        def embed_query(self, text: str) -> list[float]:
            return vectors[text]

    documents = [document(page_content=text, id=key, metadata={"id": key}) for key, text in passages.items()]
    stored = store(Known())
    stored.add_documents(documents)
    words = bm25.from_documents(documents, k=depth)
    both = ensemble(
        retrievers=[words, stored.as_retriever(search_kwargs={"k": depth})], weights=[0.5, 0.5], id_key="id"
    )
    return lambda text: [found.metadata["id"] for found in both.invoke(text)]


def llamaindex(passages: dict[str, str], corpus: Any, vectors: dict[str, list[float]], depth: int) -> Ask:
    """Return LlamaIndex's QueryFusionRetriever (reciprocal ranks) over BM25Retriever and its vector index."""
    core: Any = import_module("llama_index.core")
    schema: Any = import_module("llama_index.core.schema")
    base: Any = import_module("llama_index.core.base.embeddings.base").BaseEmbedding
    retrievers: Any = import_module("llama_index.core.retrievers")
    bm25: Any = import_module("llama_index.retrievers.bm25").BM25Retriever
    mock: Any = import_module("llama_index.core.llms").MockLLM

    class Known(base):  # type: ignore[misc]
        def _get_query_embedding(self, query: str) -> list[float]:
            return vectors[query]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return vectors[query]

        def _get_text_embedding(self, text: str) -> Sequence[float]:
            raise AssertionError("Every passage has its vector.")

    nodes = [
        schema.TextNode(id_=key, text=text, embedding=vector.tolist())
        for (key, text), vector in zip(passages.items(), corpus, strict=True)
    ]
    index = core.VectorStoreIndex(nodes, embed_model=Known())
    both = retrievers.QueryFusionRetriever(
        [bm25.from_defaults(nodes=nodes, similarity_top_k=depth), index.as_retriever(similarity_top_k=depth)],
        llm=mock(),
        num_queries=1,
        mode="reciprocal_rerank",
        similarity_top_k=depth,
        use_async=False,
    )
    return lambda text: [found.node.node_id for found in both.retrieve(text)]


LIBRARIES = {"langchain": langchain, "llamaindex": llamaindex}

if __name__ == "__main__":
    main()
