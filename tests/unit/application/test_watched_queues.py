"""Operators see every queue: a new one in the templates is a new line of `strata status`."""

from functions.application.adapters.queues import MEANINGS
from functions.application.settings import ApiSettings
from infra.deployment.templates import committed

ENDING = "Queue"


def test_every_queue_with_dead_letters_is_watched_and_explained() -> None:
    resources = committed("contracts").document["Resources"]
    watched = {
        name.removesuffix(ENDING).lower()
        for name, resource in resources.items()
        if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in resource["Properties"]
    }
    assert "recognition" in watched
    assert watched == set(MEANINGS)
    for name in watched:
        assert {f"{name}_queue_url", f"{name}_dead_letters_url"} <= ApiSettings.model_fields.keys()
