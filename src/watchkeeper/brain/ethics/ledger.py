"""Ledger: what ethics needs kept, and that it can have it to itself. Owns the contract; `store` keeps it."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from watchkeeper.model.audit import Happened
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.proposal import ActionRecord, Approval, Begun, RecordsWanted


class Kept(Protocol):
    """What is kept of one tenant, in a transaction that has the tenant to itself; all of it is kept, with its audit entries, or nothing."""

    def record(self, id_: str) -> ActionRecord | None:
        """Give the record of a proposal; none if there is none."""
        ...

    def records(self, wanted: RecordsWanted) -> tuple[ActionRecord, ...]:
        """Give records that fit, the newest first."""
        ...

    def begun(self, since: datetime, most: int) -> tuple[Begun, ...]:
        """Give what was begun at a time or later, whatever came of it, the newest first."""
        ...

    def put(self, record: ActionRecord, happened: Happened) -> None:
        """Keep a record in the place of the one with its id, and tell it in the audit log."""
        ...

    def approvals(self, proposal: str) -> tuple[Approval, ...]:
        """Give what people said of a proposal, in the order they said it."""
        ...

    def put_approval(self, told: Approval, happened: Happened) -> None:
        """Keep the word of a person in the place of what they said of it before."""
        ...

    def levels(self) -> tuple[LevelSet, ...]:
        """Give every promotion and demotion, in the order they were made."""
        ...

    def put_level(self, level: LevelSet, happened: Happened) -> None:
        """Keep a promotion or demotion."""
        ...

    def changes(self) -> tuple[PolicyChange, ...]:
        """Give every change of the policy that was asked for, in the order they were."""
        ...

    def put_change(self, change: PolicyChange, happened: Happened) -> None:
        """Keep a change of policy in the place of the one with its id."""
        ...

    def brakes(self) -> tuple[Brake, ...]:
        """Give the brakes that hold for the tenant: its own and the one for all."""
        ...

    def put_brake(self, told: Brake, happened: Happened) -> None:
        """Keep a brake in the place of the one with its scope."""
        ...


class Ledger(Protocol):
    """What is kept of one tenant."""

    @property
    def tenant(self) -> str:
        """Whose it is."""
        ...

    def alone(self) -> AbstractContextManager[Kept]:
        """Open a transaction that has the tenant to itself.

        Raises:
            OSError: it cannot be read or written; nothing of it was kept.
        """
        ...
