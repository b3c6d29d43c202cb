"""Settings: one frozen model per function, read from its environment once."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class SettingsError(Exception):
    """The function's environment is incomplete; the operator must fix the template."""


class Settings(BaseModel):
    """The base of every function's settings: field `documents_bucket` is read from `DOCUMENTS_BUCKET`.

    Required means required: a field without a default must be in the environment.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Raises:
            SettingsError: a variable is missing or has the wrong form; names each one.
        """
        given = {name: environ[name.upper()] for name in cls.model_fields if environ.get(name.upper())}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = ", ".join(
                f"{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors()
            )
            raise SettingsError(f"wrong environment of this function: {problems}") from error
