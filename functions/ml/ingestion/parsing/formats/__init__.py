"""One module per format: what it is called, how it is recognised, and which module reads it."""
