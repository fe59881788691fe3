"""Proposing how to read what no reader knows, from the shape of a sample. Owns proposals; `trial` says what a source makes of records."""

from watchkeeper.ingest.suggest.proposal import Proposal, propose
from watchkeeper.ingest.suggest.sample import Sample, samples

__all__ = ["Proposal", "Sample", "propose", "samples"]
