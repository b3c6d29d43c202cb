"""Use cases: one frozen dataclass of ports per resource, because the use cases of one resource share their ports."""
