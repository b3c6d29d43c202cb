"""ML events to what people see."""
