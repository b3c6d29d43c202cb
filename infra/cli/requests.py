"""Making request bodies from what people typed."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from infra.cli.failures import Failure

Model = TypeVar("Model", bound=BaseModel)


def request(model: type[Model], **values: object) -> Model:
    """Make a request of the contract; values that are None stay out.

    Raises:
        Failure: a value breaks the contract; says which and how.
    """
    try:
        return model.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
        raise Failure(f"This cannot be asked: {'; '.join(problems)}.", code="invalid") from error
