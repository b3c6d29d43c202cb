"""From the names that people type to the things they mean."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from infra.cli.client import Client
from infra.cli.failures import Failure
from shared.contracts import api

Thing = TypeVar("Thing")
SHOWN_NAMES = 10


def near_names(name: str, names: Sequence[str]) -> list[str]:
    """Return the names most like `name`, nearest first; letter case does not count."""
    folded = {known.casefold(): known for known in reversed(names)}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=5, cutoff=0.5)
    return [folded[match] for match in near]


def not_found(kind: str, name: str, names: Iterable[str]) -> Failure:
    """Make the failure that tells what exists instead."""
    known = sorted(set(names), key=str.casefold)
    if near := near_names(name, known):
        hint = "Did you mean " + " or ".join(f'"{other}"' for other in near) + "?"
    elif known:
        listed = ", ".join(f'"{other}"' for other in known[:SHOWN_NAMES])
        hint = f"There is: {listed}" + (", ..." if len(known) > SHOWN_NAMES else ".")
    else:
        hint = "There is none yet."
    return Failure(f'There is no {kind} "{name}". {hint}', code="not_found")


def pick(
    kind: str, name: str, things: Sequence[Thing], name_of: Callable[[Thing], str], id_of: Callable[[Thing], str]
) -> Thing:
    """Pick the thing with this exact name, or with this id.

    Raises:
        Failure: none has it (near names are told), or several have the name.
    """
    named = [thing for thing in things if name_of(thing) == name] or [t for t in things if id_of(t) == name]
    if not named:
        raise not_found(kind, name, map(name_of, things))
    if len(named) > 1:
        ids = ", ".join(sorted(map(id_of, named)))
        raise Failure(f'Several have the name "{name}". Say which {kind} by its id: {ids}.', code="ambiguous_name")
    return named[0]


def find_knowledge_base(client: Client, name: str) -> api.KnowledgeBase:
    """Find a knowledge base by name or id.

    Raises:
        Failure: there is none, or several have the name.
    """
    things = list(client.knowledge_bases())
    return pick("knowledge base", name, things, lambda kb: kb.name, lambda kb: kb.kb_id)


def find_bot(client: Client, name: str) -> api.Bot:
    """Find a bot by its draft's name or its id.

    Raises:
        Failure: there is none, or several have the name.
    """
    return pick("bot", name, list(client.bots()), lambda bot: bot.shown.name, lambda bot: bot.bot_id)


def find_document(client: Client, kb_id: str, name: str) -> api.Document:
    """Find a document by file name or id; its folders may be left out where no other has the name.

    Raises:
        Failure: there is none, or several have the name.
    """
    things = [document for document in client.documents(kb_id) if document.status != "DELETED"]
    if not any(name in (document.filename, document.document_id) for document in things):
        in_folders = [document for document in things if document.filename.rpartition("/")[2] == name]
        if len(in_folders) == 1:
            return in_folders[0]
    return pick("document", name, things, lambda found: found.filename, lambda found: found.document_id)
