"""What people did and were told, from which follows what they may see: the truth that the platform is held to.

It knows nothing of generations, parts or messages: only which bytes were put where and when, what was deleted, and
what was acknowledged.
"""

import hashlib
from dataclasses import dataclass, field

from tests.simulation.plan import SHELVES, Shelf


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one version.

    Attributes:
        name: of the operation that made it.
        lines: what its chunks must be, in order; empty when it cannot be read.
        poison: the code that its document must fail with; empty for readable content.
    """

    name: str
    body: bytes
    lines: tuple[str, ...] = ()
    poison: str = ""

    @property
    def version(self) -> str:
        """The entity tag of these bytes."""
        return hashlib.md5(self.body).hexdigest()


@dataclass(slots=True)
class Paper:
    """One document, as the one who brought it knows it.

    Attributes:
        history: every content that was put under its key, oldest first; an equal one again is a further entry.
        floor: nothing older than this place in the history may be seen any more.
        is_present: its object was put and not removed since, as far as its owner knows.
        is_forbidden: a delete was acknowledged and the key can never come to life again.
        is_ambiguous: a delete met a write, or was not acknowledged: both outcomes are right.
        may_vanish: somebody began to remove it, so that it need not be seen without a gap.
        is_seen: it was seen at the last look.
        deletes: how many deletes of it are under way.
    """

    name: str
    shelf: Shelf
    key: str
    document_id: str
    is_inbox: bool
    history: list[Content] = field(default_factory=list)
    floor: int = 0
    is_present: bool = False
    is_forbidden: bool = False
    is_ambiguous: bool = False
    may_vanish: bool = False
    is_seen: bool = False
    deletes: int = 0

    @property
    def must_exist(self) -> bool:
        """Is there a version that nobody removed?"""
        if self.is_forbidden or self.is_ambiguous or not self.is_present:
            return False
        return self.is_inbox or not self.may_vanish

    @property
    def latest(self) -> Content:
        """What was put last."""
        return self.history[-1]


@dataclass(slots=True)
class Ledger:
    """All of it.

    Attributes:
        kb_ids: of each open knowledge base by its number.
        closing: numbers of those whose delete was begun.
        closed: numbers of those whose delete was acknowledged.
        papers: by document id.
        operations: how many operations did something.
        acknowledged: how many deletes of documents were acknowledged.
    """

    kb_ids: dict[int, str] = field(default_factory=dict)
    closing: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    papers: dict[str, Paper] = field(default_factory=dict)
    operations: int = 0
    acknowledged: int = 0

    def shelf_of(self, kb_id: str) -> Shelf | None:
        """Return which knowledge base of the plan this is."""
        return next((SHELVES[number] for number, known in self.kb_ids.items() if known == kb_id), None)

    def put(self, paper: Paper, content: Content) -> None:
        """Note that bytes were put; those that meet a request for the delete may go with it, or come after it."""
        paper.history.append(content)
        paper.is_present = True
        paper.is_ambiguous = paper.deletes > 0 or (paper.is_ambiguous and not paper.is_inbox)

    def removed(self, paper: Paper) -> None:
        """Note that the object was removed from the bucket."""
        paper.is_present = False
        paper.may_vanish = True

    def begin_delete(self, paper: Paper) -> int:
        """Note that a person asks for the delete; returns the mark for `acknowledge`."""
        paper.deletes += 1
        paper.may_vanish = True
        paper.is_ambiguous = True
        return len(paper.history)

    def end_delete(self, paper: Paper, mark: int, *, was_acknowledged: bool) -> None:
        """Note how the request for a delete ended."""
        paper.deletes -= 1
        if not was_acknowledged:
            return
        self.acknowledged += 1
        paper.floor = max(paper.floor, mark)
        if not paper.is_inbox:
            paper.is_forbidden = True
        if len(paper.history) == mark:
            paper.is_present = False
            paper.is_ambiguous = paper.deletes > 0
