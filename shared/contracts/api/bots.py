"""Bots: drafts and what is published."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.api.bodies import Request, Response
from shared.contracts.filters import Filters
from shared.contracts.ml_api import MAX_KNOWLEDGE_BASES

Tone = Literal["", "friendly", "formal", "brief", "detailed"]
Picture = Annotated[str, StringConstraints(max_length=16, pattern=r"^[^\x00-\x1f<>&\"']*$")]
"""An emoji, or a colour such as `#1c7ed6`; drawn as text, never as an address."""


class CreateBot(Request):
    """A new bot; it needs at least one knowledge base before it can be asked or published.

    Attributes:
        tone: how a model shall write; an answer that is made of quotes alone has the tone of its documents.
        unsure_text: what the bot says when the documents do not answer; empty for the platform's own words.
    """

    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=1_000)
    instructions: str = Field(default="", max_length=8_000)
    kb_ids: list[str] = Field(default_factory=list, max_length=MAX_KNOWLEDGE_BASES)
    starter_questions: list[str] = Field(default_factory=list, max_length=10)
    picture: Picture = ""
    tone: Tone = ""
    unsure_text: str = Field(default="", max_length=1_000)
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
    picture: Picture | None = None
    tone: Tone | None = None
    unsure_text: str | None = Field(default=None, max_length=1_000)
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
    picture: str = ""
    tone: Tone = ""
    unsure_text: str = ""
    filters: Filters = Filters()


class Bot(Response):
    """A bot: its draft (for its owner and administrators only), and what is published (version 0: never).

    Attributes:
        is_own: the caller is its owner; others were shared with them by being published.
        changes: the fields in which the draft differs from what is published; empty for those who see no draft.
    """

    bot_id: str
    owner_id: str
    draft: BotDefinition | None = None
    published: BotDefinition | None = None
    published_version: int = 0
    is_own: bool = False
    changes: tuple[str, ...] = ()
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


class BotVersion(Response):
    """A published version.

    Attributes:
        changes: the fields in which it differs from the version before it; all of them for the first.
    """

    version: int
    definition: BotDefinition
    published_by: str
    published_at: str
    changes: tuple[str, ...] = ()


class BotVersions(Response):
    """Published versions, the latest first; an empty cursor is the end."""

    items: tuple[BotVersion, ...]
    cursor: str = ""
