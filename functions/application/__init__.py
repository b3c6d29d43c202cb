"""The application layer: the public API, bots, conversations, sharing, and what the dashboard shows."""
