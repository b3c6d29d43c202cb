"""One blueprint per resource: each view reads the request, calls one use case, returns a model."""
