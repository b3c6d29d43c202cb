"""The control table's rows: users, bots, conversations, evaluations, activity.

Every row carries its tenant, and every read names the tenant it expects.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.api import Answer, BotDefinition, Feedback


class Row(BaseModel):
    """The base of every row: immutable; fields of a newer version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    tenant_id: str


class UserRow(Row):
    """A person; `suspended` takes effect with the next request."""

    user_id: str
    email: str
    name: str = ""
    role: Literal["admin", "member"] = "member"
    suspended: bool = False
    created_at: str = ""


class BotRow(Row):
    """A bot with its draft and a copy of what is published.

    Attributes:
        published_version: counts publishes, from 1; 0 when it never was published.
        revision: increased by every write; what compare-and-set compares.
    """

    bot_id: str
    owner_id: str
    draft: BotDefinition
    published: BotDefinition | None = None
    published_version: int = 0
    created_at: str
    updated_at: str
    revision: int = 1


class BotVersionRow(Row):
    """A published version; never changed."""

    bot_id: str
    version: int
    definition: BotDefinition
    published_by: str
    published_at: str


class ConversationRow(Row):
    """A conversation of one person with one version of a bot; version 0 is the draft as it is at each question.

    Attributes:
        title: given by the person, or else made of the first question.
        words: of the title and the questions, folded, each once: what a search through conversations looks at.
        deleting: a delete was acknowledged; nothing of it is visible and nothing can be added.
    """

    conversation_id: str
    user_id: str
    bot_id: str
    bot_version: int
    title: str = ""
    words: str = ""
    created_at: str
    updated_at: str
    deleting: bool = False


class MessageRow(Row):
    """A message.

    Attributes:
        replies_to: the question that an assistant's message answers; empty for questions.
        superseded: another one took its place; kept, but neither shown nor told to a model.
    """

    conversation_id: str
    message_id: str
    role: Literal["user", "assistant"]
    content: str
    replies_to: str = ""
    answer: Answer | None = None
    feedback: Feedback | None = None
    superseded: bool = False
    created_at: str


class EvaluationRow(Row):
    """Whose scored run this is, and what the ML layer calls it."""

    evaluation_id: str
    ml_evaluation_id: str
    user_id: str
    dataset_key: str
    bot_id: str = ""
    kb_id: str = ""
    scheduled: bool = False
    created_at: str


class ActivityRow(Row):
    """Something that happened to a document; `event_id` makes its second delivery harmless."""

    kb_id: str
    event_id: str
    type: str
    document_id: str
    filename: str
    generation: int
    occurred_at: str
    chunks: int = 0
    pages: int = 0
    reason: str = ""
    code: str = ""
    removed: dict[str, int] = {}


class UsageRow(Row):
    """What was counted of a bot on one day, in UTC."""

    bot_id: str
    day: str
    counts: dict[str, int]


class UnansweredRow(Row):
    """A question that a bot could not answer; who asked it is not kept here."""

    bot_id: str
    message_id: str
    question: str
    asked_at: str


class NameClaim(Row):
    """Who holds a name that must be unique within a tenant."""

    name: str
    holder: str
    claimed_at: str
