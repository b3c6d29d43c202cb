"""The local embedding models: how they are built, found and how good they are."""
