"""The public REST API (Chalice, one blueprint per resource)."""
