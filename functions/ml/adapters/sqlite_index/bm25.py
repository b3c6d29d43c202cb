"""BM25 over the postings of one file, exact: every chunk that holds a word of the query is scored."""

import math
import sqlite3
from collections.abc import Mapping

import numpy as np

from functions.ml.adapters.sqlite_index.postings import rarest, read_postings
from functions.ml.adapters.sqlite_index.roster import Doubles, Roster
from functions.ml.retrieval.tokens import Asked

K1 = 1.5
B = 0.75
MAX_QUERY_TOKENS = 256
"""Of a longer query only the rarest tokens count."""
MAX_LOOKED_UP = 2_048
"""Of a longer query still, only the first are looked at: some 10,000 characters where words have spaces."""


def norms(roster: Roster) -> Doubles:
    """Return what damps the counts of each place: k1 * (1 - b + b * length / mean length)."""
    mean = roster.lengths.sum() / max(1, roster.chunks)
    damping: Doubles = K1 * (1 - B + B * roster.lengths / max(mean, 1.0))
    return damping


def bm25(connection: sqlite3.Connection, roster: Roster, damping: Doubles, query: Mapping[str, Asked]) -> Doubles:
    """Score every place against weighted tokens.

    A token of weight w that c times stands in a chunk adds w * idf * c * (k1 + 1) / (c + damping) to its score, where
    idf = ln(1 + (N - n + 0.5) / (n + 0.5)) and n of N chunks hold the token or, if more, the word that it stands for.

    Args:
        connection: inside a read transaction.
        roster: of the same state of the file.
        damping: `norms` of the roster.
        query: what each token counts for.

    Returns:
        One score per place of the roster, 0 where no token stands.

    Source:
        Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the idf of Apache
        Lucene's BM25Similarity, which is never below 0.
    """
    scores = np.zeros(len(roster.editions))
    tokens = list(query)
    if len(tokens) > MAX_QUERY_TOKENS:
        tokens = rarest(connection, tokens[:MAX_LOOKED_UP], roster.slots, MAX_QUERY_TOKENS)
    found = read_postings(connection, tokens, roster.slots)
    for token, (places, counts) in found.items():
        asked = query[token]
        holding = max(len(places), len(found[asked.word][0]) if asked.word in found else 0)
        idf = math.log(1 + max(0.0, roster.chunks - holding + 0.5) / (holding + 0.5))
        scores[places] += asked.weight * idf * (K1 + 1) * counts / (counts + damping[places])
    return scores
