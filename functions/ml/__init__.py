"""The ML layer: ingestion, embedding, retrieval, answering, evaluation. Reached by events and by its own REST API."""
