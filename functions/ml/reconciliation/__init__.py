"""Comparing registry, S3 and index, and mending the difference."""
