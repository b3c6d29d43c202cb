"""What a knowledge base can choose from."""

from shared.contracts.api.bodies import Response


class Release(Response):
    """A pipeline release that a knowledge base can choose by name."""

    release_id: str
    name: str
    description: str
    is_default: bool
    embedder: str
    chunker: str
    model: str


class ChunkingStrategy(Response):
    """A way to cut documents into passages that a knowledge base can choose by name.

    Attributes:
        description: what it does and what it is good for.
        is_default: taken where a knowledge base chooses none.
    """

    name: str
    description: str
    is_default: bool


class Releases(Response):
    """The releases to choose from."""

    items: tuple[Release, ...]


class ChunkingStrategies(Response):
    """The ways to cut documents to choose from."""

    items: tuple[ChunkingStrategy, ...]
