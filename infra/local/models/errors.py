"""The one error of building models."""


class ModelSetupFailed(Exception):
    """A model cannot be installed; the message says what happened and what to do."""
