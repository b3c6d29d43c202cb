"""Pages without a text layer: which of them are still to be recognised, asking for them, and taking in their text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.ml.ingestion.recognised_text import is_readable
from functions.ml.ports import ObjectStore, Queue
from functions.ml.recognised import RECOGNISER, RecognisedPage, load_page, page_key, version_prefix
from shared.contracts.events import PagesUnread, effect_id
from shared.contracts.registry import DocumentRow
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Invalid, NotFound, Unavailable

_SHOWN = 10
_LIKELY = (
    "They are blank, show no writing, or are in handwriting or a script that text recognition does not read "
    "(Arabic, Hebrew or Korean, for example)."
)


@dataclass(frozen=True)
class UnreadPages:
    """Text recognition as ingestion sees it. What was recognised lies in S3 by content, so asking twice costs nothing.

    Attributes:
        artifacts: where recognised pages are kept.
        queue: of the recognition function.
        recogniser: the model whose pages are wanted.
        most_pages: how many pages of one document are recognised; the others are left out, with a warning.
        pages_per_message: small enough that a message is done in time and that progress shows.
    """

    artifacts: ObjectStore
    queue: Queue
    clock: Clock
    recogniser: str = RECOGNISER
    most_pages: int = 200
    pages_per_message: int = 2

    def missing(self, row: DocumentRow, unread: Sequence[int]) -> tuple[int, ...]:
        """Return which of the pages without a text layer are to be recognised and are not yet."""
        wanted = tuple(unread[: self.most_pages])
        if not wanted:
            return ()
        there = {stored.key for stored in self.artifacts.list(version_prefix(row, self.recogniser))}
        return tuple(page for page in wanted if page_key(row, self.recogniser, page) not in there)

    def request(self, row: DocumentRow, pages: Sequence[int]) -> None:
        """Queue pages for recognition; one that is asked for twice is recognised once."""
        size = self.pages_per_message
        self.queue.send(
            [
                PagesUnread(
                    event_id=effect_id(row.document_id, str(row.generation), PagesUnread.name, str(pages[at])),
                    correlation_id=row.correlation_id,
                    tenant_id=row.tenant_id,
                    occurred_at=isoformat(self.clock()),
                    kb_id=row.kb_id,
                    document_id=row.document_id,
                    generation=row.generation,
                    version=row.version,
                    pages=tuple(pages[at : at + size]),
                    recogniser=self.recogniser,
                )
                for at in range(0, len(pages), size)
            ]
        )

    def recognised(self, row: DocumentRow, unread: Sequence[int]) -> dict[int, RecognisedPage]:
        """Return the pages that were recognised, by their number.

        Raises:
            Unavailable: a page is not there any more; look at the document again.
        """
        return {page: self._page(row, page) for page in unread[: self.most_pages]}

    def notes(self, unread: Sequence[int], pages: Mapping[int, RecognisedPage]) -> tuple[str, ...]:
        """Return a warning for whatever was left out of the pages without a text layer."""
        return (*self._left_out(unread), *_unsuccessful(pages))

    def _page(self, row: DocumentRow, page: int) -> RecognisedPage:
        try:
            return load_page(self.artifacts.read(page_key(row, self.recogniser, page)))
        except NotFound as error:
            raise Unavailable("A recognised page is not there any more; the document is looked at again.") from error

    def _left_out(self, unread: Sequence[int]) -> list[str]:
        rest = unread[self.most_pages :]
        if not rest:
            return []
        limit = f"Text recognition reads at most {self.most_pages:,} pages of a document"
        return [f"{limit}: page(s) {listed(rest)} were left out. Split the document and upload the parts."]


def switched_off(unread: Sequence[int]) -> str:
    """Return what is left out where there is no text recognition."""
    return f"Page(s) {listed(unread)} look scanned and were left out: text recognition is switched off here."


def nothing_found(unread: Sequence[int], notes: Sequence[str], *, recognises: bool) -> Invalid:
    """Refuse a document of which no passage was made."""
    if not unread:
        reason = "No text was found in this document. Check the original, and upload one that has text."
    elif recognises:
        found = " ".join(["Text recognition found no text in this document.", *notes])
        reason = f"{found} Upload a better scan, or a version with text."
    else:
        reason = (
            f"No text was found on the {len(unread)} page(s): the file looks scanned, and text recognition is switched "
            "off here. Run text recognition (OCR) on it and upload the result."
        )
    return Invalid(reason, code="no_text")


def listed(numbers: Sequence[int]) -> str:
    """Return page numbers for people, neighbours as ranges: `1, 3-5, 9`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in ranges]
    more = f" and {len(shown) - _SHOWN} more ranges" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _unsuccessful(pages: Mapping[int, RecognisedPage]) -> Iterable[str]:
    """Yield a sentence per reason for the pages that gave no text."""
    reasons: dict[str, list[int]] = {}
    for number, page in pages.items():
        if page.warning:
            reasons.setdefault(page.warning, []).append(number)
    for reason, numbers in reasons.items():
        yield f"Page(s) {listed(numbers)} could not be recognised. {reason}"
    empty = [number for number, page in pages.items() if not page.warning and not is_readable(page)]
    if empty:
        yield f"Nothing could be read on page(s) {listed(empty)}. {_LIKELY}"
