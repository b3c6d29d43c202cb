"""Bots: drafts and what is published."""

from pydantic import Field

from shared.contracts.api.bodies import Request, Response
from shared.contracts.filters import Filters
from shared.contracts.ml_api import MAX_KNOWLEDGE_BASES


class CreateBot(Request):
    """A new bot; it needs at least one knowledge base before it can be asked or published."""

    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=1_000)
    instructions: str = Field(default="", max_length=8_000)
    kb_ids: list[str] = Field(default_factory=list, max_length=MAX_KNOWLEDGE_BASES)
    starter_questions: list[str] = Field(default_factory=list, max_length=10)
    filters: Filters = Filters()


class UpdateBot(Request):
    """Changes of the draft; omitted fields stay.

    Attributes:
        filters: all of them from now on; `{}` for none.
    """

    name: str | None = Field(default=None, min_length=1, max_length=100)
    description: str | None = Field(default=None, max_length=1_000)
    instructions: str | None = Field(default=None, max_length=8_000)
    kb_ids: list[str] | None = Field(default=None, max_length=MAX_KNOWLEDGE_BASES)
    starter_questions: list[str] | None = Field(default=None, max_length=10)
    filters: Filters | None = None


class BotDefinition(Response):
    """What a version of a bot is made of.

    Attributes:
        filters: it answers only from documents that pass them; a caller's own filters narrow that further.
    """

    name: str
    description: str
    instructions: str
    kb_ids: tuple[str, ...]
    starter_questions: tuple[str, ...] = ()
    filters: Filters = Filters()


class Bot(Response):
    """A bot: its draft (for its owner and administrators only), and what is published (version 0: never)."""

    bot_id: str
    owner_id: str
    draft: BotDefinition | None = None
    published: BotDefinition | None = None
    published_version: int = 0
    created_at: str
    updated_at: str

    @property
    def shown(self) -> BotDefinition:
        """What the caller sees of it: the draft where they may, else what is published."""
        definition = self.draft or self.published
        if definition is None:
            raise ValueError("a bot without a draft that may be seen is published")
        return definition


class Bots(Response):
    """A page of bots; an empty cursor is the end."""

    items: tuple[Bot, ...]
    cursor: str = ""
