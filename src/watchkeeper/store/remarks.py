"""What people noted about incidents, and who works on them. Owns the order alone: nothing of it is ever changed."""

from sqlalchemy import select

from watchkeeper.model.remark import Remark, RemarkKind
from watchkeeper.store.changes import record
from watchkeeper.store.remark_tables import RemarkRow
from watchkeeper.store.rows import Rows


class Remarks(Rows):
    """Comments and assignments."""

    def keep_remark(self, remark: Remark) -> None:
        """Keep what a person noted; who listens hears that the incident is otherwise."""
        row = RemarkRow(tenant=self.tenant, incident_id=remark.incident, kind=remark.kind, body=remark.model_dump_json())
        with self._writing() as session:
            session.add(row)
            session.flush()
            record(session, self.tenant, "remark", [remark.incident])

    def remarks(self, kind: RemarkKind) -> tuple[Remark, ...]:
        """Give every remark of a kind, in the order they were made."""
        mine = select(RemarkRow.body).where(RemarkRow.kind == kind).order_by(RemarkRow.number)
        with self._reading() as session:
            return tuple(Remark.model_validate_json(body) for body in session.scalars(mine))

    def remarks_on(self, incident: str) -> tuple[Remark, ...]:
        """Give what was noted about an incident, in the order it was said."""
        mine = select(RemarkRow.body).where(RemarkRow.incident_id == incident).order_by(RemarkRow.number)
        with self._reading() as session:
            return tuple(Remark.model_validate_json(body) for body in session.scalars(mine))
