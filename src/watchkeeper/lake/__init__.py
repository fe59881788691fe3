"""The lake: keeps a case's events as Parquet and answers queries about them. The only door to DuckDB; tables for many cases come later."""

from watchkeeper.lake.kept import KEPT_SCHEMA, Keeper, batches
from watchkeeper.lake.observed import MOST_VALUES, OBSERVED, Observed, ObservedWriter
from watchkeeper.lake.searching import Kept

__all__ = ["KEPT_SCHEMA", "MOST_VALUES", "OBSERVED", "Keeper", "Kept", "Observed", "ObservedWriter", "batches"]
