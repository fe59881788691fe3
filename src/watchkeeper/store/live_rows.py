"""Rows of incidents of the stream: how an incident fills them and what it is found by. Owns no question about them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.store.changes import record
from watchkeeper.store.platform_tables import LiveIncidentRow, LiveMarkRow

MOST_MARKS = 500
"""Hosts, users and other entities by which one incident is found; the most shared come first."""
_AT_ONCE = 500
"""Incidents that one statement is about."""


def keep_incidents(session: Session, tenant: str, incidents: Sequence[Incident], now: datetime) -> dict[str, int]:
    """Keep incidents in a writing session; give their revisions. One that is kept as it was stays at its revision."""
    rows: dict[str, LiveIncidentRow] = {}
    new: dict[str, Incident] = {}
    for some in _parts(incidents):
        asked = select(LiveIncidentRow).where(LiveIncidentRow.id.in_([one.id for one in some]))
        rows |= {row.id: row for row in session.scalars(asked)}
    for incident in incidents:
        row = rows.get(incident.id) or _new(session, tenant, incident.id, now)
        rows[incident.id] = row
        if _fill(row, incident, now):
            new[incident.id] = incident
    session.flush()
    for some in _parts(tuple(new.values())):
        _mark(session, tenant, some)
    record(session, tenant, "incident", new)
    return {incident.id: rows[incident.id].revision for incident in incidents}


def merge_incident(session: Session, tenant: str, gone: str, into: str, now: datetime) -> None:
    """Let an incident go on in another, in a writing session."""
    row = session.scalar(select(LiveIncidentRow).where(LiveIncidentRow.id == gone, LiveIncidentRow.into != into))
    if row is None:
        return
    row.into, row.updated, row.revision = into, now, row.revision + 1
    session.flush()
    record(session, tenant, "incident", [gone])


def marks(incident: Incident) -> Collection[tuple[str, str]]:
    """Give the kinds and values by which an incident is found, `MOST_MARKS` at most."""
    found = [("host", host) for host in incident.hosts] + [("technique", one) for one in incident.techniques]
    found += [(entity.kind, entity.value) for entity in incident.entities]
    return list(dict.fromkeys((kind, value.replace("\0", "\N{REPLACEMENT CHARACTER}")) for kind, value in found))[:MOST_MARKS]


def _new(session: Session, tenant: str, incident: str, now: datetime) -> LiveIncidentRow:
    row = LiveIncidentRow(tenant=tenant, id=incident, status="open", opened=now, closed=None, judged=None, into="", revision=0, body="")
    session.add(row)
    return row


def _fill(row: LiveIncidentRow, incident: Incident, now: datetime) -> bool:
    body = incident.model_dump_json()
    if row.body == body and not row.into:
        return False
    row.severity, row.score, row.shown, row.title = LEVELS.index(incident.level), incident.score, incident.shown, incident.title
    row.first, row.last = incident.start or row.opened, incident.end or incident.start or row.opened
    row.updated, row.into, row.revision, row.body = now, "", row.revision + 1, body
    if row.judged is None and incident.verdict and incident.verdict.outcome != "undetermined":
        row.judged = now
    return True


def _mark(session: Session, tenant: str, incidents: Sequence[Incident]) -> None:
    session.execute(delete(LiveMarkRow).where(LiveMarkRow.incident_id.in_([one.id for one in incidents])))
    rows = [{"tenant": tenant, "incident_id": one.id, "kind": kind, "value": value} for one in incidents for kind, value in marks(one)]
    if rows:
        session.execute(insert(LiveMarkRow), rows)


def _parts(incidents: Sequence[Incident]) -> Iterator[Sequence[Incident]]:
    for start in range(0, len(incidents), _AT_ONCE):
        yield incidents[start : start + _AT_ONCE]
