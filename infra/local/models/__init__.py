"""Builds the local embedding models from pinned packages into a cache outside the checkout, without torch."""
