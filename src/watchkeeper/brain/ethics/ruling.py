"""The ruling on a proposal: run, ask people, or refuse. Owns weighing the invariants; whatever goes wrong in it refuses."""

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.invariants import INVARIANTS, Demand
from watchkeeper.brain.ethics.ledger import Kept
from watchkeeper.brain.ethics.matter import Matter, gather
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import Proposal


def rule(kept: Kept, proposal: Proposal, about: Circumstances, *, acting: bool = False) -> Ruling:
    """Rule on a proposal; that it could not be ruled on is a refusal."""
    try:
        return ruling_on(gather(kept, proposal, about, acting=acting))
    except Exception as error:  # noqa: BLE001 - the boundary of ruling: whatever goes wrong in it refuses, and says so
        return refusal(Note(code="ethics.broken", arguments={"error": f"{type(error).__name__}: {error}"[:300]}))


def ruling_on(matter: Matter) -> Ruling:
    """Weigh every invariant: one that nothing helps against refuses, the others say how many people it takes."""
    found: list[tuple[Demand, Note]] = [(one.demand, note) for one in INVARIANTS if (note := one.against(matter)) is not None]
    refused = tuple(note for demand, note in found if demand == "refuse")
    if refused:
        return Ruling(outcome="refuse", level=matter.level, approvals=0, why=refused)
    if found:
        return Ruling(
            outcome="ask", level=matter.level, approvals=_people(matter, {demand for demand, _ in found}), why=_notes(matter, found)
        )
    said = {"level": matter.level, "kinds": ", ".join(sorted(matter.kinds)) or "-", "radius": str(matter.radius)}
    return Ruling(outcome="run", level=matter.level, approvals=0, why=(Note(code="ethics.within", arguments=said),))


def refusal(why: Note) -> Ruling:
    """Refuse without a level: nothing is known well enough to have one."""
    return Ruling(outcome="refuse", level="L0", approvals=0, why=(why,))


def asks_two(matter: Matter) -> Note | None:
    """Say whether the policy wants two people for an action or a group, where it wants any."""
    group = next((thing.group.name for thing in matter.touched if thing.group.approvals > 1), "")
    what = matter.proposal.action if matter.proposal.action in matter.policy.approvals.two_people else group
    return Note(code="ethics.policy-of-two", arguments={"what": what}) if what else None


def _people(matter: Matter, demands: set[Demand]) -> int:
    return 2 if "two" in demands or asks_two(matter) else 1


def _notes(matter: Matter, found: list[tuple[Demand, Note]]) -> tuple[Note, ...]:
    two = asks_two(matter)
    return (*(note for _, note in found), *((two,) if two else ()))
