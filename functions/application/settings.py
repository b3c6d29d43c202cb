"""What each function of the application layer needs from its environment."""

from pydantic import Field

from shared.kernel.settings import Settings


class ApiSettings(Settings):
    """The API function.

    Attributes:
        ml_api_url_parameter: name of the SSM parameter that holds the ML API's address.
        questions_per_minute: most questions of one user in a minute, to bots and to knowledge bases together.
        searches_per_minute: most searches of one user in a minute.
        allowed_origin: which web origin may call the API from a browser; tokens travel in a header, never in cookies.
    """

    stage: str
    registry_table: str
    control_table: str
    idempotency_table: str
    documents_bucket: str
    artifacts_bucket: str
    ingest_queue_url: str
    ingest_dead_letters_url: str
    embed_queue_url: str
    embed_dead_letters_url: str
    recognition_queue_url: str
    recognition_dead_letters_url: str
    evaluation_queue_url: str
    evaluation_dead_letters_url: str
    projector_queue_url: str
    projector_dead_letters_url: str
    user_pool_id: str
    user_pool_client_id: str
    ml_api_url_parameter: str
    questions_per_minute: int = Field(default=600, ge=1)
    searches_per_minute: int = Field(default=3_000, ge=1)
    allowed_origin: str = "*"


class ProjectorSettings(Settings):
    """The projector function."""

    control_table: str
    projector_queue_url: str
