"""Acting: the one way to a change of state. Owns when a place's means are used, and that each use was ruled on and written down before.

An intent is kept before anything changes, with what an undo will have to bring back, and its result afterwards; the places themselves are
called in between, outside of any transaction. Who dies there leaves an intent, and whoever goes on from it looks at the place first.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from watchkeeper.brain.ethics.approving import is_person, login, objection, stands, void
from watchkeeper.brain.ethics.changing import begin_announced
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Ledger, RecordsWanted
from watchkeeper.brain.ethics.looking import LOOKED_AT, check, elsewhere, former, is_as_before, is_untouched, job_of, means_at, with_seen
from watchkeeper.brain.ethics.matter import MOST_RECORDS
from watchkeeper.brain.ethics.ruling import rule
from watchkeeper.brain.ethics.standing import (
    being_undone,
    intended,
    is_free,
    judged,
    known,
    lapsed,
    policy_to_end_by,
    remembered,
    ruled,
    targets_of_its_own,
)
from watchkeeper.brain.ethics.telling import SYSTEM, happened, told
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Means
from watchkeeper.model.proposal import ActionRecord, ActionState, Approval, Proposal, Seen

_OPEN: frozenset[ActionState] = frozenset({"refused", "waiting", "ready"})


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
    with ledger.alone() as kept:
        held = kept.record(proposal.id)
        if held is None:
            return ruled(kept, proposal, about, None)
        if held.state not in _OPEN:
            return held
        if held.proposal.digest != proposal.digest:
            void(kept, proposal, about.clock(), "the proposal was changed")
            return ruled(kept, proposal, about, None)
        return ruled(kept, proposal, about, held) if held.state == "refused" else held


def answer(ledger: Ledger, approval: Approval, about: Circumstances) -> ActionRecord:
    """Take a person's word on a proposal: one who denies ends it, as many as the ruling asks for make it ready.

    Raises:
        OSError: it could not be kept.
        LookupError: there is no such proposal.
        ValueError: the word does not count; the message says why.
    """
    now = about.clock()
    with ledger.alone() as kept:
        record = known(kept, approval.proposal)
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

    What somebody began and did not end is gone on with: at once by the same `holder`, who is never at it twice at the same time, and if its
    place did not answer; otherwise after a while. The place is looked at first, and it is done only if it is not in force. A record that is
    still `doing` may be asked for again.

    Raises:
        OSError: what was kept cannot be read or written; if something was done, it is found when this is called again.
        LookupError: there is no such proposal.
    """
    mine = holder or uuid4().hex
    begun = _begin(ledger, id_, about, mine)
    if begun.record.state != "doing" or begun.record.held_by != mine:
        return begun.record
    return _resume(ledger, begun.record, about) if begun.is_resumed else _carry_out(ledger, begun.record, about)


def look(ledger: Ledger, id_: str, about: Circumstances, telemetry: Seen | None = None) -> ActionRecord:
    """Look whether an action that was done has its effect, at its place and in the record of events.

    Either of them says no: it is ineffective, its class is demoted, and it is taken back or left to people, as policy says. That a change
    cannot be seen anywhere counts as no once its time to show has passed.

    Raises:
        OSError: what was kept cannot be read or written.
        LookupError: there is no such proposal.
    """
    with ledger.alone() as kept:
        record = known(kept, id_)
    if record.state not in LOOKED_AT:
        return record
    seen = (check(record, about), *((telemetry,) if telemetry else ()))
    with ledger.alone() as kept:
        after = judged(kept, record.id, seen, about)
        then = policy_to_end_by(kept, about).failed_then(after.proposal.action)
    is_news = after.state == "ineffective" and record.state != "ineffective"
    means = means_at(after, about) if is_news and then == "undo" else None
    if means is None or means.undo is None:
        return after
    return undo(ledger, id_, SYSTEM, f"it does not work: {after.said}", about)


def undo(ledger: Ledger, id_: str, by: str, why: str, about: Circumstances, *, holder: str = "") -> ActionRecord:
    """Take back what is in force, for a person (`person:LOGIN`) or for the system; a brake does not stop that.

    If the place does not answer it stays `undoing`, and `due` tries again. A person who takes back what ran alone demotes its class.

    Raises:
        OSError: what was kept cannot be read or written.
        LookupError: there is no such proposal.
        ValueError: nothing of it is in force, it cannot be taken back, or somebody is at it right now.
    """
    kind, _, name = by.partition(":")
    if by != SYSTEM and not (kind == "person" and is_person(name)):
        raise ValueError(f"{by!r} is neither `person:LOGIN` nor `system`; nobody else takes back anything")
    with ledger.alone() as kept:
        after = being_undone(kept, known(kept, id_), about, holder or uuid4().hex, (by, why))
        targets = targets_of_its_own(kept, after)
    return _take_back(ledger, after, targets, about)


def due(ledger: Ledger, about: Circumstances) -> tuple[ActionRecord, ...]:
    """Do what time asks for: let lapse what nobody answered, take back what has expired, settle what was begun and not ended.

    Raises:
        OSError: what was kept cannot be read or written.
    """
    with ledger.alone() as kept:
        now = about.clock()
        begin_announced(kept, ledger.tenant, now)
        policy = policy_to_end_by(kept, about)
        waiting = kept.records(RecordsWanted(states=("waiting", "ready"), due_by=now, most=MOST_RECORDS))
        over = tuple(lapsed(kept, record, now) for record in waiting)
        since = now - timedelta(seconds=policy.takeover_seconds)
        left = kept.records(RecordsWanted(states=("doing", "undoing"), changed_by=since, most=MOST_RECORDS))
        ended = kept.records(RecordsWanted(states=sorted(LOOKED_AT), due_by=now, most=MOST_RECORDS))
    return (*over, *(after for record in (*left, *ended) if (after := _settled(ledger, record, about)) is not None))


@dataclass(frozen=True, slots=True)
class _Begun:
    record: ActionRecord
    is_resumed: bool


def _begin(ledger: Ledger, id_: str, about: Circumstances, mine: str) -> _Begun:
    """Rule again with the tenant to itself, and keep the intent; or take over one that nobody goes on with."""
    with ledger.alone() as kept:
        record, now = known(kept, id_), about.clock()
        if record.state == "doing" and is_free(record, now, policy_to_end_by(kept, about), mine):
            after = record.model_copy(update={"held_by": mine, "changed": now})
            kept.put(after, told(after))
            return _Begun(after, is_resumed=True)
        return _Begun(intended(kept, record, about, mine) if record.state == "ready" else record, is_resumed=False)


def _carry_out(ledger: Ledger, record: ActionRecord, about: Circumstances) -> ActionRecord:
    means = means_at(record, about)
    if means is None:
        return _end(ledger, record, about, {"state": "failed", "said": elsewhere(record)})
    mine = record.held_by
    if is_untouched(record, about):
        record = _remember(ledger, record, means, about)
        if (record.state, record.held_by) != ("doing", mine):
            return record
    try:
        done = means.do(job_of(record))
    except OSError as error:
        return _end(ledger, record, about, {"said": f"{means.place} did not answer: {error}"[:2_000]})
    except Exception as error:  # noqa: BLE001 - a durable step: what a place or its connector did wrong is kept where a person sees it
        return _end(ledger, record, about, _after_refusal(ledger, record, means, about, f"{type(error).__name__}: {error}"))
    return _end(ledger, record, about, {"state": "in-force", "said": done.said, "reference": record.reference or done.reference})


def _remember(ledger: Ledger, record: ActionRecord, means: Means, about: Circumstances) -> ActionRecord:
    """Keep what the place will have to bring back before it changes anything; it stays `doing` by its holder only if it may be done."""
    try:
        reference = former(record, means)
    except OSError as error:
        return _end(ledger, record, about, {"said": f"{means.place} did not answer: {error}"[:2_000]})
    except Exception as error:  # noqa: BLE001 - a durable step: nothing was changed yet, and a person sees why
        return _end(ledger, record, about, {"state": "failed", "said": f"{type(error).__name__}: {error}"[:2_000]})
    with ledger.alone() as kept:
        held = known(kept, record.id)
        is_mine = (held.state, held.held_by) == (record.state, record.held_by)
        return remembered(kept, held, reference, about) if is_mine else held


def _after_refusal(ledger: Ledger, record: ActionRecord, means: Means, about: Circumstances, said: str) -> dict[str, Any]:
    """Take back what was done all the same: a place that refuses may have done a part of it."""
    seen = check(record, about)
    if seen.outcome == "in-force":
        return {"state": "in-force", "said": f"{said}; all the same: {seen.said}"[:2_000]}
    with ledger.alone() as kept:
        targets = targets_of_its_own(kept, record)
    is_back = not targets
    if means.undo is not None and targets:
        try:
            means.undo(job_of(record, targets))
            is_back = means.check(job_of(record, targets)).outcome != "in-force"
        except Exception as error:  # noqa: BLE001 - as above: what was tried is said, and what was seen decides
            said = f"{said}; taking it back: {error}"
    is_over = is_back or seen.outcome == "not-in-force"
    return {"state": "failed" if is_over else "doing", "said": f"{said}; {seen.said}"[:2_000]}


def _resume(ledger: Ledger, record: ActionRecord, about: Circumstances) -> ActionRecord:
    """Go on from an intent: look first, then rule again, then do it."""
    found = _found(ledger, record, about)
    if found is not None:
        return found
    with ledger.alone() as kept:
        ruling = rule(kept, record.proposal, about, acting=True)
        allowed = stands(kept, record.proposal, ruling) == "ready"
    if not allowed:
        return _end(ledger, record, about, {"state": "failed", "ruling": ruling, "said": "begun, not done, and not allowed any more"})
    return _carry_out(ledger, record, about)


def _found(ledger: Ledger, record: ActionRecord, about: Circumstances) -> ActionRecord | None:
    """Look what became of an intent; none if it certainly was not done."""
    if is_untouched(record, about):
        return None
    seen = check(record, about)
    match seen.outcome:
        case "in-force":
            return _end(ledger, record, about, {"state": "in-force", "said": seen.said, "checks": with_seen(record, seen)})
        case "unknown":
            return _end(ledger, record, about, {"said": f"it is not known whether it was done: {seen.said}"[:2_000]})
        case "not-in-force":
            return None


def _end(ledger: Ledger, record: ActionRecord, about: Circumstances, changes: dict[str, Any]) -> ActionRecord:
    """Keep what came of something, unless somebody else has gone on with it meanwhile."""
    with ledger.alone() as kept:
        held = known(kept, record.id)
        if held.state != record.state or held.held_by != record.held_by:
            return held
        after = record.model_copy(update={"held_by": "", "changed": about.clock(), **changes})
        kept.put(after, told(after))
        return after


def _take_back(ledger: Ledger, record: ActionRecord, targets: tuple[Entity, ...], about: Circumstances) -> ActionRecord:
    is_over = record.ended_by == SYSTEM and record.expires is not None and record.expires <= about.clock()
    ended: dict[str, Any] = {"state": "expired" if is_over else "undone"}
    if not targets:
        return _end(ledger, record, about, ended | {"said": f"{record.said}; other actions hold all of it"[:2_000]})
    if is_untouched(record, about):
        return _end(ledger, record, about, ended | {"said": f"{record.said}; nothing had been changed yet"[:2_000]})
    means = means_at(record, about)
    if means is None or means.undo is None:
        return _end(ledger, record, about, {"said": elsewhere(record)})
    try:
        done = means.undo(job_of(record, targets))
        seen = means.check(job_of(record, targets))
    except Exception as error:  # noqa: BLE001 - a durable step: it stays `undoing`, a person sees why, and it is tried again
        return _end(ledger, record, about, {"said": f"{means.place}: {type(error).__name__}: {error}"[:2_000]})
    if seen.outcome == "in-force" and not is_as_before(record, means):
        return _end(ledger, record, about, {"said": f"{means.place} answered, and it is still in force: {seen.said}"[:2_000]})
    said = f"{record.said}; {done.said}"[:2_000]
    return _end(ledger, record, about, ended | {"said": said, "checks": with_seen(record, seen)})


def _settled(ledger: Ledger, record: ActionRecord, about: Circumstances) -> ActionRecord | None:
    """End what has expired, and find out about what was left behind; none if somebody else is at it."""
    if record.state == "doing":
        return _settled_intent(ledger, record, about)
    try:
        return undo(ledger, record.id, SYSTEM, "it was not taken back yet" if record.state == "undoing" else "its time is over", about)
    except ValueError as error:
        return _ended_by_itself(ledger, record, about, str(error))


def _settled_intent(ledger: Ledger, record: ActionRecord, about: Circumstances) -> ActionRecord | None:
    """Find out what became of an intent that nobody goes on with; it is never done from here."""
    begun = _begin(ledger, record.id, about, uuid4().hex)
    if not begun.is_resumed:
        return None
    said = "it was begun and not done; propose it again if it is still needed"
    return _found(ledger, begun.record, about) or _end(ledger, begun.record, about, {"state": "failed", "said": said})


def _ended_by_itself(ledger: Ledger, record: ActionRecord, about: Circumstances, said: str) -> ActionRecord | None:
    """Say that something is over that cannot be taken back; none if it is somebody else's business meanwhile."""
    means = means_at(record, about)
    is_final = record.state in LOOKED_AT and means is not None and means.undo is None
    return _end(ledger, record, about, {"state": "expired", "said": said}) if is_final else None
