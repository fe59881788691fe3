"""The lake: keeps events as Parquet and answers questions about them: those of a case in a folder, those of a stream in a Delta table.

The only door to DuckDB and deltalake.
"""

from watchkeeper.lake.edge_writer import GRAPH, Edges, EdgeWriter
from watchkeeper.lake.graph import Graph
from watchkeeper.lake.joining import joined
from watchkeeper.lake.kept import KEPT_SCHEMA, Keeper, batches
from watchkeeper.lake.observed import MOST_VALUES, OBSERVED, Observed, ObservedWriter
from watchkeeper.lake.searching import Kept
from watchkeeper.lake.sql import Answer, Asked, Limits, Questions
from watchkeeper.lake.stored import EntityKind, StoredEvents
from watchkeeper.lake.table import EventTable
from watchkeeper.lake.upkeep import Done, Keeping, Upkeep

__all__ = [
    "GRAPH",
    "KEPT_SCHEMA",
    "MOST_VALUES",
    "OBSERVED",
    "Answer",
    "Asked",
    "Done",
    "EdgeWriter",
    "Edges",
    "EntityKind",
    "EventTable",
    "Graph",
    "Keeper",
    "Keeping",
    "Kept",
    "Limits",
    "Observed",
    "ObservedWriter",
    "Questions",
    "StoredEvents",
    "Upkeep",
    "batches",
    "joined",
]
