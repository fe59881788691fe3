"""Evidence: claims and the events that must show them. Owns which field shows which role, and the check; making claims is its users'."""

from watchkeeper.evidence.checking import refusal
from watchkeeper.evidence.roles import arguments, origin, predicates

__all__ = ["arguments", "origin", "predicates", "refusal"]
