"""Choose the search engine by the scheme of SEARCH_URL."""

from functools import cache
from pathlib import Path

from functions.ml.ports import SearchIndex
from shared.kernel.settings import SettingsError


@cache
def search_index(url: str) -> SearchIndex:
    """Return the engine behind a URL, which connects when it is first asked.

    Args:
        url: `sqlite:///absolute/folder`, `opensearch:https://host/prefix`, `opensearch:http://host:port/prefix` or
            `opensearch-serverless:https://host/prefix`; docs/search-engines.md tells when to use which.

    Raises:
        SettingsError: no engine has this scheme.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/"):
        from functions.ml.adapters.sqlite_index import SqliteIndex

        return SqliteIndex(Path(rest))
    if url.startswith(("opensearch:", "opensearch-serverless:")):
        from functions.ml.adapters.opensearch_index import OpenSearchIndex

        return OpenSearchIndex.at(url)
    raise SettingsError(f"SEARCH_URL {url!r} names no engine; docs/search-engines.md lists them")
