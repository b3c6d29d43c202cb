"""The one error of running OpenSearch on this machine."""


class OpenSearchNotPossible(Exception):
    """The server cannot be installed or started here; the message says what happened and what to do."""
