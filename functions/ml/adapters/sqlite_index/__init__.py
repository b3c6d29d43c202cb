"""The embedded search engine: postings in SQLite for words and exact NumPy for vectors, one file per tenant."""

from functions.ml.adapters.sqlite_index.index import SqliteIndex

__all__ = ["SqliteIndex"]
