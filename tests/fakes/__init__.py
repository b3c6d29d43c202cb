"""In-memory ports: they hold state, never flags."""
