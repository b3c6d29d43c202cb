"""Pure rules of the application layer."""
