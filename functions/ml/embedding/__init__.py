"""From a part to vectors in the index, and the flip that publishes a generation."""
