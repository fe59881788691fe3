"""Acted: what was done, asked and taken back, as reports and figures read it. Owns the shapes; ethics' ledger keeps the records."""

from pydantic import AwareDatetime

from watchkeeper.model.autonomy import Autonomy
from watchkeeper.model.entity import Entity
from watchkeeper.model.noun import Noun
from watchkeeper.model.policy import LevelSet
from watchkeeper.model.proposal import ActionRecord, ActionState, Approval


class Acted(Noun):
    """Records of actions with what people said of them, and every promotion and demotion."""

    records: tuple[ActionRecord, ...] = ()
    """Actions, the newest first."""
    approvals: tuple[Approval, ...] = ()
    """What people said of them, in the order they said it, action by action."""
    levels: tuple[LevelSet, ...] = ()
    """Promotions and demotions, in the order they were made."""
    is_cut: bool = False
    """Whether older records were not read, because there are more than are read at once."""

    def of(self, incident: str) -> "Acted":
        """Give what was done for one incident."""
        mine = tuple(one for one in self.records if one.proposal.incident == incident)
        ids = {one.id for one in mine}
        return Acted(records=mine, approvals=tuple(one for one in self.approvals if one.proposal in ids), is_cut=self.is_cut)

    def answers(self, record: ActionRecord) -> tuple[Approval, ...]:
        """Give what people said of one action as it stands: words on another digest say nothing about it."""
        return tuple(one for one in self.approvals if one.proposal == record.id and one.digest == record.proposal.digest)


class ActionLine(Noun):
    """An action in one line of a list."""

    id: str
    """Id of the proposal."""
    incident: str
    """Id of the incident that it is for; empty if there is none."""
    action: str
    """Name in the catalogue."""
    targets: tuple[Entity, ...]
    """What it acts on, the first few."""
    count: int
    """How many things it acts on."""
    state: ActionState
    """How it stands."""
    level: Autonomy
    """The level that it was decided at."""
    approvals: int
    """How many people have to approve it."""
    answered: int
    """How many people said something of it as it stands."""
    asked_by: str
    """Who asked for it."""
    place: str
    """Name of the place where it was carried out; empty before that."""
    changed: AwareDatetime
    """When its state changed last, UTC."""
    deadline: AwareDatetime | None
    """Until when people may answer, UTC."""
    done: AwareDatetime | None
    """When it was done, UTC."""
    expires: AwareDatetime | None
    """When it ends by itself, UTC."""
    said: str
    """What went wrong, or what the place answered."""
