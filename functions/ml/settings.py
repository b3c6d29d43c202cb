"""What each function of the ML layer reads from its environment, set by infra/ml.yaml."""

from shared.kernel.settings import Settings


class IngestionSettings(Settings):
    """Ingestion and the dead-letter consumer.

    Attributes:
        recognition_queue_url: where pages without a text layer go; empty where text recognition is switched off.
        recognition_pages: how many pages of one document are recognised.
        parser_memory_mib: address space of the process that reads one document.
        parser_cpu_s: its processor time, in whole seconds.
        parser_wall_s: time until it is killed, in seconds; well under the function's own timeout.
        document_pages: most pages, slides or sheets of one document.
    """

    registry_table: str
    documents_bucket: str
    artifacts_bucket: str
    ingest_queue_url: str
    embed_queue_url: str
    bus_name: str
    search_url: str
    recognition_queue_url: str = ""
    recognition_pages: int = 200
    default_release: str = "multilingual"
    answer_model: str = "extractive"
    parser_memory_mib: int = 1024
    parser_cpu_s: int = 60
    parser_wall_s: float = 90.0
    document_pages: int = 5_000


class RecognitionSettings(Settings):
    """Text recognition.

    Attributes:
        recognition_threads: of the model.
        recognition_niceness: how far the function stands back behind others on the same machine, 0 to 19.
    """

    registry_table: str
    documents_bucket: str
    artifacts_bucket: str
    ingest_queue_url: str
    recognition_queue_url: str
    recognition_threads: int = 2
    recognition_niceness: int = 0


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
    default_release: str = "multilingual"
    answer_model: str = "extractive"


class AnsweringSettings(Settings):
    """What the ML API needs.

    Attributes:
        search_url: the search engine, see functions/ml/adapters/search_engines.py.
        answer_model: `extractive`, `bedrock:<model id>` or `litellm:<provider>/<model>`.
        answer_model_url: another endpoint than the provider's own.
        answer_model_key_parameter: name of the SSM parameter (SecureString) that holds the provider's key.
        default_release: name of the release that is used where none is chosen.
        streams_table: where answers are shown while they grow; empty for nowhere.
    """

    stage: str
    registry_table: str
    artifacts_bucket: str
    evaluation_queue_url: str
    streams_table: str = ""
    search_url: str
    models_directory: str
    embed_threads: int = 2
    answer_model: str = "extractive"
    answer_model_url: str = ""
    answer_model_key_parameter: str = ""
    default_release: str = "multilingual"


class EvaluationSettings(AnsweringSettings):
    """What the evaluation function needs: all that answering does, and the bus."""

    bus_name: str
