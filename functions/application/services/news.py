"""Tells whoever watches a knowledge base that a document changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.application.domain.sockets import documents_topic
from functions.application.services.delivery import post
from functions.application.socket_ports import Connections, SocketStore
from shared.contracts.events import DocumentEvent
from shared.contracts.sockets import DocumentChanged
from shared.kernel.errors import Unavailable


@dataclass(frozen=True)
class TellWatchers:
    """Sends one message per document, whatever happened to it in the meantime: the client reads the row again.

    The message holds ids alone, and reading the row asks for the reader's rights, so that somebody who lost the right
    to a knowledge base while watching it learns nothing.
    """

    store: SocketStore
    connections: Connections

    def __call__(self, events: Iterable[DocumentEvent]) -> int:
        """Send the latest of each document's events to its watchers.

        Returns:
            How many messages were not sent because a neighbour did not answer; clients poll besides.
        """
        latest = {(event.tenant_id, event.kb_id, event.document_id): event for event in events}
        return sum(self._tell(event) for event in latest.values())

    def _tell(self, event: DocumentEvent) -> int:
        message = DocumentChanged(
            kb_id=event.kb_id, document_id=event.document_id, event=event.name, occurred_at=event.occurred_at
        )
        missed = 0
        try:
            watchers = self.store.subscribers(event.tenant_id, documents_topic(event.kb_id))
        except Unavailable:
            return 1
        for watcher in watchers:
            try:
                post(self.store, self.connections, watcher, message)
            except Unavailable:
                missed += 1
        return missed
