"""The journal: what was accepted and is not yet in the lake, on disk in segments. Owns durability; what records mean is others' to say."""

from watchkeeper.journal.accepting import Counts, Journal, Limits, made, partition_of, partitions
from watchkeeper.journal.frame import Frame, key_of
from watchkeeper.journal.reading import Frames
from watchkeeper.journal.segments import backlog, trim
from watchkeeper.journal.writing import Partition

__all__ = ["Counts", "Frame", "Frames", "Journal", "Limits", "Partition", "backlog", "key_of", "made", "partition_of", "partitions", "trim"]
