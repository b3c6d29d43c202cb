"""Conversations with bots."""

from typing import Literal

from pydantic import Field

from shared.contracts.api.answers import Answer
from shared.contracts.api.bodies import Request, Response
from shared.contracts.filters import Filters
from shared.contracts.ml_api import MAX_QUESTION_CHARACTERS


class CreateConversation(Request):
    """A new conversation with the published bot, or with its draft to try it."""

    draft: bool = False
    title: str = Field(default="", max_length=200)


class UpdateConversation(Request):
    """Another title."""

    title: str = Field(min_length=1, max_length=200)


class CreateMessage(Request):
    """A question."""

    content: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    filters: Filters = Filters()


class Feedback(Request):
    """What the person thinks of an answer."""

    rating: Literal["up", "down"]
    comment: str = Field(default="", max_length=2_000)


class Message(Response):
    """One message of a conversation; an assistant's message carries the answer."""

    message_id: str
    role: Literal["user", "assistant"]
    content: str
    answer: Answer | None = None
    feedback: Feedback | None = None
    created_at: str


class CreatedMessage(Response):
    """The answer to the question that was sent; `message_id` is the assistant's message."""

    message_id: str
    answer: Answer


class Conversation(Response):
    """A conversation with its messages, oldest first (a list of conversations leaves the messages out)."""

    conversation_id: str
    bot_id: str
    bot_version: int
    title: str
    messages: tuple[Message, ...] = ()
    created_at: str
    updated_at: str


class Conversations(Response):
    """A page of conversations; an empty cursor is the end."""

    items: tuple[Conversation, ...]
    cursor: str = ""


class Messages(Response):
    """A page of messages, oldest first; the cursor leads to earlier ones, and an empty one is the beginning."""

    items: tuple[Message, ...]
    cursor: str = ""
