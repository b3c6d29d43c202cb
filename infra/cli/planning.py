"""Before an ingestion: the knowledge base, and what is there already."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from infra.cli.client import Client
from infra.cli.failures import Failure
from infra.cli.files import Found
from infra.cli.ingestion import Item
from infra.cli.names import find_knowledge_base
from infra.cli.requests import request
from shared.contracts import api

_GONE = frozenset({"DELETING", "DELETED"})
_WITHOUT_CONTENT = frozenset({"UPLOADING", "FAILED"})
_CONFLICT = 409


def ensure_knowledge_base(client: Client, name: str, release: str | None) -> tuple[api.KnowledgeBase, bool]:
    """Find a knowledge base by name or id, or make it.

    Args:
        client: the platform.
        name: exactly as it is called.
        release: for a new one, the name of its pipeline release; the default where None.

    Returns:
        The knowledge base, and whether it was made now.

    Raises:
        Failure: several have the name, it is there with another release, or the platform refuses to make it.
    """
    try:
        return _checked(find_knowledge_base(client, name), release), False
    except Failure as failure:
        if failure.code != "not_found" or failure.status:
            raise
    wish = request(api.CreateKnowledgeBase, name=name, release=release)
    try:
        return client.create_knowledge_base(wish), True
    except Failure as failure:
        if failure.status != _CONFLICT:
            raise
        return _checked(find_knowledge_base(client, name), release), False  # somebody else made it meanwhile


def _checked(base: api.KnowledgeBase, release: str | None) -> api.KnowledgeBase:
    if release and release not in (base.release, base.release_id):
        raise Failure(
            f'"{base.name}" is there already with the release "{base.release}"; leave --release out or take another '
            "name.",
            code="other_release",
        )
    return base


def plan(files: Sequence[Found], there: Iterable[api.Document], *, skip_existing: bool) -> list[Item]:
    """Decide for every file whether it is uploaded, awaited or skipped.

    Args:
        files: what was found.
        there: the documents of the knowledge base.
        skip_existing: skip a file whose name a READY document has, and wait for one that is being processed. A
            document that failed or never got its bytes does not count: it is uploaded again.

    Returns:
        One item per file, in their order.
    """
    named: dict[str, list[api.Document]] = defaultdict(list)
    for document in there:
        if document.status not in _GONE:
            named[document.filename].append(document)
    return [_item(found, named.get(found.filename, []), skip_existing=skip_existing) for found in files]


def _item(found: Found, older: list[api.Document], *, skip_existing: bool) -> Item:
    item = Item(found, older=older)
    usable = [document for document in older if document.status not in _WITHOUT_CONTENT]
    if skip_existing and usable:
        newest = max(usable, key=lambda document: document.updated_at)
        item.take(newest)
        item.uploaded = True
        if newest.status == "READY":
            item.status, item.reason = "SKIPPED", "A document of this name is there already."
    return item
