"""The search engine for the cloud: OpenSearch, as the managed service, Serverless, or a server of one's own.

**Layout.** All tenants share one index for each length of vector, `<prefix>-chunks-v<version>-d<length>`: the engine
fixes the length per field, and an index per tenant would cost a shard each. A tenant's chunks lie on one shard
(`routing`), and every read carries the tenant in its filter as well. Each pipeline release has an alias,
`<prefix>-chunks-v<version>-release-<id>`, on the index that holds its vectors: writes go through it, so it also says
which length a release has, and an index that somebody removed is made again with its mapping instead of being guessed.
The version counts the mapping and the rules of `tokens`; an index of other rules is not searched but told of. Template,
index and alias are made when they are first needed, by whichever worker is first; the others find them.

**Words.** Passages and queries are sent as the tokens of `functions/ml/retrieval/tokens.py`, cut at the spaces, and
ranked by BM25 with k1 1.5 and b 0.75, so both engines find the same for the same words in every language. The analyzers
of the engine are not used: they need the language of each text and of each query, which a question of three words does
not tell, and one field per language; and a passage of an unknown language would be found on one engine and not on the
other. Whether they would rank better in a language that is known was not measured. The frequencies that weigh the words
are of the shard, which tenants share, and not of the tenant alone.

**Vectors** are stored with norm 1 and compared by inner product, which is their cosine and, unlike the engine's own
cosine, takes the zero vector. Up to `EXACT_CHUNKS` chunks in sight are all compared; of more, the graph gives the best.

**Visible on return.** Indices are not refreshed by the clock but by each write, and nothing half written is seen in
between by a reader of the same shard unless another write ends meanwhile. Waiting for the clock (`wait_for`) took three
times as long for a bulk of 64.

**Serverless** takes no ids, no routing, no refresh, no scripts and no delete by query; see `dialects`.
"""

from functions.ml.adapters.opensearch_index.index import OpenSearchIndex

__all__ = ["OpenSearchIndex"]
