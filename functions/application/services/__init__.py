"""Use cases of the application layer."""
