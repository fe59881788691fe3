"""Flows as they are kept of a tenant, and who is alive to walk them. Owns these rows; what carries a flow is kept beside, see `beside`."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select, update

from watchkeeper.model.flow import Flow, FlowState
from watchkeeper.store.changes import record
from watchkeeper.store.flow_tables import ExecutorRow, FlowRow
from watchkeeper.store.platform_tables import ChangeRow
from watchkeeper.store.rows import Rows


class Flows(Rows):
    """Flows of a tenant; executors and last changes are those of all."""

    def flow(self, incident: str) -> Flow | None:
        """Give how far an incident is; none if it was never begun."""
        with self._reading() as session:
            body = session.scalar(select(FlowRow.body).where(FlowRow.incident_id == incident))
        return None if body is None else Flow.model_validate_json(body)

    def flows(self, states: Sequence[FlowState], most: int = 10_000) -> tuple[Flow, ...]:
        """Give the flows that stand so, by their incidents' ids."""
        asked = select(FlowRow.body).where(FlowRow.state.in_(states)).order_by(FlowRow.incident_id).limit(most)
        with self._reading() as session:
            return tuple(map(Flow.model_validate_json, session.scalars(asked)))

    def change_flow(self, incident: str, change: Callable[[Flow | None], Flow]) -> Flow:
        """Keep what a function makes of a flow as it stands; what is as it was is not kept again.

        Raises:
            OSError: it cannot be read or written; nothing was kept.
        """
        with self._writing() as session:
            row = session.scalar(select(FlowRow).where(FlowRow.incident_id == incident))
            before = None if row is None else Flow.model_validate_json(row.body)
            after = change(before)
            if after == before:
                return after
            row = row or FlowRow(tenant=self.tenant, incident_id=incident)
            row.state, row.number, row.body = after.state, after.number, after.model_dump_json()
            session.add(row)
            record(session, self.tenant, "flow", [incident])
        return after

    def beat(self, executor: str, *, fresh: bool = False) -> bool:
        """Say that an executor is alive; False if another one took over its flows, so that it must not go on. `fresh` begins a new life."""
        with self.database.writing(None) as session:
            row = session.get(ExecutorRow, executor) or ExecutorRow(name=executor, beats=0, gone=False)
            if row.gone and not fresh:
                return False
            row.beats, row.gone, row.beaten = row.beats + 1, False, datetime.now(UTC)
            session.add(row)
        return True

    def executors(self) -> dict[str, int]:
        """Give the beats of every executor that nobody took over yet."""
        with self.database.reading(None) as session:
            found = session.execute(select(ExecutorRow.name, ExecutorRow.beats).where(ExecutorRow.gone.is_(False)))
            return {name: beats for name, beats in found}  # noqa: C416 -- rows are no pairs to the type checker

    def bury(self, executor: str, beats: int) -> bool:
        """Note that an executor's flows are taken over; False if it has beaten since, or somebody else was first."""
        dead = update(ExecutorRow).where(ExecutorRow.name == executor, ExecutorRow.beats == beats, ExecutorRow.gone.is_(False))
        with self.database.writing(None) as session:
            found = session.scalars(dead.values(gone=True).returning(ExecutorRow.name))
            return len(found.all()) > 0

    def count_flows(self) -> dict[str, int]:
        """Count the flows of all tenants by how they stand."""
        with self.database.reading(None) as session:
            return {state: count for state, count in session.execute(select(FlowRow.state, func.count()).group_by(FlowRow.state))}  # noqa: C416 -- rows are no pairs to the type checker

    def last_changes(self) -> dict[str, int]:
        """Give the number of the last change of every tenant that has any."""
        with self.database.reading(None) as session:
            found = session.execute(select(ChangeRow.tenant, func.max(ChangeRow.number)).group_by(ChangeRow.tenant))
            return {tenant: number for tenant, number in found}  # noqa: C416 -- rows are no pairs to the type checker
