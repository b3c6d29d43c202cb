"""What is built fits the templates and the budgets."""

import pytest

from infra.deployment.package import functions
from infra.deployment.packages import LIMIT_BYTES, Built, budgets
from infra.deployment.templates import STACKS, committed

WITH_FUNCTIONS = [
    stack
    for stack in STACKS
    if any(one["Type"] == "AWS::Serverless::Function" for one in committed(stack).document["Resources"].values())
]


@pytest.mark.parametrize("stack", WITH_FUNCTIONS)
@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_every_stack_takes_the_runtime_that_its_packages_are_built_for(stack: str, architecture: str) -> None:
    declared = committed(stack).document["Parameters"]
    for name, value in Built("3.13", architecture, {}).parameters.items():
        assert value in declared[name]["AllowedValues"]


def test_every_function_has_a_budget_that_lambda_takes() -> None:
    assert set(budgets()) == set(functions())
    assert max(budgets().values()) <= LIMIT_BYTES
