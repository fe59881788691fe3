"""The desks for actions and policy at a server, asked over the API. Owns paths and bodies, and that a token decides nothing for people."""

from dataclasses import dataclass
from typing import Any, NoReturn

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.policy_desk import LevelLine
from watchkeeper.cli.remote import named
from watchkeeper.cli.server import Server
from watchkeeper.model.acted import ActionLine
from watchkeeper.model.action_seen import ActionAsked, ActionSeen, ActionShow, ActionStands, PolicySeen
from watchkeeper.model.autonomy import Autonomy
from watchkeeper.model.page import Page
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.proposal import ApprovalWay


def takes_a_person(what: str) -> NoReturn:
    """Refuse what no token decides.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        f"{what} takes a person, and a token is none: sign in at the server, use your own link, or run this on its machine with --state"
    )


@dataclass(frozen=True, slots=True)
class RemoteActions:
    """The actions of a tenant of a server."""

    server: Server

    def actions(self, show: ActionShow, after: str, limit: int, incident: str = "") -> Page[ActionLine]:
        """Give a page of actions, the newest first."""
        return self.server.get("actions", Page[ActionLine], show=show, after=after, limit=limit, incident=incident)

    def action(self, start: str) -> ActionSeen:
        """Give one action with everything that belongs to it; of very many targets the first."""
        return self.server.get(f"actions/{named(start)}", ActionSeen)

    def on_list(self, _: ActionAsked) -> None:
        """Say nothing of what a list leaves out: the server knows its lists."""
        return

    def propose(self, asked: ActionAsked, _: Who) -> ActionStands:
        """Ask for an action; who asks is who made the token."""
        return self.server.send("POST", "actions", ActionStands, **asked.model_dump(mode="json"))

    def undo(self, start: str, who: Who) -> ActionStands:
        """Take an action back."""
        return self.server.send("POST", f"actions/{named(start)}/undo", ActionStands, why=who.why)

    def check(self, start: str) -> ActionStands:
        """Look at the place whether an action has its effect."""
        return self.server.send("POST", f"actions/{named(start)}/check", ActionStands)

    def answer(self, start: str, who: Who, way: ApprovalWay, *, agrees: bool, digest: str = "") -> ActionStands:
        """Refuse: no token answers for a person."""
        del who, way, agrees, digest
        takes_a_person(f"to answer about action {start[:40]!r}")


@dataclass(frozen=True, slots=True)
class RemotePolicy:
    """What is allowed in a tenant of a server; a token looks, and stops everything."""

    server: Server

    def policy(self) -> PolicySeen:
        """Give the policy in force and what was asked for."""
        return self.server.get("policy", PolicySeen)

    def levels(self) -> tuple[LevelLine, ...]:
        """Give every class with its record."""
        return self.server.every("policy/levels", LevelLine)

    def brakes(self) -> tuple[Brake, ...]:
        """Give the brakes."""
        return self.server.every("brake", Brake)

    def brake(self, who: Who, *, on: bool | None = None, dry_run: bool | None = None, every: bool = False) -> Brake:
        """Set the brake or begin a dry run; to release takes a person."""
        if every:
            raise ValueError("--every-tenant is for a state folder; at a server name every tenant with --tenant '*'")
        if not (on or dry_run):
            takes_a_person("to release a brake")
        return self.server.send("POST", "brake/on" if on else "brake/dry-run", Brake, why=who.why)

    def promote(self, class_: tuple[str, str], level: Autonomy | None, who: Who) -> PolicyChange:
        """Refuse: no token decides."""
        del level, who
        takes_a_person(f"to promote {class_[0][:40]!r}")

    def lower(self, class_: tuple[str, str], level: Autonomy, who: Who) -> LevelSet:
        """Refuse: no token decides."""
        del level, who
        takes_a_person(f"to lower {class_[0][:40]!r}")

    def ask(self, policy: dict[str, Any], who: Who) -> PolicyChange:
        """Refuse: no token decides."""
        del policy, who
        takes_a_person("to change the policy")

    def agree(self, start: str, who: Who) -> PolicyChange:
        """Refuse: no token decides."""
        del who
        takes_a_person(f"to agree to change {start[:40]!r}")

    def cancel(self, start: str, who: Who) -> PolicyChange:
        """Refuse: no token decides."""
        del who
        takes_a_person(f"to cancel change {start[:40]!r}")
