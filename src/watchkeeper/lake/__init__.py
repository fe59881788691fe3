"""The lake: keeps a case's events as Parquet and answers queries about them. The only door to DuckDB; tables for many cases come later."""

from watchkeeper.lake.edge_writer import GRAPH, Edges, EdgeWriter
from watchkeeper.lake.graph import Graph
from watchkeeper.lake.joining import joined
from watchkeeper.lake.kept import KEPT_SCHEMA, Keeper, batches
from watchkeeper.lake.observed import MOST_VALUES, OBSERVED, Observed, ObservedWriter
from watchkeeper.lake.searching import Kept

__all__ = [
    "GRAPH",
    "KEPT_SCHEMA",
    "MOST_VALUES",
    "OBSERVED",
    "EdgeWriter",
    "Edges",
    "Graph",
    "Keeper",
    "Kept",
    "Observed",
    "ObservedWriter",
    "batches",
    "joined",
]
