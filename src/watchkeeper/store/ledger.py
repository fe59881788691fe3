"""The ledger of actions in the database. Owns the transaction by which a change and its audit entry are kept together, or neither.

A transaction has its tenant and the audit log to itself. So of two that ask whether something may be done one sees what the other kept,
and after somebody set a brake, for one tenant or for all, nothing begins that was allowed before it.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from watchkeeper.model.audit import Happened
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.model.proposal import LIST, ActionRecord, Approval, Begun, Proposal, RecordsWanted
from watchkeeper.model.spelling import is_wide
from watchkeeper.store.action_tables import ActionRow, ApprovalRow, BrakeRow, LevelRow, PolicyChangeRow
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.changes import record as changed
from watchkeeper.store.engine import Database
from watchkeeper.store.touches import may_meet, touches

_NEWEST = (ActionRow.made.desc(), ActionRow.id.desc())


class TenantLedger:
    """What is kept of the actions of one tenant."""

    def __init__(self, database: Database, audit: AuditLog, tenant: str) -> None:
        """Take where it is kept, where it is told, and whose it is."""
        self.tenant = tenant
        self._database = database
        self._audit = audit

    @contextmanager
    def alone(self) -> Generator["TenantKept"]:
        """Open a transaction that has the tenant to itself; what raises in it keeps nothing.

        Raises:
            OSError: it cannot be read or written; nothing of it was kept.
        """
        with self._database.writing(self.tenant) as session:
            self._audit.claim(session)
            yield TenantKept(session, self._audit, self.tenant)


class TenantKept:
    """What is kept of the actions of one tenant, within a transaction."""

    def __init__(self, session: Session, audit: AuditLog, tenant: str) -> None:
        """Take the transaction, where it is told, and whose it is."""
        self._session = session
        self._audit = audit
        self._tenant = tenant

    def record(self, id_: str) -> ActionRecord | None:
        """Give the record of a proposal; none if there is none."""
        body = self._session.scalar(select(ActionRow.body).where(ActionRow.id == id_))
        return None if body is None else ActionRecord.model_validate_json(body)

    def records(self, wanted: RecordsWanted) -> tuple[ActionRecord, ...]:
        """Give records that fit, the newest first.

        Raises:
            ValueError: there is no record that they should follow.
        """
        conditions = list(_conditions(wanted))
        if wanted.after:
            conditions.append(tuple_(ActionRow.made, ActionRow.id) < tuple_(*self._place(wanted.after)))
        if wanted.touching and not any(map(is_wide, wanted.touching)):
            conditions.append(ActionRow.id.in_(self._touching(wanted, conditions)))
        asked = select(ActionRow.body).where(*conditions).order_by(*_NEWEST)
        return tuple(map(ActionRecord.model_validate_json, self._session.scalars(asked.limit(wanted.most))))

    def begun(self, since: datetime, most: int) -> tuple[Begun, ...]:
        """Give what was begun at a time or later, whatever came of it, the newest first."""
        columns = (ActionRow.id, ActionRow.action, ActionRow.begun, ActionRow.objects, ActionRow.listed)
        asked = select(*columns).where(ActionRow.begun >= since).order_by(ActionRow.begun.desc()).limit(most)
        return tuple(Begun(id_, action, time, count, listed) for id_, action, time, count, listed in self._session.execute(asked) if time)

    def called(self, start: str, most: int = 2) -> tuple[str, ...]:
        """Give ids of records that begin so, a few at most."""
        asked = select(ActionRow.id).where(ActionRow.id.startswith(start, autoescape=True)).order_by(ActionRow.id).limit(most)
        return tuple(self._session.scalars(asked))

    def put(self, record: ActionRecord, happened: Happened) -> None:
        """Keep a record in the place of the one with its id, and tell it in the audit log.

        Raises:
            ValueError: it is another tenant's.
        """
        proposal, id_ = record.proposal, record.id
        if proposal.tenant != self._tenant:
            raise ValueError(f"action {id_!r} is of tenant {proposal.tenant!r}, not of {self._tenant!r}")
        row = self._session.get(ActionRow, (self._tenant, id_)) or _new(self._tenant, proposal)
        row.begun, row.changed, row.due = _begun(record, row), record.changed, record.due
        row.objects, row.listed = record.objects or len(proposal.targets), bool(proposal.arguments.get(LIST))
        row.state, row.action, row.made, row.body = record.state, proposal.action, record.made, record.model_dump_json()
        row.incident_id = _named(proposal.incident)
        self._session.add(row)
        self._told(happened, "action", id_)

    def approvals(self, proposal: str) -> tuple[Approval, ...]:
        """Give what people said of a proposal, in the order they said it."""
        asked = select(ApprovalRow.body).where(ApprovalRow.proposal == proposal).order_by(ApprovalRow.number)
        return tuple(map(Approval.model_validate_json, self._session.scalars(asked)))

    def put_approval(self, told: Approval, happened: Happened) -> None:
        """Keep the word of a person in the place of what they said of it before."""
        before = select(ApprovalRow).where(ApprovalRow.proposal == told.proposal, ApprovalRow.by == told.by)
        if row := self._session.scalar(before):
            self._session.delete(row)
            self._session.flush()
        self._session.add(ApprovalRow(tenant=self._tenant, proposal=told.proposal, by=told.by, body=told.model_dump_json()))
        self._told(happened, "action", told.proposal)

    def levels(self) -> tuple[LevelSet, ...]:
        """Give every promotion and demotion, in the order they were made."""
        return tuple(map(LevelSet.model_validate_json, self._session.scalars(select(LevelRow.body).order_by(LevelRow.number))))

    def put_level(self, level: LevelSet, happened: Happened) -> None:
        """Keep a promotion or demotion."""
        self._session.add(LevelRow(tenant=self._tenant, body=level.model_dump_json()))
        self._told(happened, "level", level.action)

    def changes(self) -> tuple[PolicyChange, ...]:
        """Give every change of the policy that was asked for, in the order they were."""
        asked = select(PolicyChangeRow.body).order_by(PolicyChangeRow.number)
        return tuple(map(PolicyChange.model_validate_json, self._session.scalars(asked)))

    def put_change(self, change: PolicyChange, happened: Happened) -> None:
        """Keep a change of policy in the place of the one with its id."""
        row = self._session.scalar(select(PolicyChangeRow).where(PolicyChangeRow.id == change.id))
        row = row or PolicyChangeRow(tenant=self._tenant, id=change.id)
        row.body = change.model_dump_json()
        self._session.add(row)
        self._told(happened, "policy", change.id)

    def brakes(self) -> tuple[Brake, ...]:
        """Give the brakes that hold for the tenant: the one for all first, then its own."""
        asked = select(BrakeRow.body).where(BrakeRow.scope.in_((EVERY_TENANT, self._tenant))).order_by(BrakeRow.scope)
        return tuple(sorted(map(Brake.model_validate_json, self._session.scalars(asked)), key=lambda one: one.scope != EVERY_TENANT))

    def put_brake(self, told: Brake, happened: Happened) -> None:
        """Keep a brake in the place of the one with its scope.

        Raises:
            ValueError: its scope is neither this tenant nor all of them.
        """
        if told.scope not in {EVERY_TENANT, self._tenant}:
            raise ValueError(f"a brake of {told.scope!r} is not set in the ledger of {self._tenant!r}")
        self._session.merge(BrakeRow(scope=told.scope, body=told.model_dump_json()))
        self._told(happened, "brake", told.scope)

    def _touching(self, wanted: RecordsWanted, conditions: Sequence[ColumnElement[bool]]) -> list[str]:
        """Find which records may act on one of some things, without reading them."""
        mine = touches(wanted.touching)
        asked = select(ActionRow.id, ActionRow.wide, ActionRow.touches).where(*conditions).order_by(*_NEWEST)
        found = (id_ for id_, wide, theirs in self._session.execute(asked) if wide or may_meet(mine, theirs))
        return list(islice(found, wanted.most))

    def _place(self, id_: str) -> tuple[datetime, str]:
        made = self._session.scalar(select(ActionRow.made).where(ActionRow.id == id_))
        if made is None:
            raise ValueError(f"there is no action {id_[:40]!r} that the list could go on from; begin again without `after`")
        return made, id_

    def _told(self, happened: Happened, kind: str, id_: str) -> None:
        self._session.flush()
        self._audit.add(self._session, happened)
        changed(self._session, self._tenant, kind, [id_])


def _new(tenant: str, proposal: Proposal) -> ActionRow:
    """Begin a row. Its id names the targets, so that nothing of them is ever another."""
    wide = any(map(is_wide, proposal.targets))
    return ActionRow(tenant=tenant, id=proposal.id, wide=wide, touches=touches(proposal.targets))


def _conditions(wanted: RecordsWanted) -> Iterable[ColumnElement[bool]]:
    if wanted.states:
        yield ActionRow.state.in_(wanted.states)
    if wanted.incident:
        yield ActionRow.incident_id == _named(wanted.incident)
    if wanted.actions:
        yield ActionRow.action.in_(wanted.actions)
    if wanted.done_since is not None:
        yield ActionRow.begun >= wanted.done_since
    if wanted.changed_since is not None:
        yield ActionRow.changed >= wanted.changed_since
    if wanted.changed_by is not None:
        yield ActionRow.changed <= wanted.changed_by
    if wanted.due_by is not None:
        yield ActionRow.due <= wanted.due_by


def _named(incident: str) -> str:
    """Give what an incident is found by: what a model makes up may be too long for the column, or hold what no text of it can."""
    return incident.replace("\0", "\N{REPLACEMENT CHARACTER}")[:64]


def _begun(record: ActionRecord, before: ActionRow) -> datetime | None:
    if record.state == "doing":
        return before.begun if before.state == "doing" else record.changed
    return record.done or before.begun
