from pathlib import Path
from typing import Any

import pytest

from infra.deployment.templates import STACKS, committed
from infra.local import deploy as deployment
from infra.local.choices import PARAMETERS, ChoiceNotPossible, chosen_parameters, default_embedder
from infra.local.home import Home
from infra.local.pieces import PieceFailed, StrataPieces


def test_every_variable_becomes_a_parameter_that_a_template_declares() -> None:
    declared = {name for stack in STACKS for name in committed(stack).parameters}
    assert set(PARAMETERS.values()) <= declared


def test_the_environment_sets_the_models_of_the_platform() -> None:
    environ = {
        "STRATA_ANSWER_MODEL": "litellm:openai/small",
        "STRATA_ANSWER_MODEL_URL": "http://127.0.0.1:8080/v1",
        "STRATA_ANSWER_MODEL_KEY_PARAMETER": "/strata/key",
        "STRATA_DEFAULT_RELEASE": "fast-english",
        "STRATA_RECOGNITION": "off",
        "PATH": "/bin",
    }
    assert chosen_parameters(environ) == {
        "AnswerModel": "litellm:openai/small",
        "AnswerModelUrl": "http://127.0.0.1:8080/v1",
        "AnswerModelKeyParameter": "/strata/key",
        "DefaultRelease": "fast-english",
        "Recognition": "off",
    }
    assert default_embedder(environ) == "local:fast-english"


def test_what_is_unset_or_empty_stays_at_its_default() -> None:
    assert chosen_parameters({}) == {}
    assert chosen_parameters(dict.fromkeys(PARAMETERS, " ")) == {}
    assert default_embedder({}) == "local:multilingual"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STRATA_ANSWER_MODEL", "gpt"),
        ("STRATA_ANSWER_MODEL", "litellm:"),
        ("STRATA_ANSWER_MODEL", "bedrock:some.model"),  # the emulator would make its answers up
        ("STRATA_ANSWER_MODEL_URL", "127.0.0.1:8080"),
        ("STRATA_ANSWER_MODEL_KEY_PARAMETER", "sk-123"),
        ("STRATA_DEFAULT_RELEASE", "klingon"),
        ("STRATA_SEARCH", "elastic"),
        ("STRATA_SEARCH", "opensearch:127.0.0.1:9200"),
    ],
)
def test_a_choice_that_cannot_work_is_named(variable: str, value: str) -> None:
    with pytest.raises(ChoiceNotPossible, match=variable):
        chosen_parameters({variable: value})


def test_a_key_in_the_wrong_place_is_not_repeated() -> None:
    with pytest.raises(ChoiceNotPossible) as failure:
        chosen_parameters({"STRATA_ANSWER_MODEL_KEY_PARAMETER": "sk-123"})
    assert "sk-123" not in str(failure.value)


def test_the_deployment_gets_what_the_operator_chose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def deploy(_endpoint: str, *, parameters: dict[str, str], **_: object) -> dict[str, str]:
        given.update(parameters)
        return {"api_url": "http://127.0.0.1"}

    monkeypatch.setattr(deployment, "deploy", deploy)
    monkeypatch.setenv("STRATA_ANSWER_MODEL", "litellm:openai/small")
    StrataPieces().deploy(Home(tmp_path), "http://127.0.0.1:1", lambda _: None)
    assert given["AnswerModel"] == "litellm:openai/small"
    assert given["SearchUrl"] == f"sqlite://{tmp_path}/index"


@pytest.mark.parametrize(
    ("chosen", "url"),
    [("", "sqlite://{home}/index"), ("sqlite", "sqlite://{home}/index"),
     ("opensearch:http://127.0.0.1:9/mine", "opensearch:http://127.0.0.1:9/mine")],
)  # fmt: skip
def test_the_functions_are_told_which_search_engine_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, url: str
) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(deployment, "deploy", lambda _endpoint, *, parameters, **_: given.update(parameters) or {})
    monkeypatch.setenv("STRATA_SEARCH", chosen)
    pieces = StrataPieces()
    assert pieces.start_search(Home(tmp_path), lambda _: None) is None
    pieces.deploy(Home(tmp_path), "http://127.0.0.1:1", lambda _: None)
    assert given["SearchUrl"] == url.format(home=tmp_path)


def test_a_wrong_choice_stops_the_platform_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRATA_ANSWER_MODEL", "gpt")
    with pytest.raises(PieceFailed, match="STRATA_ANSWER_MODEL"):
        StrataPieces().install_models(Home(tmp_path), lambda _: None)
    assert not list(tmp_path.iterdir())
