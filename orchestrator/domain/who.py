"""Who asks: a name, a role, and the creditors they may see. Proves nothing: whoever signed them in did."""

import msgspec

from orchestrator.domain.acts import reaches
from orchestrator.domain.errors import Conflict


class Who(msgspec.Struct, frozen=True):
    """A person at work. `creditors` None means all; `shown_name` is what they call themselves, empty for `name`."""

    name: str
    role: str
    creditors: frozenset[str] | None = None
    shown_name: str = ""

    def sees(self, creditor: str) -> bool:
        """Whether a case of that creditor exists for them."""
        return self.creditors is None or creditor in self.creditors

    def require(self, role: str) -> None:
        """Raises Conflict `role_too_low`."""
        if not reaches(self.role, role):
            raise Conflict(f"this needs the role {role}", hint=f"ask a {role} to do it", code="role_too_low")
