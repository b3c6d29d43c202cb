"""Build the collaborators of the recognition function."""

import os

from functions.ml.adapters.rapid_ocr import RapidOcr
from functions.ml.adapters.s3_objects import S3Objects
from functions.ml.adapters.sqs_queue import SqsQueue
from functions.ml.ingestion.page_drawing import SandboxedPageDrawer
from functions.ml.ports import Queue
from functions.ml.recognition.service import RecognisePages
from functions.ml.settings import RecognitionSettings
from shared.kernel.clock import system_clock
from shared.registry.dynamodb import DynamoRegistry


def recognise_pages() -> RecognisePages:
    """Build the service on the function's environment, and give way to other functions of the machine if told to."""
    settings = RecognitionSettings.from_env(os.environ)
    os.nice(settings.recognition_niceness)
    return RecognisePages(
        registry=DynamoRegistry(settings.registry_table),
        documents=S3Objects(settings.documents_bucket),
        artifacts=S3Objects(settings.artifacts_bucket),
        draw=SandboxedPageDrawer(),
        recognise=RapidOcr(threads=settings.recognition_threads),
        ingest_queue=SqsQueue(settings.ingest_queue_url),
        clock=system_clock,
    )


def recognition_queue() -> Queue:
    """Return the function's own queue, to postpone a message."""
    return SqsQueue(RecognitionSettings.from_env(os.environ).recognition_queue_url)
