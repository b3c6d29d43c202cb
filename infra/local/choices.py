"""What an operator chooses for the platform on this machine, read from the environment of `make up`."""

from collections.abc import Mapping

from functions.ml.releases.catalogue import load_catalogue

PARAMETERS = {
    "STRATA_ANSWER_MODEL": "AnswerModel",
    "STRATA_ANSWER_MODEL_URL": "AnswerModelUrl",
    "STRATA_ANSWER_MODEL_KEY_PARAMETER": "AnswerModelKeyParameter",
    "STRATA_DEFAULT_RELEASE": "DefaultRelease",
    "STRATA_RECOGNITION": "Recognition",
}
SEARCH = "STRATA_SEARCH"
SQLITE, OPENSEARCH = "sqlite", "opensearch"
DEFAULT_RELEASE = "multilingual"
LOCAL = "local:"


class ChoiceNotPossible(Exception):
    """A variable has a value that cannot work; the message names it and what can."""


def chosen_parameters(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the template parameters that the environment sets; an unset or empty variable leaves the default.

    Args:
        environ: of the process.

    Raises:
        ChoiceNotPossible: an unknown kind of model or release, or an address that is none.
    """
    given = {name: environ.get(name, "").strip() for name in PARAMETERS}
    model, url = given["STRATA_ANSWER_MODEL"], given["STRATA_ANSWER_MODEL_URL"]
    kind, _, name = model.partition(":")
    if model and model != "extractive" and not (kind in {"bedrock", "litellm"} and name):
        raise ChoiceNotPossible(
            f"STRATA_ANSWER_MODEL is {model!r}. Set it to extractive, bedrock:<model id> or "
            "litellm:<provider>/<model>; docs/models.md explains them."
        )
    if kind == "bedrock" and not url:
        raise ChoiceNotPossible(
            "STRATA_ANSWER_MODEL names a model of Bedrock, which needs an AWS account: on this machine the emulator "
            "would answer in its place with made-up text. Choose extractive or litellm:<provider>/<model> here."
        )
    if url and not url.startswith(("http://", "https://")):
        raise ChoiceNotPossible(
            f"STRATA_ANSWER_MODEL_URL is {url!r}. Set it to an address like http://127.0.0.1:8080/v1."
        )
    key = given["STRATA_ANSWER_MODEL_KEY_PARAMETER"]
    if key and not key.startswith("/"):
        raise ChoiceNotPossible(
            "STRATA_ANSWER_MODEL_KEY_PARAMETER is the name of an SSM parameter, like /strata/answer-model-key; the key "
            "itself does not belong there."
        )
    default_embedder(environ)
    chosen_search(environ)
    _check_recognition(given["STRATA_RECOGNITION"])
    return {PARAMETERS[variable]: value for variable, value in given.items() if value}


def _check_recognition(value: str) -> None:
    if value not in ("", "on", "off"):
        raise ChoiceNotPossible(f"STRATA_RECOGNITION is {value!r}. Set it to on or off; off leaves scanned pages out.")


def chosen_search(environ: Mapping[str, str]) -> str:
    """Return the search engine: `sqlite`, `opensearch` for a server that is started here, or the address of another.

    Raises:
        ChoiceNotPossible: there is no such engine.
    """
    wanted = environ.get(SEARCH, "").strip() or SQLITE
    if wanted not in (SQLITE, OPENSEARCH) and not wanted.startswith("opensearch:http://"):
        raise ChoiceNotPossible(
            f"{SEARCH} is {wanted!r}. Set it to sqlite, to opensearch for a server that is started with the platform, "
            "or to opensearch:http://host:port/prefix for one that runs; docs/search-engines.md explains them."
        )
    return wanted


def default_embedder(environ: Mapping[str, str]) -> str:
    """Return the embedder of the release that new knowledge bases get, e.g. `local:multilingual`.

    Raises:
        ChoiceNotPossible: there is no such release.
    """
    wanted = environ.get("STRATA_DEFAULT_RELEASE", "").strip() or DEFAULT_RELEASE
    embedders = {release.name: release.embedder for release in load_catalogue()}
    if wanted not in embedders:
        raise ChoiceNotPossible(
            f"STRATA_DEFAULT_RELEASE is {wanted!r}. There is no such release; choose one of {', '.join(embedders)}."
        )
    return embedders[wanted]


def wants_dashboard(environ: Mapping[str, str]) -> bool:
    """Is the dashboard served? Yes, unless `STRATA_DASHBOARD` says `off`."""
    return environ.get("STRATA_DASHBOARD", "").strip().lower() != "off"
