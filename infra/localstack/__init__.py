"""LocalStack in host mode: a second emulator that shares no code with the first, for tests."""
