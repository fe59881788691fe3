"""What was observed, in Parquet parts, and looking values up in it. Owns the parts and the search, not what an indicator means.

Parts hold values and counts, not events: a few rows for thousands of events, so that a case keeps them of everything that was read.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.lake.searching import CONFIG
from watchkeeper.model.observed import OBSERVED_SCHEMA

OBSERVED = "observed"
"""Where parts are, beside kept events or within the folder where they are being gathered."""
MOST_VALUES = 100_000
"""Different values that one search gives."""


class ObservedWriter:
    """Appends tables of what was observed as Parquet parts."""

    def __init__(self, folder: Path, series: str = "") -> None:
        """Make the folder; several that write at the same time each need a series of their own."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = f"part-{series}-" if series else "part-"
        self._written = len(list(folder.glob(f"{self._name}*.parquet")))

    def add(self, table: pa.Table) -> None:
        """Write a table (`OBSERVED_SCHEMA`) as one part; an empty one is none."""
        if table.num_rows:
            part = self._folder / f"{self._name}{self._written:05d}.parquet"
            pq.write_table(table, part, compression="zstd", compression_level=1)
            self._written += 1


class Observed:
    """What was observed in several folders, for looking up."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Open the folders; those without parts answer with nothing.

        Raises:
            ValueError: a part is damaged.
        """
        parts = [str(part) for folder in folders for part in sorted(folder.glob("*.parquet"))]
        self._database = duckdb.connect(config=CONFIG)
        if parts:
            with _plainly():
                self._database.read_parquet(parts, filename=True).create_view("observed")
        else:
            self._database.register("empty", OBSERVED_SCHEMA.append(pa.field("filename", pa.string())).empty_table())
            self._database.execute("CREATE VIEW observed AS SELECT * FROM empty")

    def close(self) -> None:
        """Give the database's memory back."""
        self._database.close()

    def named(self, wanted: pa.Table, networks: pa.Table) -> pa.Table:
        """Give the different values (`kind`, `value`) that may be meant, at most `MOST_VALUES`: who asks looks closer at these few.

        `wanted` has `kind` and `value`; domains stand for all under them. `networks` has `start` and `inside`: the first address of each
        piece of IPv4's numbers, ascending from 0, and whether a network is over it. An address of IPv6 is given whenever networks of
        IPv6 are wanted, which a row of `wanted` with kind `network` says.

        Raises:
            ValueError: a part is damaged.
        """
        self._database.register("wanted", wanted)
        self._database.register("networks", networks)
        with _plainly():
            return self._database.execute(_NAMED, [MOST_VALUES]).to_arrow_table()

    def sightings(self, values: pa.Table) -> pa.Table:
        """Give where values (`kind`, `value`) were observed: a row a value, host and folder, in `OBSERVED_SCHEMA` and `folder`.

        Raises:
            ValueError: a part is damaged.
        """
        self._database.register("asked", values)
        with _plainly():
            found = self._database.execute(_SIGHTINGS).to_arrow_table()
        return found.cast(OBSERVED_SCHEMA.append(pa.field("folder", pa.string(), nullable=False)))


@contextmanager
def _plainly() -> Generator[None]:
    """Translate what DuckDB says of a damaged part."""
    try:
        yield
    except duckdb.Error as error:
        raise ValueError(f"what was observed cannot be read: {error}; investigate the evidence again") from error


_NAMED = """
    SELECT DISTINCT * FROM (
        SELECT kind, value FROM observed SEMI JOIN wanted USING (kind, value)
        UNION ALL
        SELECT 'domain', value FROM (
            SELECT value, unnest(list_transform(range(1, len(parts)), lambda i: array_to_string(parts[i:], '.'))) AS above
            FROM (SELECT value, string_split(value, '.') AS parts FROM (SELECT DISTINCT value FROM observed WHERE kind = 'domain')))
        SEMI JOIN (SELECT value AS above FROM wanted WHERE kind = 'domain') USING (above)
        UNION ALL
        SELECT 'address', value FROM (
            SELECT value, split_part(value, '.', 1)::BIGINT * 16777216 + split_part(value, '.', 2)::BIGINT * 65536
                + split_part(value, '.', 3)::BIGINT * 256 + split_part(value, '.', 4)::BIGINT AS start
            FROM (SELECT DISTINCT value FROM observed WHERE kind = 'address' AND NOT contains(value, ':'))) AS addresses
        ASOF JOIN networks ON addresses.start >= networks.start WHERE networks.inside
        UNION ALL
        SELECT kind, value FROM observed WHERE kind = 'address' AND contains(value, ':')
            AND EXISTS (SELECT 1 FROM wanted WHERE kind = 'network' AND contains(value, ':')))
    LIMIT ?"""

_SIGHTINGS = """
    SELECT kind, value, host, n AS "count", first_time AS "first", last_time AS "last", cited.event_id, cited.source, cited."row", folder
    FROM (
        SELECT kind, value, host, parse_dirpath(filename) AS folder, sum("count")::BIGINT AS n, min("first") AS first_time,
            max("last") AS last_time,
            arg_min({'event_id': event_id, 'source': source, 'row': "row"}, coalesce("first", 'infinity'::TIMESTAMPTZ)) AS cited
        FROM observed SEMI JOIN asked USING (kind, value)
        GROUP BY ALL)
    ORDER BY first_time NULLS LAST, kind, value, host"""
