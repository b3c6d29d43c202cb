"""What is found among one's things by a word of a name."""

from shared.contracts.api.bodies import Response
from shared.contracts.registry import Status


class FoundKnowledgeBase(Response):
    """A knowledge base that the caller may read."""

    kb_id: str
    name: str


class FoundBot(Response):
    """A bot that the caller may use or change."""

    bot_id: str
    name: str
    picture: str = ""


class FoundDocument(Response):
    """A document that the caller may read."""

    kb_id: str
    document_id: str
    filename: str
    status: Status


class FoundConversation(Response):
    """One of the caller's own conversations, found by its title or a question."""

    conversation_id: str
    bot_id: str
    title: str


class Found(Response):
    """Up to 20 of each kind."""

    knowledge_bases: tuple[FoundKnowledgeBase, ...] = ()
    bots: tuple[FoundBot, ...] = ()
    documents: tuple[FoundDocument, ...] = ()
    conversations: tuple[FoundConversation, ...] = ()
