"""Who asks, and what that lets them see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, as the users' table knows them (never as their token claims)."""

    user_id: str
    tenant_id: str
    email: str
    name: str
    role: Literal["admin", "member"]

    @property
    def readers(self) -> tuple[str, ...]:
        """The principals this person reads as: the tenant and the person."""
        return (f"tenant:{self.tenant_id}", f"user:{self.user_id}")

    @property
    def is_admin(self) -> bool:
        """May this person see the operations of the platform and manage the tenant's things?"""
        return self.role == "admin"

    def reads(self, readers: Iterable[str]) -> bool:
        """Is this person among those who may read?"""
        return not set(self.readers).isdisjoint(readers)

    def manages(self, owner_id: str) -> bool:
        """May this person change what `owner_id` of the same tenant made?"""
        return self.is_admin or self.user_id == owner_id
