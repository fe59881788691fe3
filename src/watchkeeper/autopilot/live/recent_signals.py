"""Signals of the stream as the keeper saved them last, in their incidents. Owns reading them back, not who narrows them down."""

import pyarrow as pa

from watchkeeper.autopilot.live.desk import Stood
from watchkeeper.autopilot.live.keeper import CURSOR, part_name
from watchkeeper.autopilot.live.recent import Recent
from watchkeeper.model.signal import CASE_SCHEMA
from watchkeeper.store import Store


def recent_signals(store: Store) -> pa.Table:
    """Give the signals of the sessions that still count, as in `CASE_SCHEMA`; none where no stream was kept.

    Raises:
        ValueError: another version kept them.
    """
    cursor = store.cursor(CURSOR)
    if cursor is None:
        return CASE_SCHEMA.empty_table()
    stood = Stood.from_bytes(cursor.body)
    kept = {number: store.cursor(part_name(number)) for number in stood.parts}
    folded = Recent({number: one.body for number, one in kept.items() if one}).table()
    standing = (live for incident in stood.told if (live := store.live_incident(incident)))
    incident_of = {fold.id: live.incident.id for live in standing for fold in live.incident.folds}
    incidents = [incident_of.get(str(fold)) for fold in folded.column("fold").to_pylist()]
    rows = folded.num_rows
    placed = folded.append_column("incident", pa.array(incidents, pa.string())).append_column("rank", pa.nulls(rows, pa.int32()))
    placed = placed.append_column("shown", pa.array([one is not None for one in incidents], pa.bool_()))
    return placed.append_column("suppressed", pa.nulls(rows, pa.string())).select(CASE_SCHEMA.names).cast(CASE_SCHEMA)
