"""What the layers say to each other: events, the ML API, the public API. Versioned; generated schemas are committed."""
