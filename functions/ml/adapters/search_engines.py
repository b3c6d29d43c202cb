"""Choose the search engine by the scheme of SEARCH_URL."""

from functools import cache
from pathlib import Path

from functions.ml.ports import SearchIndex
from shared.kernel.settings import SettingsError


@cache
def search_index(url: str) -> SearchIndex:
    """Return the engine behind a URL: `sqlite:///absolute/folder`.

    Raises:
        SettingsError: no engine has this scheme.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/"):
        from functions.ml.adapters.sqlite_index import SqliteIndex

        return SqliteIndex(Path(rest))
    raise SettingsError(f"SEARCH_URL {url!r} names no engine; use sqlite:///absolute/folder")
