"""Levels: which of several holds. Owns their order; what each allows stands with the policy."""

from watchkeeper.model.autonomy import AUTONOMIES, Autonomy


def lowest(first: Autonomy, *others: Autonomy) -> Autonomy:
    """Give the lowest of levels: nothing that asks for caution is outvoted."""
    return min((first, *others), key=AUTONOMIES.index)
