"""What each function of the application layer needs from its environment."""

from pydantic import Field

from shared.kernel.settings import Settings


class ApiSettings(Settings):
    """The API function.

    Attributes:
        ml_api_url_parameter: name of the SSM parameter that holds the ML API's address.
        questions_per_minute: most questions of one user in a minute, to bots and to knowledge bases together.
        searches_per_minute: most searches of one user in a minute.
        socket_url: where people open WebSockets.
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
    socket_url: str = ""


class ProjectorSettings(Settings):
    """The projector function; `sockets_url` is where it reaches open WebSockets."""

    registry_table: str
    control_table: str
    documents_bucket: str
    ingest_queue_url: str
    projector_queue_url: str
    sockets_url: str


class SocketsSettings(Settings):
    """The function behind the WebSocket API.

    Attributes:
        sockets_url: where it reaches open WebSockets.
        streaming_function: the one that writes answers.
        streams_per_user: most answers that are written for one user at the same time.
    """

    registry_table: str
    control_table: str
    streams_table: str
    sockets_url: str
    streaming_function: str
    questions_per_minute: int = Field(default=600, ge=1)
    streams_per_user: int = Field(default=3, ge=1)


class StreamingSettings(Settings):
    """The function that writes answers for the WebSocket API."""

    registry_table: str
    control_table: str
    streams_table: str
    sockets_url: str
    ml_api_url_parameter: str
