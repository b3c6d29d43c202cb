"""What each function of the ML layer reads from its environment, set by infra/ml.yaml."""

from shared.kernel.settings import Settings


class IngestionSettings(Settings):
    """Ingestion and the dead-letter consumer."""

    registry_table: str
    documents_bucket: str
    artifacts_bucket: str
    ingest_queue_url: str
    embed_queue_url: str
    bus_name: str
    search_url: str
    default_release: str = "multilingual"
    answer_model: str = "extractive"


class EmbeddingSettings(Settings):
    """Embedding; `embed_threads` is how many texts one worker embeds at the same time."""

    registry_table: str
    artifacts_bucket: str
    embed_queue_url: str
    bus_name: str
    search_url: str
    models_directory: str
    embed_threads: int = 2
    default_release: str = "multilingual"
    answer_model: str = "extractive"


class ReconciliationSettings(Settings):
    """The reconciler."""

    registry_table: str
    documents_bucket: str
    artifacts_bucket: str
    ingest_queue_url: str
    bus_name: str
    search_url: str
