"""Looking at a document: as it was read, and as it was cut."""
