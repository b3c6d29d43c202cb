"""The two local models, installed through the normal cache, for the tests that run them."""

from pathlib import Path

from infra.local.models.wanted import install_model

LOCAL_MODELS = ("multilingual", "fast-english")


def install_local_models(folder: Path) -> Path:
    """Point a folder of models to both; builds only what the cache lacks."""
    for name in LOCAL_MODELS:
        install_model(name, folder, on_progress=print)
    return folder
