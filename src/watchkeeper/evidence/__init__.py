"""Evidence: claims and the events that must show them. Owns what shows which role, and the check; making claims is its users'."""

from watchkeeper.evidence.checking import refusal
from watchkeeper.evidence.roles import arguments, origin, outcome, predicates, reading

__all__ = ["arguments", "origin", "outcome", "predicates", "reading", "refusal"]
