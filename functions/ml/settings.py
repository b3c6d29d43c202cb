"""Settings of the ML layer's functions."""

from shared.kernel.settings import Settings


class AnsweringSettings(Settings):
    """What the ML API needs.

    Attributes:
        search_url: an OpenSearch endpoint; empty for the embedded index.
        answer_model: `extractive`, `bedrock:<model id>` or `litellm:<provider>/<model>`.
        answer_model_url: another endpoint than the provider's own.
        answer_model_key_parameter: name of the SSM parameter (SecureString) that holds the provider's key.
        default_release: name of the release that is used where none is chosen.
    """

    stage: str
    registry_table: str
    artifacts_bucket: str
    evaluation_queue_url: str
    search_url: str = ""
    models_directory: str = ""
    embed_threads: int = 2
    answer_model: str = "extractive"
    answer_model_url: str = ""
    answer_model_key_parameter: str = ""
    default_release: str = "multilingual"


class EvaluationSettings(AnsweringSettings):
    """What the evaluation function needs: all that answering does, and the bus."""

    bus_name: str
