"""What of attackers is looked out for, as it is kept between runs. Owns no matching."""

from collections.abc import Iterable

from sqlalchemy import select

from watchkeeper.model.watch import Watch
from watchkeeper.store.changes import record
from watchkeeper.store.rows import Rows
from watchkeeper.store.tables import WatchRow


class Lookout(Rows):
    """What is and was looked out for."""

    def save_watches(self, case_id: str, watches: Iterable[Watch]) -> None:
        """Keep what is looked out for because of a case's incidents, in the place of what was; what a person did with it stays."""
        with self._writing() as session:
            mine = session.scalars(select(WatchRow).where(WatchRow.case_id == case_id))
            before = {row.id: (row, Watch.model_validate_json(row.body)) for row in mine}
            for row, watch in before.values():
                if watch.ended is None and not watch.by:
                    session.delete(row)
            session.flush()
            for watch in watches:
                known = before[watch.id][1] if watch.id in before else watch
                if known.ended is None and not known.by:
                    session.merge(_watch_row(self.tenant, watch.model_copy(update={"since": known.since})))

    def keep_watch(self, watch: Watch) -> None:
        """Keep one thing to look out for, or what became of it."""
        with self._writing() as session:
            session.merge(_watch_row(self.tenant, watch))
            record(session, self.tenant, "watch", [watch.id])

    def watches(self) -> tuple[Watch, ...]:
        """Give everything that ever was looked out for, by incident, what ends last coming first."""
        every = select(WatchRow.body).order_by(WatchRow.incident_id, WatchRow.until.desc(), WatchRow.id)
        with self._reading() as session:
            return tuple(Watch.model_validate_json(body) for body in session.scalars(every))


def _watch_row(tenant: str, watch: Watch) -> WatchRow:
    return WatchRow(
        tenant=tenant, id=watch.id, incident_id=watch.incident, case_id=watch.case, until=watch.until, body=watch.model_dump_json()
    )
