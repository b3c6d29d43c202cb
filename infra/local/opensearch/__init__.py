"""A real OpenSearch server on this machine, assembled from Maven artifacts: no Docker, no service, no account."""
