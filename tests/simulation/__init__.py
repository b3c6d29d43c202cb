"""A deterministic simulation of the ingestion protocol: the real services of both layers under one seeded scheduler."""
