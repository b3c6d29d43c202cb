"""The WebSocket API: streamed answers and live states."""
