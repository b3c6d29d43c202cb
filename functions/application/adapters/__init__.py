"""The application layer's ports on real services. Only `wiring` modules import these."""
