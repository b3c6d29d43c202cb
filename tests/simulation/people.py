"""What people and other systems do in a run, through the application's services and through the bucket."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from shared.contracts import api
from shared.kernel.errors import Conflict, PlatformError, Unavailable
from shared.kernel.ids import derived_id
from tests.fakes.parser import PAGE_BREAK, SCANNED
from tests.simulation.ledger import Content, Ledger, Paper
from tests.simulation.plan import SHELVES, Operation, Slot
from tests.simulation.world import PEOPLE, World

T = TypeVar("T")
ATTEMPTS = 3
LONGEST = 6
SHARED_SHARE = 0.85
"""Of the lines after the first, those that all versions of a document have in common."""
SCANNED_SHARE = 0.15
"""Of the contents, the last line stands on a page that is a picture."""
POISONS = ("!password", "!unreadable", "!bomb", "!empty", "!crash", "!refused")
CODES = {
    "!password": "password_protected",
    "!unreadable": "unreadable",
    "!bomb": "zip_bomb",
    "!empty": "no_text",
    "!crash": "processing_failed",
    "!refused": "index_refused",
}


class People:
    """Carries out the operations of a plan and keeps the ledger."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger
        self._papers: dict[int, Paper] = {}

    def schedule(self) -> None:
        """Let every operation begin at its time."""
        for operation in self._world.plan.operations:
            if self._world.faults.allows(operation.name):
                self._world.scheduler.at(operation.at_s, partial(self._start, operation))

    def _start(self, operation: Operation) -> None:
        name = f"{operation.name} {operation.kind} {operation.slot}"
        work: Callable[[Operation], None] = getattr(self, operation.kind)
        self._ledger.operations += 1
        self._world.scheduler.start(name, operation.name, lambda: work(operation), lambda _: None)

    # --- knowledge bases ----------------------------------------------------------------------------------------------

    def open_shelf(self, operation: Operation) -> None:
        """Make a knowledge base."""
        shelf = SHELVES[operation.slot]
        request = api.CreateKnowledgeBase(
            name=f"Shelf {shelf.number}", visibility="private" if shelf.is_private else "tenant"
        )
        made = self._ask(lambda: self._world.knowledge_bases_api.create(PEOPLE[shelf.owner], request))
        if made is not None:
            self._ledger.kb_ids[shelf.number] = made.kb_id

    def close_shelf(self, operation: Operation) -> None:
        """Delete a knowledge base; whoever hears of a failure asks again."""
        shelf = SHELVES[operation.slot]
        kb_id = self._ledger.kb_ids.get(shelf.number)
        if kb_id is None:
            return
        self._ledger.closing.add(shelf.number)
        for paper in self._ledger.papers.values():
            paper.may_vanish = paper.may_vanish or paper.shelf == shelf
        person = PEOPLE[shelf.owner]
        delete = self._world.knowledge_bases_api.delete
        if self._ask(lambda: delete(person, kb_id, correlation_id=operation.name)) is not None:
            self._ledger.closed.add(shelf.number)

    # --- documents ----------------------------------------------------------------------------------------------------

    def add(self, operation: Operation) -> None:
        """Bring a document: announce and upload it, or drop it into the inbox; again after it was deleted, too."""
        slot = self._world.plan.slots[operation.slot]
        paper = self._papers.get(slot.number)
        if slot.is_inbox:
            paper = paper or self._inbox_paper(slot)
        elif paper is None or self._draw() < 0.7:
            paper = self._announced(slot, operation)
        if paper is not None:
            self._papers[slot.number] = paper
            self._put(paper, self._content(paper, operation.name))

    def overwrite(self, operation: Operation) -> None:
        """Put other bytes under the same key."""
        self._change(operation, lambda paper: self._put(paper, self._content(paper, operation.name)))

    def same_again(self, operation: Operation) -> None:
        """Put the same bytes again."""
        self._change(operation, lambda paper: self._put(paper, paper.latest))

    def go_back(self, operation: Operation) -> None:
        """Put a version, another one, and the first of them again."""

        def back(paper: Paper) -> None:
            content = self._content(paper, f"{operation.name}a")
            self._put(paper, content)
            self._world.scheduler.pause(self._draw() * 2.0)
            self._put(paper, self._content(paper, f"{operation.name}b"))
            self._world.scheduler.pause(self._draw() * 0.5)
            self._put(paper, content)

        self._change(operation, back)

    def two_at_once(self, operation: Operation) -> None:
        """Put two versions, one right after the other."""

        def twice(paper: Paper) -> None:
            self._put(paper, self._content(paper, f"{operation.name}a"))
            self._world.scheduler.pause(self._draw() * 0.3)
            self._put(paper, self._content(paper, f"{operation.name}b"))

        self._change(operation, twice)

    def poison(self, operation: Operation) -> None:
        """Put bytes that no document can be made of."""
        kind = POISONS[int(self._draw() * len(POISONS))]
        content = Content(operation.name, f"{kind} {operation.name}".encode(), poison=CODES[kind])
        self._change(operation, lambda paper: self._put(paper, content))

    def remove(self, operation: Operation) -> None:
        """Remove the object from the bucket, as another system does."""
        self._change(operation, self._remove)

    def replace_by_remove(self, operation: Operation) -> None:
        """Replace as tools do that remove first and put then."""

        def replace(paper: Paper) -> None:
            self._remove(paper)
            self._world.scheduler.pause(self._draw() * 3.0)
            self._put(paper, self._content(paper, operation.name))

        self._change(operation, replace)

    def retry(self, operation: Operation) -> None:
        """Ask for a failed document to be processed again."""

        def again(paper: Paper) -> None:
            self.retry_now(paper, operation.name)

        self._change(operation, again)

    def retry_now(self, paper: Paper, correlation_id: str) -> None:
        """Ask for one document to be processed again; a refusal is an answer, too."""
        retry = self._world.documents_api.retry
        kb_id = self._ledger.kb_ids[paper.shelf.number]
        person = PEOPLE[paper.shelf.owner]
        self._ask(lambda: retry(person, kb_id, paper.document_id, correlation_id=correlation_id))

    def retag(self, operation: Operation) -> None:
        """Give a document other tags."""

        def tag(paper: Paper) -> None:
            wish = api.UpdateDocument(tags=(f"t{int(self._draw() * 3)}",))
            update = self._world.documents_api.update
            kb_id = self._ledger.kb_ids[paper.shelf.number]
            person = PEOPLE[paper.shelf.owner]
            self._ask(lambda: update(person, kb_id, paper.document_id, wish, correlation_id=operation.name))

        self._change(operation, tag)

    def delete(self, operation: Operation) -> None:
        """Delete a document through the API."""
        self._change(operation, lambda paper: self._delete(paper, operation.name))

    def delete_twice(self, operation: Operation) -> None:
        """Delete a document, and again a little later, as impatient people do."""

        def twice(paper: Paper) -> None:
            self._delete(paper, operation.name)
            self._world.scheduler.pause(self._draw() * 20.0)
            self._delete(paper, operation.name)

        self._change(operation, twice)

    # --- steps of them ------------------------------------------------------------------------------------------------

    def _change(self, operation: Operation, change: Callable[[Paper], None]) -> None:
        paper = self._papers.get(operation.slot)
        if paper is not None and paper.history:
            change(paper)

    def _inbox_paper(self, slot: Slot) -> Paper | None:
        shelf = SHELVES[slot.shelf]
        kb_id = self._ledger.kb_ids.get(shelf.number)
        if kb_id is None:
            return None
        key = f"inbox/{shelf.tenant_id}/{kb_id}/d{slot.number}.txt"
        document_id = derived_id("doc", shelf.tenant_id, kb_id, key)
        paper = Paper(f"d{slot.number}", shelf, key, document_id, is_inbox=True)
        self._ledger.papers[document_id] = paper
        return paper

    def _announced(self, slot: Slot, operation: Operation) -> Paper | None:
        shelf = SHELVES[slot.shelf]
        kb_id = self._ledger.kb_ids.get(shelf.number)
        if kb_id is None:
            return None
        request = api.CreateDocument(filename=f"d{slot.number}.txt", size_bytes=10_000)
        create = self._world.documents_api.create
        person = PEOPLE[shelf.owner]
        made = self._ask(lambda: create(person, kb_id, request, correlation_id=operation.name))
        if made is None:
            return None
        paper = Paper(
            f"d{slot.number}/{operation.name}",
            shelf,
            f"documents/{shelf.tenant_id}/{kb_id}/{made.document_id}/source",
            made.document_id,
            is_inbox=False,
        )
        self._ledger.papers[made.document_id] = paper
        self._world.scheduler.pause(self._draw() * 20.0)
        return paper

    def _content(self, paper: Paper, name: str) -> Content:
        count = 1 + int(self._draw() * LONGEST)
        shared = [self._draw() < SHARED_SHARE for _ in range(count)]
        own = f"{paper.name} {name}"
        lines = (
            f"{own} line 0",
            *(f"{paper.name} shared {n}" if kept else f"{own} line {n}" for n, kept in enumerate(shared[1:], start=1)),
        )
        scanned = f"{PAGE_BREAK}{SCANNED}\n" if self._draw() < SCANNED_SHARE else "\n"
        return Content(name, ("\n".join(lines[:-1]) + scanned + lines[-1]).encode(), lines)

    def _put(self, paper: Paper, content: Content) -> None:
        def act() -> None:
            self._ledger.put(paper, content)
            self._world.documents.put(paper.key, content.body)

        self._as_client(f"client: put {content.name} as {paper.name} ({paper.document_id[:12]})", act)

    def _remove(self, paper: Paper) -> None:
        def act() -> None:
            self._ledger.removed(paper)
            self._world.documents.remove(paper.key)

        self._as_client(f"client: remove {paper.name} ({paper.document_id[:12]})", act)

    def _as_client(self, what: str, act: Callable[[], None]) -> None:
        """Do what a client of S3 does: at once, and without our faults but that it may die before it."""
        world = self._world
        actor = world.scheduler.actor
        assert actor is not None
        world.scheduler.pause(self._draw() * 0.2)
        world.scheduler.note(actor.name, what)
        act()

    def _delete(self, paper: Paper, correlation_id: str) -> None:
        mark = self._ledger.begin_delete(paper)
        status = ""
        try:
            kb_id = self._ledger.kb_ids[paper.shelf.number]
            delete = self._world.documents_api.delete
            person = PEOPLE[paper.shelf.owner]
            shown = self._ask(lambda: delete(person, kb_id, paper.document_id, correlation_id=correlation_id))
            status = shown.status if shown else ""
        finally:
            # Who deletes what is deleted already says nothing about a file that came meanwhile.
            is_done = status == "DELETING" or (status == "DELETED" and not paper.is_inbox)
            self._ledger.end_delete(paper, mark, was_acknowledged=is_done)

    def _ask(self, call: Callable[[], T]) -> T | None:
        """Call the API; repeat what time can help, a few times, and give up then. None is no acknowledgement."""
        for attempt in range(ATTEMPTS):
            try:
                return call()
            except (Unavailable, Conflict):
                self._world.scheduler.pause(2.0 + self._draw() * 20.0)
            except PlatformError:
                return None
            if attempt + 1 == ATTEMPTS:
                break
        return None

    def _draw(self) -> float:
        actor = self._world.scheduler.actor
        assert actor is not None
        return actor.rng.random()
