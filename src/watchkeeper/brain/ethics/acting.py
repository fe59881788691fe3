"""Acting: the one way to a change of state. Owns when a place's means are used, and that each use was ruled on and written down before.

An intent is kept before anything changes and its result afterwards; the places themselves are called between the two, outside of any
transaction. Who dies in between leaves an intent, and whoever goes on from it looks at the place first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from watchkeeper.brain.ethics.approving import agreed, deadline, login, objection, stands, void
from watchkeeper.brain.ethics.braking import brake_if_flooded
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.demoting import demote_for
from watchkeeper.brain.ethics.ledger import Kept, Ledger, RecordsWanted
from watchkeeper.brain.ethics.matter import MOST_RECORDS
from watchkeeper.brain.ethics.policy import Policy, in_force, shipped
from watchkeeper.brain.ethics.ruling import rule
from watchkeeper.brain.ethics.telling import SYSTEM, happened, told
from watchkeeper.brain.ethics.touching import is_same_but_targets
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import IN_FORCE, ActionRecord, ActionState, Approval, Proposal, Seen

LOOKED_AT: frozenset[ActionState] = frozenset({"in-force", "verified", "ineffective"})
"""What is done, and can be looked at, and taken back."""
_OPEN: frozenset[ActionState] = frozenset({"refused", "waiting", "ready"})
_MOST_CHECKS = 20


def propose(ledger: Ledger, proposal: Proposal, about: Circumstances) -> ActionRecord:
    """Rule on a proposal and keep it: refused, waiting for people, or ready.

    The same again gives the record that is there; one that was refused is ruled on again. Otherwise in its evidence or anything else that
    is not part of its id, it is ruled on anew as long as it was not begun, and nothing that people said of it counts any more.

    Raises:
        OSError: it could not be kept.
        ValueError: it is another tenant's.
    """
    if proposal.tenant != ledger.tenant:
        raise ValueError(f"the proposal is for tenant {proposal.tenant!r}, and this is the ledger of {ledger.tenant!r}")
    now = about.clock()
    with ledger.alone() as kept:
        held = kept.record(proposal.id)
        if held is None:
            return _ruled(kept, proposal, about, None)
        if held.state not in _OPEN:
            return held
        if held.proposal.digest != proposal.digest:
            void(kept, proposal, now)
            return _ruled(kept, proposal, about, None)
        return _ruled(kept, proposal, about, held) if held.state == "refused" else held


def answer(ledger: Ledger, approval: Approval, about: Circumstances) -> ActionRecord:
    """Take a person's word on a proposal: one who denies ends it, as many as the ruling asks for make it ready.

    Raises:
        OSError: it could not be kept.
        ValueError: the word does not count; the message says why.
    """
    now = about.clock()
    with ledger.alone() as kept:
        record = _known(kept, approval.proposal)
        if wrong := objection(record, approval, now):
            raise ValueError(wrong)
        said = ("action approved" if approval.agrees else "action denied", record.id)
        kept.put_approval(approval, happened(ledger.tenant, now, approval.by, said, f"{approval.way}: {approval.why}"))
        ruling = rule(kept, record.proposal, about)
        state = "denied" if not approval.agrees else stands(kept, record.proposal, ruling)
        ended = f"person:{login(approval.by)}" if state == "denied" else ""
        after = record.model_copy(update={"state": state, "ruling": ruling, "changed": now, "ended_by": ended})
        kept.put(after, told(after, approval.by))
        return after


def act(ledger: Ledger, id_: str, about: Circumstances, *, holder: str = "") -> ActionRecord:
    """Do what is ready, after ruling on it again; what is not ready is given back as it stands.

    What somebody began and did not end is gone on with: at once by the same `holder`, and if its place did not answer; otherwise after a
    while. The place is looked at first, and it is done only if it is not in force. A record that is still `doing` may be asked for again.

    Raises:
        OSError: what was kept cannot be read or written; if something was done, it is found when this is called again.
        LookupError: there is no such proposal.
    """
    mine = holder or uuid4().hex
    begun = _begin(ledger, id_, about, mine)
    if begun.record.state != "doing" or begun.record.held_by != mine:
        return begun.record
    return _resume(ledger, begun, about) if begun.is_resumed else _carry_out(ledger, begun.record, about)


def look(ledger: Ledger, id_: str, about: Circumstances, telemetry: Seen | None = None) -> ActionRecord:
    """Look whether an action that was done has its effect, at its place and in the record of events.

    Either of them says no: it is ineffective, its class is demoted, and it is taken back or left to people, as policy says. That it cannot
    be seen counts as no once its time to show has passed.

    Raises:
        OSError: what was kept cannot be read or written.
        LookupError: there is no such proposal.
    """
    with ledger.alone() as kept:
        record = _known(kept, id_)
    if record.state not in LOOKED_AT:
        return record
    seen = (_check(record, about), *((telemetry,) if telemetry else ()))
    with ledger.alone() as kept:
        after = _judged(kept, record.id, seen, about)
        undoes = (
            after.state == "ineffective"
            and record.state != "ineffective"
            and _policy(kept, about).failed_then(after.proposal.action) == "undo"
        )
    means = about.means_of(after.proposal) if undoes else None
    return undo(ledger, id_, SYSTEM, f"it does not work: {after.said}", about) if means and means.undo else after


def undo(ledger: Ledger, id_: str, by: str, why: str, about: Circumstances, *, holder: str = "") -> ActionRecord:
    """Take back what is in force, for a person (`person:LOGIN`) or for the system; a brake does not stop that.

    If the place does not answer it stays `undoing`, and `due` tries again. A person who takes back what ran alone demotes its class.

    Raises:
        OSError: what was kept cannot be read or written.
        LookupError: there is no such proposal.
        ValueError: nothing of it is in force, it cannot be taken back, or somebody is at it right now.
    """
    if by != SYSTEM and not login(by.partition("person:")[2]):
        raise ValueError(f"{by!r} is neither `person:LOGIN` nor `system`; nobody else takes back anything")
    mine = holder or uuid4().hex
    with ledger.alone() as kept:
        record = _known(kept, id_)
        now = about.clock()
        _may_be_taken_back(record, about, now, _policy(kept, about), mine)
        said = f"{by}: {why}"[:2_000]
        ended = record.ended_by if record.state == "undoing" else by
        after = record.model_copy(update={"state": "undoing", "held_by": mine, "changed": now, "said": said, "ended_by": ended})
        kept.put(after, told(after, by))
        if record.state != "undoing" and by != SYSTEM and _ran_alone(kept, record, about):
            demote_for(kept, record.proposal, about, f"{by} took back {record.id}: {why}")
        held = _held_by_others(kept, record)
    return _take_back(ledger, after, held, about)


def due(ledger: Ledger, about: Circumstances) -> tuple[ActionRecord, ...]:
    """Do what time asks for: let lapse what nobody answered, take back what has expired, settle what was begun and not ended.

    Raises:
        OSError: what was kept cannot be read or written.
    """
    with ledger.alone() as kept:
        now, policy = about.clock(), _policy(kept, about)
        open_ = kept.records(RecordsWanted(states=("waiting", "ready"), most=MOST_RECORDS))
        lapsed = tuple(_lapse(kept, record, now) for record in open_ if record.deadline is not None and record.deadline <= now)
        held = kept.records(RecordsWanted(states=sorted(IN_FORCE), most=MOST_RECORDS))
    changed = [after for record in held if (after := _settled(ledger, record, about, policy)) is not None]
    return (*lapsed, *changed)


@dataclass(frozen=True, slots=True)
class _Begun:
    record: ActionRecord
    is_resumed: bool


def _known(kept: Kept, id_: str) -> ActionRecord:
    record = kept.record(id_)
    if record is None:
        raise LookupError(f"there is no proposal {id_!r}; `watchkeeper actions` lists them")
    return record


def _policy(kept: Kept, about: Circumstances) -> Policy:
    """Give the policy in force; where it cannot be understood nothing is ruled to run, and the one that ships says how to end things."""
    try:
        return in_force(kept, about.clock())
    except ValueError:
        return shipped()


def _ruled(kept: Kept, proposal: Proposal, about: Circumstances, before: ActionRecord | None) -> ActionRecord:
    now, ruling = about.clock(), rule(kept, proposal, about)
    if before is not None and ruling == before.ruling:
        return before
    state = stands(kept, proposal, ruling)
    until = None if state == "refused" else deadline(_policy(kept, about), now)
    record = ActionRecord(proposal=proposal, state=state, ruling=ruling, made=before.made if before else now, changed=now, deadline=until)
    kept.put(record, told(record, proposal.asked_by))
    brake_if_flooded(kept, record, _policy(kept, about), now)
    return record


def _begin(ledger: Ledger, id_: str, about: Circumstances, mine: str) -> _Begun:
    with ledger.alone() as kept:
        record, now = _known(kept, id_), about.clock()
        if record.state == "doing" and _is_free(record, now, _policy(kept, about), mine):
            after = record.model_copy(update={"held_by": mine, "changed": now})
            kept.put(after, told(after))
            return _Begun(after, is_resumed=True)
        return _Begun(_intent(kept, record, about, mine) if record.state == "ready" else record, is_resumed=False)


def _intent(kept: Kept, record: ActionRecord, about: Circumstances, mine: str) -> ActionRecord:
    """Rule again with the tenant to itself; only what may run now becomes an intent."""
    now = about.clock()
    if record.deadline is not None and record.deadline <= now:
        return _lapse(kept, record, now)
    ruling = rule(kept, record.proposal, about, acting=True)
    state = stands(kept, record.proposal, ruling)
    changes: dict[str, Any] = {"state": state, "ruling": ruling, "changed": now}
    if state == "ready":
        ends = timedelta(seconds=record.proposal.expiry_seconds) if record.proposal.expiry_seconds is not None else None
        means = about.means_of(record.proposal)
        place = means.place if means else ""
        changes |= {"state": "doing", "done": now, "expires": now + ends if ends else None, "held_by": mine, "place": place}
    after = record.model_copy(update=changes)
    kept.put(after, told(after))
    brake_if_flooded(kept, after, _policy(kept, about), now)
    return after


def _is_free(record: ActionRecord, now: datetime, policy: Policy, mine: str) -> bool:
    return record.held_by in ("", mine) or now - record.changed >= timedelta(seconds=policy.takeover_seconds)


def _carry_out(ledger: Ledger, record: ActionRecord, about: Circumstances) -> ActionRecord:
    means = _means(record, about)
    if means is None:
        return _end(ledger, record, about, {"state": "failed", "said": _elsewhere(record)})
    job = _job(record)
    try:
        done = means.do(job)
    except OSError as error:
        return _end(ledger, record, about, {"said": f"{means.place} did not answer: {error}"[:2_000]})
    except Exception as error:  # noqa: BLE001 - a durable step: what a place or its connector did wrong is kept where a person sees it
        return _end(ledger, record, about, _after_refusal(record, means, about, f"{type(error).__name__}: {error}"))
    return _end(ledger, record, about, {"state": "in-force", "said": done.said, "reference": done.reference})


def _after_refusal(record: ActionRecord, means: Means, about: Circumstances, said: str) -> dict[str, Any]:
    """Look whether anything was done all the same, and take it back: a place that refuses may have done a part of it."""
    seen = _check(record, about)
    if seen.outcome == "in-force":
        return {"state": "in-force", "said": f"{said}; all the same: {seen.said}"[:2_000]}
    if means.undo is not None:
        try:
            means.undo(_job(record))
        except Exception as error:  # noqa: BLE001 - as above: what was tried is said, and what was seen decides
            said = f"{said}; taking it back: {error}"
    seen = _check(record, about)
    state = "doing" if seen.outcome == "unknown" and means.undo is None else "failed" if seen.outcome != "in-force" else "in-force"
    return {"state": state, "said": f"{said}; {seen.said}"[:2_000]}


def _resume(ledger: Ledger, begun: _Begun, about: Circumstances) -> ActionRecord:
    """Go on from an intent: look first, then rule again, then do it."""
    record = begun.record
    seen = _check(record, about)
    if seen.outcome == "in-force":
        return _end(ledger, record, about, {"state": "in-force", "said": seen.said, "checks": _with(record, seen)})
    if seen.outcome == "unknown":
        return _end(ledger, record, about, {"said": f"it is not known whether it was done: {seen.said}"[:2_000]})
    with ledger.alone() as kept:
        ruling = rule(kept, record.proposal, about, acting=True)
        allowed = stands(kept, record.proposal, ruling) == "ready"
    if not allowed:
        return _end(
            ledger, record, about, {"state": "failed", "ruling": ruling, "said": "it was begun, not done, and may not be done any more"}
        )
    return _carry_out(ledger, record, about)


def _end(ledger: Ledger, record: ActionRecord, about: Circumstances, changes: dict[str, Any]) -> ActionRecord:
    """Keep what came of something, unless somebody else has gone on with it meanwhile."""
    with ledger.alone() as kept:
        now_kept = _known(kept, record.id)
        if now_kept.state != record.state or now_kept.held_by != record.held_by:
            return now_kept
        after = record.model_copy(update={"held_by": "", "changed": about.clock(), **changes})
        kept.put(after, told(after))
        return after


def _means(record: ActionRecord, about: Circumstances) -> Means | None:
    """Give the means at the place where it was, or is to be, carried out; none if that is configured no more."""
    means = about.means_of(record.proposal)
    return means if means is not None and means.place == record.place else None


def _elsewhere(record: ActionRecord) -> str:
    return f"the place {record.place!r} is not configured for {record.proposal.action!r} any more; put it back into response.yml"


def _job(record: ActionRecord, targets: tuple[Entity, ...] | None = None) -> Job:
    proposal = record.proposal
    return Job(
        key=record.id,
        tenant=proposal.tenant,
        incident=proposal.incident,
        action=proposal.action,
        targets=proposal.targets if targets is None else targets,
        arguments=proposal.arguments,
        expires=record.expires,
        reference=record.reference,
    )


def _check(record: ActionRecord, about: Circumstances, targets: tuple[Entity, ...] | None = None) -> Seen:
    """Look at the place; that it cannot be looked at is a finding, too."""
    means = _means(record, about)
    if means is None:
        return Seen(where="target", outcome="unknown", time=about.clock(), said=_elsewhere(record))
    try:
        return means.check(_job(record, targets))
    except Exception as error:  # noqa: BLE001 - a durable step: that a place could not be looked at is a finding that a person sees
        return Seen(where="target", outcome="unknown", time=about.clock(), said=f"{type(error).__name__}: {error}"[:2_000])


def _with(record: ActionRecord, *seen: Seen) -> tuple[Seen, ...]:
    return (*record.checks, *seen)[-_MOST_CHECKS:]


def _judged(kept: Kept, id_: str, seen: tuple[Seen, ...], about: Circumstances) -> ActionRecord:
    record, now = _known(kept, id_), about.clock()
    if record.state not in LOOKED_AT:
        return record
    state, said = _verdict(record, seen, about, now)
    after = record.model_copy(update={"state": state, "said": said[:2_000], "checks": _with(record, *seen), "changed": now})
    kept.put(after, told(after))
    if state == "ineffective" and record.state != "ineffective":
        demote_for(kept, record.proposal, about, f"{record.id} did not work: {said}")
    return after


def _verdict(record: ActionRecord, seen: tuple[Seen, ...], about: Circumstances, now: datetime) -> tuple[ActionState, str]:
    failed = next((one for one in seen if one.outcome == "not-in-force"), None)
    if failed is not None:
        return "ineffective", f"{failed.where}: {failed.said}"
    if seen[0].outcome == "in-force":
        return "verified", seen[0].said
    traits = about.traits_of(record.proposal.action)
    window = timedelta(seconds=traits.check_seconds if traits else 0)
    late = record.state == "in-force" and record.done is not None and now - record.done > window
    return ("ineffective" if late else record.state), f"not seen yet: {seen[0].said}"


def _may_be_taken_back(record: ActionRecord, about: Circumstances, now: datetime, policy: Policy, mine: str) -> None:
    if record.state not in IN_FORCE:
        raise ValueError(f"{record.id!r} is {record.state}: nothing of it is in force")
    if record.state in ("doing", "undoing") and not _is_free(record, now, policy, mine):
        raise ValueError(f"somebody is at {record.id!r} right now; ask again in {policy.takeover_seconds} seconds")
    means = about.means_of(record.proposal)
    if means is not None and means.undo is None:
        raise ValueError(f"{record.proposal.action!r} cannot be taken back at {means.place!r}")


def _ran_alone(kept: Kept, record: ActionRecord, about: Circumstances) -> bool:
    traits = about.traits_of(record.proposal.action)
    asked = record.proposal.asked_by.startswith("person:")
    return traits is not None and traits.changes_state and not asked and not agreed(kept, record.proposal)


def _held_by_others(kept: Kept, record: ActionRecord) -> frozenset[Entity]:
    """Give targets that another record in force holds, too: they stay as they are until that one ends."""
    alike = kept.records(RecordsWanted(states=sorted(IN_FORCE - {"undoing"}), actions=(record.proposal.action,), most=MOST_RECORDS))
    others = [other.proposal for other in alike if other.id != record.id and is_same_but_targets(other.proposal, record.proposal)]
    return frozenset(target for proposal in others for target in proposal.targets).intersection(record.proposal.targets)


def _take_back(ledger: Ledger, record: ActionRecord, held: frozenset[Entity], about: Circumstances) -> ActionRecord:
    targets = tuple(target for target in record.proposal.targets if target not in held)
    is_over = record.ended_by == SYSTEM and record.expires is not None and record.expires <= about.clock()
    ended: dict[str, Any] = {"state": "expired" if is_over else "undone"}
    if not targets:
        return _end(ledger, record, about, ended | {"said": f"{record.said}; other actions hold all of it"[:2_000]})
    means = _means(record, about)
    if means is None or means.undo is None:
        return _end(ledger, record, about, {"said": _elsewhere(record)})
    try:
        done = means.undo(_job(record, targets))
    except Exception as error:  # noqa: BLE001 - a durable step: it stays `undoing`, a person sees why, and it is tried again
        return _end(ledger, record, about, {"said": f"{means.place}: {type(error).__name__}: {error}"[:2_000]})
    seen = _check(record, about, targets)
    if seen.outcome == "in-force":
        return _end(ledger, record, about, {"said": f"{means.place} answered, and it is still in force: {seen.said}"[:2_000]})
    said = f"{record.said}; {done.said}"[:2_000]
    return _end(ledger, record, about, ended | {"said": said, "checks": _with(record, seen)})


def _lapse(kept: Kept, record: ActionRecord, now: datetime) -> ActionRecord:
    after = record.model_copy(
        update={"state": "lapsed", "changed": now, "said": "nobody answered, or nobody did it, in time; nothing was done"}
    )
    kept.put(after, told(after))
    return after


def _settled(ledger: Ledger, record: ActionRecord, about: Circumstances, policy: Policy) -> ActionRecord | None:
    """End what has expired, and go on with what was left behind; none if there is nothing to do."""
    now = about.clock()
    if record.state == "doing":
        return _settled_intent(ledger, record, about) if _is_free(record, now, policy, "") else None
    is_left = record.state == "undoing" and _is_free(record, now, policy, "")
    is_over = record.state in LOOKED_AT and record.expires is not None and record.expires <= now
    if not is_left and not is_over:
        return None
    try:
        return undo(ledger, record.id, SYSTEM, "its time is over" if is_over else "it was not taken back yet", about)
    except (ValueError, LookupError):
        return None


def _settled_intent(ledger: Ledger, record: ActionRecord, about: Circumstances) -> ActionRecord | None:
    """Find out what became of an intent that nobody goes on with; it is never done from here."""
    mine = uuid4().hex
    with ledger.alone() as kept:
        found, now = _known(kept, record.id), about.clock()
        if found.state != "doing" or not _is_free(found, now, _policy(kept, about), mine):
            return None
        taken = found.model_copy(update={"held_by": mine})
        kept.put(taken, told(taken))
    seen = _check(taken, about)
    match seen.outcome:
        case "in-force":
            return _end(ledger, taken, about, {"state": "in-force", "said": seen.said, "checks": _with(taken, seen)})
        case "not-in-force":
            return _end(ledger, taken, about, {"state": "failed", "said": f"it was begun and not done: {seen.said}"[:2_000]})
        case "unknown":
            return _end(ledger, taken, about, {"said": f"it is not known whether it was done: {seen.said}"[:2_000]})
