"""Unit tests touch no network."""

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def no_network() -> object:
    """Refuse every socket."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
