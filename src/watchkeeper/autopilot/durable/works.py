"""What the steps of a flow do: each takes what it needs from the store, and is idempotent by what stands there. Owns no order."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from watchkeeper.autopilot.durable.flows import begun, core_of
from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.autopilot.durable.stepping import Done
from watchkeeper.brain.ethics.acting import act, look, propose
from watchkeeper.brain.ethics.ledger import RecordsWanted
from watchkeeper.model.flow import Flow, Operation
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.note import Note
from watchkeeper.model.notice import Failure
from watchkeeper.model.noun import Noun
from watchkeeper.model.playbook import Act, Ask, Assign, Escalate, Tell
from watchkeeper.model.proposal import ActionRecord

ADOPTED: Mapping[Operation, tuple[str, ...]] = {
    "warn": ("notice",),
    "triage": ("verdict",),
    "trace": ("trace",),
    "track": ("watchlist", "outlook"),
    "assess": ("impact", "weaknesses"),
}
"""Operations that are done over the lake before a flow begins, and the fields of the incident that hold their results."""
_MOST_RECORDS = 10_000


class Works:
    """What is done for one incident of a tenant."""

    def __init__(self, hands: Hands, tenant: str, incident: str, is_well: Callable[[], bool]) -> None:
        """Take what to ask, which incident, and what says whether this executor may change anything outside just now."""
        self._hands = hands
        self._is_well = is_well
        self._tenant = tenant
        self._incident = incident

    def adopt(self, operation: Operation) -> Done:
        """Take in what an operation found."""
        incident = self._row().incident
        nouns = [noun for name in ADOPTED[operation] if isinstance(noun := getattr(incident, name), Noun)]
        failure = next((one for one in incident.failures if one.step == operation), None)
        digest = digest_of(nouns) if nouns else ""
        return Done({"digest": digest}, Note(code="walked.adopted" if nouns else "walked.nothing"), digest, failure)

    def choose(self, number: int) -> Done:
        """Choose the playbook for the incident as it is."""
        row = self._row()
        if row.into or row.status == "closed":
            return Done({"over": True})
        playbook, facts = self._hands.playbook_for(self._tenant, row)
        core, name = core_of(row.incident), playbook.name if playbook else ""
        before: list[str] = []

        def gone_by(flow: Flow | None) -> Flow:
            before.append(flow.core if flow else "")
            stands = flow or begun(self._incident, core, number, self._hands.clock())
            return stands.model_copy(update={"core": core, "playbook": name, "state": "walking", "number": number})

        self._hands.store_of(self._tenant).change_flow(self._incident, gone_by)
        told = {"core": core, "before": before[-1], "facts": facts.model_dump(mode="json")}
        said = Note(code="walked.playbook", arguments={"name": name}) if playbook else Note(code="walked.no-playbook")
        return Done(told | {"playbook": playbook.model_dump(mode="json", by_alias=True) if playbook else None}, said)

    def propose(self, step: Act, playbook: str, *, anew: bool) -> Done:
        """Propose what a step wants; what was proposed before stays as it is, unless the verdict is another one."""
        row, ledger, about = self._row(), self._hands.ledger_of(self._tenant), self._hands.about_of(self._tenant)
        records: list[ActionRecord] = []
        for wanted in step.actions:
            for proposal in self._hands.proposals(self._tenant, row, wanted, playbook):
                held = None if anew else self.record(proposal.id)
                records.append(held or propose(ledger, proposal, about))
        asked = Note(
            code="walked.proposed",
            arguments={"count": str(len(records)), "actions": ", ".join(sorted({one.proposal.action for one in records}))},
        )
        return Done({"actions": {one.id: self._stood(one) for one in records}}, asked if records else Note(code="walked.nothing-to-do"))

    def act(self, id_: str) -> Done:
        """Do what is ready.

        Raises:
            OSError: its place does not answer, or this executor may not act just now; it is tried again.
        """
        if not self._is_well():
            raise TimeoutError("this server could not say for a while that it is alive, so it changes nothing until it can")
        record = act(self._hands.ledger_of(self._tenant), id_, self._hands.about_of(self._tenant), holder=self._hands.executor)
        if record.state == "doing" and record.held_by in ("", self._hands.executor):
            raise ConnectionError(record.said or f"the place {record.place!r} has not answered yet")
        return Done(self._stood(record), None if record.state == "doing" else _became(record))

    def look(self, id_: str, *, last: bool) -> Done:
        """Look whether an action has its effect: at its place, and at the end of its window in the events too."""
        before = self.record(id_)
        telemetry = self._hands.telemetry_of(before) if before and last else None
        record = look(self._hands.ledger_of(self._tenant), id_, self._hands.about_of(self._tenant), telemetry)
        return Done(self._stood(record), _became(record))

    def tell(self, step: Tell | Assign | Escalate, key: str) -> Done:
        """Tell people, or hand the incident to them."""
        silent = self._hands.told(self._tenant, self._row(), step, key)
        said = Note(code=f"walked.{_TOLD[step.kind]}", arguments={} if isinstance(step, Tell) else {"to": step.to})
        return Done({}, said, failure=_untold(silent))

    def ask(self, step: Ask, key: str) -> Done:
        """Ask people."""
        question, silent = self._hands.asked(self._tenant, self._row(), step, key)
        return Done({"question": question}, Note(code="walked.asked", arguments={"to": step.to}), failure=_untold(silent))

    def verify(self, ids: Sequence[str]) -> Done:
        """Say what the flow's actions came to."""
        records = self._records(ids)
        counts = {"actions": len(records), "verified": sum(one.state == "verified" for one in records)}
        said = Note(code="walked.verified", arguments={name: str(count) for name, count in counts.items()})
        return Done(counts, said if records else Note(code="walked.nothing-done"), digest_of(records))

    def report(self, ids: Sequence[str], *, failed: bool) -> Done:
        """Close the flow: what it went by and came to is written down under one digest."""
        digest = digest_of([self._row().incident, *self._records(ids)])
        return Done({"digest": digest}, Note(code="walked.reported"), digest, state="failed" if failed else "done")

    def end(self) -> Done:
        """End the flow of an incident that was closed, or goes on in another."""
        return Done({}, Note(code="walked.ended"), state="done")

    def news(self, ids: Sequence[str]) -> dict[str, Any]:
        """Give how everything stands that a flow may wait for."""
        row = self._row()
        standing = {one.id: self._stood(one) for one in self._records(ids)}
        answers = dict(self._hands.answers_of(self._tenant, self._incident))
        return {"core": core_of(row.incident), "over": bool(row.into) or row.status == "closed", "actions": standing, "answers": answers}

    def stand(self, state: str) -> None:
        """Say how the flow stands."""

        def stands(flow: Flow | None) -> Flow:
            if flow is None:
                raise ValueError(f"there is no flow of incident {self._incident!r} any more: the database was restored")
            return flow.model_copy(update={"state": state})

        self._hands.store_of(self._tenant).change_flow(self._incident, stands)

    def record(self, id_: str) -> ActionRecord | None:
        """Give an action as it stands; none if it was never proposed."""
        with self._hands.ledger_of(self._tenant).alone() as kept:
            return kept.record(id_)

    def _records(self, ids: Sequence[str]) -> list[ActionRecord]:
        wanted = set(ids)
        if not wanted:
            return []
        with self._hands.ledger_of(self._tenant).alone() as kept:
            found = kept.records(RecordsWanted(incident=self._incident, most=_MOST_RECORDS))
        return sorted((one for one in found if one.id in wanted), key=lambda one: one.id)

    def _row(self) -> LiveIncident:
        row = self._hands.store_of(self._tenant).live_incident(self._incident)
        if row is None:
            raise LookupError(f"there is no incident {self._incident!r} of tenant {self._tenant!r} any more")
        return row

    def _stood(self, record: ActionRecord) -> dict[str, Any]:
        traits = self._hands.about_of(self._tenant).traits_of(record.proposal.action)
        window = traits.check_seconds if traits else 0
        return {"state": record.state, "done": record.done.isoformat() if record.done else None, "window": window}


_TOLD = {"tell": "told", "assign": "assigned", "escalate": "escalated"}


def digest_of(nouns: Sequence[Noun]) -> str:
    """Give the SHA-256 of nouns as JSON."""
    made = hashlib.sha256()
    for noun in nouns:
        body = noun.model_dump_json().encode()
        made.update(len(body).to_bytes(8, "big") + body)
    return made.hexdigest()


def _became(record: ActionRecord) -> Note:
    targets = record.proposal.targets
    named = targets[0].value + (f" +{len(targets) - 1}" if len(targets) > 1 else "")
    return Note(code=f"walked.action.{record.state}", arguments={"action": record.proposal.action, "target": named})


def _untold(why: str) -> Failure | None:
    """Say that people were not told by the routes; the flow goes on, and what was said or asked stands with the incident."""
    return Failure(step="respond", tried="tell people by the routes of notify.yml", error=why[:2_000]) if why else None
