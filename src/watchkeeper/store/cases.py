"""Cases and their incidents as they were found. Owns no edit of them: what people change stands beside them."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import and_, delete, select

from watchkeeper.model.incident import Case, Incident
from watchkeeper.store.changes import record
from watchkeeper.store.rows import Rows
from watchkeeper.store.tables import CaseRow, IncidentRow


class CaseKept(NamedTuple):
    """Where a case is, and how it is known."""

    id: str
    out: Path
    """Its folder when it was made; it may be gone."""


class Cases(Rows):
    """Cases and incidents."""

    def save(self, case_id: str, case: Case, out: Path, incidents: Iterable[Incident]) -> None:
        """Keep a case and its incidents as they were found; the same case investigated again replaces what was kept of it."""
        mine = self.tenant
        row = CaseRow(tenant=mine, id=case_id, made=case.made, out=str(out), events=case.events, signals=case.signals)
        with self._writing() as session:
            session.merge(row)
            session.execute(delete(IncidentRow).where(IncidentRow.case_id == case_id))
            for incident in incidents:
                session.merge(_incident_row(mine, case_id, incident))
            record(session, mine, "case", [case_id])

    def newest_case(self) -> Path | None:
        """Give the folder of the case that was made last; none if there is none."""
        with self._reading() as session:
            out = session.scalar(select(CaseRow.out).order_by(CaseRow.made.desc()).limit(1))
        return None if out is None else Path(out)

    def cases(self) -> tuple[CaseKept, ...]:
        """Give every case, the newest first."""
        with self._reading() as session:
            return tuple(CaseKept(row.id, Path(row.out)) for row in session.scalars(select(CaseRow).order_by(CaseRow.made.desc())))

    def incidents(self) -> tuple[Incident, ...]:
        """Every incident as it was found, the newest case's first, by rank; edits are not applied."""
        same = and_(CaseRow.tenant == IncidentRow.tenant, CaseRow.id == IncidentRow.case_id)
        newest = select(IncidentRow.body).join(CaseRow, same).order_by(CaseRow.made.desc(), IncidentRow.rank)
        with self._reading() as session:
            return tuple(Incident.model_validate_json(body) for body in session.scalars(newest))

    def placed_incidents(self) -> tuple[tuple[str, str], ...]:
        """Give the ids of the case and of every incident as it was found."""
        with self._reading() as session:
            return tuple((row.case_id, row.id) for row in session.execute(select(IncidentRow.case_id, IncidentRow.id)))


def _incident_row(tenant: str, case_id: str, incident: Incident) -> IncidentRow:
    return IncidentRow(
        tenant=tenant, id=incident.id, case_id=case_id, rank=incident.rank, score=incident.score, title=incident.title,
        body=incident.model_dump_json(),
    )  # fmt: skip
