"""The invariants I1 to I8 of the protocol, and what follows for the log that people read (I9).

After each step, real searches through the retrieval service show what each caller sees; only a knowledge base that the
step may have changed is searched again, because the same index and the same rows give the same hits.
"""

from collections.abc import Iterable

from functions.ml.ports import RankedHit, Scope
from functions.ml.storage import DOCUMENTS, INBOX, MANIFESTS, parse_key, parse_part_key
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.errors import NotFound
from tests.simulation.ledger import Ledger, Paper
from tests.simulation.plan import SHELVES, Shelf
from tests.simulation.scheduler import Violation
from tests.simulation.world import MOST_SHOWN, PEOPLE, World

GENTLE_LIMIT, USUAL_LIMIT = 1.2, 3.0
RESCUABLE = frozenset({"processing_failed", "deadline_exceeded"})


class Invariants:
    """Checks one run."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._world = world
        self._ledger = ledger
        self.searches = 0

    # --- after every step ---------------------------------------------------------------------------------------------

    def after_step(self) -> None:
        """Look as every caller at what the step may have changed. Raises Violation."""
        touched = self._world.touched.pairs
        if not touched:
            return
        pairs, self._world.touched.pairs = touched, {}
        for _, kb_id in pairs:
            shelf = self._ledger.shelf_of(kb_id)
            if shelf is not None:
                self._look(shelf, kb_id)

    def forget_what_was_seen(self) -> None:
        """Expect no answer in the next step: a store was lost. What answered may not answer from an older version."""
        for paper in self._ledger.papers.values():
            paper.is_seen = False

    def look_everywhere(self) -> None:
        """Look at every knowledge base."""
        for number, kb_id in self._ledger.kb_ids.items():
            self._look(SHELVES[number], kb_id)

    def _look(self, shelf: Shelf, kb_id: str) -> None:
        for user_id, person in PEOPLE.items():
            hits = self._search(person.tenant_id, person.readers, kb_id)
            if user_id == shelf.owner:
                self._check_papers(shelf, hits)
            else:
                self._check_rights(user_id, shelf, hits)

    def _search(self, tenant_id: str, readers: tuple[str, ...], kb_id: str) -> list[RankedHit]:
        self.searches += 1
        try:
            return self._world.retrieve(Scope(tenant_id, (kb_id,), readers), "anything", limit=MOST_SHOWN)
        except NotFound:
            return []

    def _check_rights(self, user_id: str, shelf: Shelf, hits: list[RankedHit]) -> None:
        """I8, and what is deleted is deleted for everybody."""
        allowed = PEOPLE[user_id].tenant_id == shelf.tenant_id and not shelf.is_private
        if hits and not allowed:
            raise Violation(
                "I8", f"{user_id} sees {hits[0].indexed.chunk_id} of {shelf.tenant_id}'s shelf {shelf.number}"
            )
        self._check_closed(shelf, hits)

    def _check_closed(self, shelf: Shelf, hits: list[RankedHit]) -> None:
        if hits and shelf.number in self._ledger.closed:
            raise Violation("I2", f"shelf {shelf.number} was deleted, and {hits[0].indexed.chunk_id} answers")

    def _check_papers(self, shelf: Shelf, hits: list[RankedHit]) -> None:
        self._check_closed(shelf, hits)
        found: dict[str, list[RankedHit]] = {}
        for hit in hits:
            found.setdefault(hit.indexed.document_id, []).append(hit)
        for paper in self._ledger.papers.values():
            if paper.shelf.number == shelf.number:
                self._check_paper(paper, found.pop(paper.document_id, []))
        for document_id in found:
            raise Violation("I2", f"{document_id} answers, and nobody brought it")

    def _check_paper(self, paper: Paper, hits: list[RankedHit]) -> None:
        """I2 and I3: what is seen is one version, whole, none older than what was seen or deleted before."""
        if not hits:
            if paper.is_seen and not paper.may_vanish and paper.shelf.number not in self._ledger.closing:
                raise Violation("I3", f"{paper.name} answered and does not any more; nobody deleted it")
            paper.is_seen = False
            return
        if paper.is_forbidden:
            raise Violation("I2", f"{paper.name} ({paper.document_id}) answers after its delete was acknowledged")
        generations = {hit.indexed.generation for hit in hits}
        if len(generations) > 1:
            raise Violation("I3", f"{paper.name} answers from the generations {sorted(generations)} at once")
        if len({hit.indexed.metadata.tags for hit in hits}) > 1:
            raise Violation("I3", f"{paper.name} answers with the tags of two generations at once")
        texts = sorted(hit.indexed.chunk.text for hit in hits)
        for place in range(paper.floor, len(paper.history)):
            if sorted(paper.history[place].lines) == texts:
                paper.floor, paper.is_seen = place, True
                self._check_version(paper)
                return
        raise Violation("I2", _what_is_seen(paper, texts))

    def _check_version(self, paper: Paper) -> None:
        """I3: what answers is what the registry says it was made of, or a newer version is never missed."""
        row, content = self.row_of(paper), paper.history[paper.floor]
        if row is not None and row.status == "READY" and row.version != content.version:
            raise Violation("I3", f"{paper.name} answers from {content.name}, and its row says that it is another one")

    # --- at rest ------------------------------------------------------------------------------------------------------

    def at_rest(self) -> None:
        """Check what must hold when nothing moves any more. Raises Violation."""
        self.look_everywhere()
        rows = self._world.registry.plain.rows
        for row in rows.values():
            self._check_end(row)
        for paper in self._ledger.papers.values():
            self._check_outcome(paper)
        self._check_queues()
        self._check_index(rows.values())
        self._check_buckets()
        self._check_closed_shelves()
        self._check_calls()
        self._check_log()

    def _check_end(self, row: DocumentRow) -> None:
        """I4: every state is terminal and says why where it is not READY; a delete left its receipt."""
        if not row.is_terminal or row.deadline:
            raise Violation("I4", f"{row.document_id} rests as {row.status} with deadline {row.deadline!r}")
        if row.status == "FAILED" and not (row.reason and row.code):
            raise Violation("I5", f"{row.document_id} failed without a reason")
        if row.status == "DELETED" and row.receipt is None:
            raise Violation("I4", f"{row.document_id} was deleted without a receipt")

    def row_of(self, paper: Paper) -> DocumentRow | None:
        """Return the registry's row of a document."""
        kb_id = self._ledger.kb_ids[paper.shelf.number]
        return self._world.registry.plain.document(paper.shelf.tenant_id, kb_id, paper.document_id)

    def _check_outcome(self, paper: Paper) -> None:
        """I1 and I5: what its owner left there is there, or says why not; what is gone does not answer."""
        if paper.shelf.number in self._ledger.closing or not paper.history:
            return
        row = self.row_of(paper)
        if not paper.must_exist:
            if not paper.is_ambiguous and paper.is_seen and not paper.is_present:
                raise Violation("I2", f"{paper.name} was removed and still answers")
            return
        if self._world.documents.stored(paper.key) is None:
            raise Violation("I1", f"{paper.name}: the bytes of {paper.latest.name} are lost; its row is {_shown(row)}")
        if row is None:
            raise Violation("I1", f"{paper.name}: {paper.latest.name} lies in the bucket and has no row")
        if paper.latest.poison:
            if row.status != "FAILED" or not _says(row, paper.latest.poison):
                raise Violation("I5", f"{paper.name} holds {paper.latest.poison} and rests as {_shown(row)}")
        elif row.status != "READY" or not paper.is_seen or paper.history[paper.floor].lines != paper.latest.lines:
            raise Violation("I1", f"{paper.name} should answer from {paper.latest.name} and rests as {_shown(row)}")

    def to_rescue(self) -> list[Paper]:
        """Return documents that gave up without a known cause, whose remedy is that a person retries."""
        found = []
        for paper in self._ledger.papers.values():
            row = self.row_of(paper) if paper.shelf.number in self._ledger.kb_ids else None
            stored = self._world.documents.stored(paper.key)
            if row is None or stored is None or row.status != "FAILED" or paper.latest.poison in RESCUABLE:
                continue
            if row.code in RESCUABLE and row.version in ("", stored.version):
                found.append(paper)
        return found

    def _check_queues(self) -> None:
        for queue in self._world.queues:
            if queue.held:
                raise Violation(
                    "I4", f"{len(queue.held)} messages rest in the queue {queue.name} and nobody reads them"
                )

    def _check_index(self, rows: Iterable[DocumentRow]) -> None:
        """I6: the index holds the live generations and nothing else; I3: with the tags that the registry has."""
        live = {(row.tenant_id, row.document_id): row.live_generation for row in rows}
        tags = {(row.tenant_id, row.document_id): row.tags for row in rows if row.status == "READY"}
        for tenant_id, held in self._world.index.everything.items():
            for chunk in held.values():
                if live.get((tenant_id, chunk.document_id)) != chunk.generation:
                    raise Violation("I6", f"{chunk.chunk_id} rests in the index and belongs to nothing live")
                if tags.get((tenant_id, chunk.document_id), chunk.metadata.tags) != chunk.metadata.tags:
                    raise Violation("I3", f"{chunk.chunk_id} carries tags that its document does not have")

    def _check_buckets(self) -> None:
        """I6: each object belongs to a document that is not deleted; parts are gone, and views are of what is live."""
        left = next((key for key in self._world.artifacts.versions if key.startswith("parts/")), None)
        if left:
            raise Violation("I6", f"{left} rests in the artifacts bucket")
        live = {
            (row.tenant_id, row.kb_id, row.document_id, row.live_generation)
            for row in self._world.registry.plain.rows.values()
        }
        for key in self._world.artifacts.versions:
            view = parse_part_key(key)
            if view and (*view.document, view.generation) not in live:
                raise Violation("I6", f"{key} rests in the artifacts bucket and belongs to nothing live")
        for key in self._world.documents.versions:
            if key.startswith((DOCUMENTS, INBOX)):
                self._check_object(key)

    def _check_object(self, key: str) -> None:
        place = parse_key(key)
        paper = next((one for one in self._ledger.papers.values() if one.key == key), None)
        if place is None or paper is None:
            raise Violation("I6", f"{key} rests in the documents bucket, and nobody put it there")
        row = self.row_of(paper)
        if row is None or row.status == "DELETED":
            raise Violation("I6", f"{paper.name}: its bytes rest in the bucket, and its row is {_shown(row)}")

    def _check_closed_shelves(self) -> None:
        for number in sorted(self._ledger.closed):
            shelf, kb_id = SHELVES[number], self._ledger.kb_ids[number]
            row = self._world.registry.plain.knowledge_base(shelf.tenant_id, kb_id)
            left = [key for key in self._world.registry.plain.rows if key[1] == kb_id]
            if left or (row is not None and not row.deleting):
                raise Violation("I6", f"shelf {number} was deleted; {len(left)} rows are left, its own is {row}")
            held = self._world.documents.versions.get(f"{MANIFESTS}{shelf.tenant_id}/{kb_id}.json", [])
            if held and not KnowledgeBaseRow.model_validate_json(held[-1][1]).deleting:
                raise Violation("I6", f"shelf {number} was deleted, and its manifest would bring it back")

    def _check_calls(self) -> None:
        """I7: no text is embedded twice without need."""
        calls, texts = (
            self._world.embedder.calls,
            len({**self._world.parser.texts, **self._world.recogniser.texts}) + self._world.index.relearned,
        )
        limit = GENTLE_LIMIT if self._world.plan.is_gentle else USUAL_LIMIT
        if texts and calls > limit * texts + 1:
            raise Violation("I7", f"{calls} embedding calls for {texts} texts, over {limit} each")

    def _check_log(self) -> None:
        """I9: what happened once is told once."""
        for log in self._world.control.log.values():
            seen: set[str] = set()
            for row in log.values():
                if row.event_id in seen:
                    raise Violation("I9", f"{row.type} of {row.document_id} g{row.generation} is in the log twice")
                seen.add(row.event_id)


def _says(row: DocumentRow, code: str) -> bool:
    """Does the row give this reason, or, for a defect of ours, that it gave up?"""
    return row.code == code or (code in RESCUABLE and row.code in RESCUABLE)


def _shown(row: DocumentRow | None) -> str:
    if row is None:
        return "missing"
    return f"{row.status} g{row.generation} live {row.live_generation} tries {row.tries} {row.code}".rstrip()


def _what_is_seen(paper: Paper, texts: list[str]) -> str:
    for place, content in enumerate(paper.history):
        if sorted(content.lines) == texts:
            return (
                f"{paper.name} answers from {content.name}, the {place + 1}. version, though nothing before the "
                f"{paper.floor + 1}. may be seen any more"
            )
    return f"{paper.name} answers from no whole version: {texts}"
