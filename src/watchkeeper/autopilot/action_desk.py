"""The desk for actions: what people can do with those of one tenant, by command line and API alike. Owns bringing each act together.

Whether somebody may act here is asked before they sit down; whether an action may run is asked of ethics, always.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from watchkeeper.autopilot.acted import lines
from watchkeeper.autopilot.circumstances import confidence_of
from watchkeeper.autopilot.edits import Who, incident_called
from watchkeeper.autopilot.investigation import cited_events
from watchkeeper.autopilot.verified_lists import ListTargets, VerifiedLists
from watchkeeper.brain.ethics.acting import act, answer, look, propose, undo
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.touching import LIST
from watchkeeper.model.acted import Acted, ActionLine
from watchkeeper.model.action_seen import ActionAsked, ActionSeen, ActionShow, ActionStands
from watchkeeper.model.missing import MissingError
from watchkeeper.model.page import Page
from watchkeeper.model.proposal import IN_FORCE, ActionRecord, ActionState, Approval, ApprovalWay, Proposal, RecordsWanted
from watchkeeper.store import Store
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.ledger import TenantLedger

MOST_EVIDENCE = 200
"""Events of an incident that an action which a person asks for rests on."""
_OPEN: tuple[ActionState, ...] = ("waiting", "ready")


@dataclass(frozen=True, slots=True)
class ActionDesk:
    """Somebody at the actions of one tenant."""

    store: Store
    audit: AuditLog
    about: Callable[[], Circumstances]
    """Gives what ethics may ask; places are read only for what needs them."""
    lists: VerifiedLists | None = None
    """Lists of indicators that came signed; without them an action is for named targets only."""

    def actions(self, show: ActionShow, after: str, limit: int, incident: str = "") -> Page[ActionLine]:
        """Give a page of actions, the newest first.

        Raises:
            ValueError: the page before it did not end so.
        """
        wanted = RecordsWanted(states=_states(show), incident=incident, after=after, most=limit + 1)
        with self._ledger.alone() as kept:
            records = kept.records(wanted)
            page = records[:limit]
            approvals = tuple(said for one in page if one.ruling.approvals for said in kept.approvals(one.id))
        found = tuple(lines(Acted(records=page, approvals=approvals)))
        return Page(items=found, next=page[-1].id if len(records) > limit else "")

    def action(self, start: str) -> ActionSeen:
        """Give one action by its id, or its first characters, with what people said and the audit log tells of it.

        Raises:
            MissingError: there is none, or more than one.
            ValueError: the audit log was changed so that some of it cannot be read.
        """
        record, approvals = self._called(start)
        entries = self.audit.about(record.id, self.store.tenant)
        stands = dict(ActionStands.of(record))
        return ActionSeen(**stands, approvals=approvals, entries=entries)

    def answer(self, start: str, who: Who, way: ApprovalWay, *, agrees: bool, digest: str = "") -> ActionRecord:
        """Take a person's word on an action as they saw it: as it stands, unless they say which digest they saw.

        What a person asked for is carried out as soon as enough people approved; what a playbook asked for, its flow carries out.

        Raises:
            MissingError: there is no such action, or more than one.
            ValueError: the word does not count; the message says why.
        """
        record, _ = self._called(start)
        seen = record.proposal.digest
        if digest and not seen.startswith(digest):
            raise ValueError(f"action {record.id!r} is not as you saw it any more: its digest begins with {seen[:12]}; look at it again")
        said = Approval(proposal=record.id, digest=seen, by=who.by, agrees=agrees, way=way, time=who.time, why=who.why)
        about = self.about()
        return self._carried_out(answer(self._ledger, said, about), about)

    def propose(self, asked: ActionAsked, who: Who) -> ActionRecord:
        """Ask for an action; it is ruled on as any other, and runs at once if nobody has to approve it.

        Raises:
            MissingError: there is no such incident.
            OSError: the list that it names cannot be read.
            ValueError: the catalogue has no such action, or there is no such list for it.
        """
        about = self.about()
        return self._carried_out(propose(self._ledger, self._proposal(asked, who, about), about), about)

    def on_list(self, asked: ActionAsked) -> ListTargets | None:
        """Give what of the list that an action names is acted on; none if it names none. Whether a list is verified, ethics asks again.

        Raises:
            OSError: the list cannot be read.
            ValueError: there is no such list for the action.
        """
        if not asked.verified_list:
            return None
        if self.lists is None:
            raise ValueError("no folder of installed content is known here, so there is no list to act on; name the targets")
        return self.lists.targets(asked.verified_list, asked.action, self.about().clock())

    def check(self, start: str) -> ActionRecord:
        """Look at the place whether an action has its effect.

        Raises:
            MissingError: there is no such action, or more than one.
        """
        return look(self._ledger, self._called(start)[0].id, self.about())

    def undo(self, start: str, who: Who) -> ActionRecord:
        """Take an action back, here and now; if its place does not answer it stays `undoing`, and is tried again.

        Raises:
            MissingError: there is no such action, or more than one.
            ValueError: there is no reason, nothing of it is in force, it cannot be taken back, or somebody is at it.
        """
        if not who.why.strip():
            raise ValueError("say why with --why")
        return undo(self._ledger, self._called(start)[0].id, f"person:{who.by}", who.why, self.about())

    @property
    def _ledger(self) -> TenantLedger:
        return self.store.ledger(self.audit)

    def _called(self, start: str) -> tuple[ActionRecord, tuple[Approval, ...]]:
        with self._ledger.alone() as kept:
            ids = kept.called(start) if start else ()
            record = kept.record(ids[0]) if len(ids) == 1 else None
            if record is None:
                many = "more than one action begins" if ids else "no action begins"
                raise MissingError(f"{many} with {start[:40]!r}; `watchkeeper actions --all` lists them")
            return record, kept.approvals(record.id)

    def _carried_out(self, record: ActionRecord, about: Circumstances) -> ActionRecord:
        """Do what a person asked for, and look at once whether it has its effect; its flow does so for what a playbook asked for."""
        if record.state != "ready" or not record.proposal.is_by_hand:
            return record
        done = act(self._ledger, record.id, about)
        return look(self._ledger, done.id, about) if done.state == "in-force" else done

    def _proposal(self, asked: ActionAsked, who: Who, about: Circumstances) -> Proposal:
        traits = about.traits_of(asked.action)
        if traits is None:
            raise ValueError(f"the catalogue has no action {asked.action[:80]!r}; docs/response.md lists them")
        on_list = self.on_list(asked)
        named = {LIST: asked.verified_list} if on_list else {}
        incident = incident_called(self.store, asked.incident) if asked.incident else None
        evidence = cited_events(incident)[:MOST_EVIDENCE] if incident else ()
        return Proposal(
            tenant=self.store.tenant,
            incident=incident.id if incident else "",
            action=asked.action,
            targets=on_list.targets if on_list else asked.targets,
            arguments=asked.arguments | named,
            evidence=evidence,
            kinds=tuple(about.kinds_of(evidence)),
            confidence=(confidence_of(self.store, incident.id) if incident else None) or 0,
            blast_radius=asked.blast_radius,
            undoable=traits.undoable,
            expiry_seconds=asked.expiry_seconds or traits.expiry_seconds,
            asked_by=f"person:{who.by}",
            wave=asked.wave,
        )


def _states(show: ActionShow) -> tuple[ActionState, ...]:
    groups: dict[Literal["in-force", "waiting", "all"], tuple[ActionState, ...]] = {
        "in-force": tuple(sorted(IN_FORCE)),
        "waiting": _OPEN,
        "all": (),
    }
    return groups[show]
