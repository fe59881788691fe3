"""Tracing: where an incident came from, what it touched, what to look out for, and how far it went. Owns no verdict and no action."""

from watchkeeper.tracing.assess import assess
from watchkeeper.tracing.trace import trace
from watchkeeper.tracing.watch import Lookout, Naming, watch

__all__ = ["Lookout", "Naming", "assess", "trace", "watch"]
