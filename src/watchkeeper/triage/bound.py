"""How many misses there may be, given how many were seen. Owns the exact binomial bound; what is counted is the caller's."""

from math import exp, lgamma, log, log1p

CONFIDENCE = 0.95
"""One-sided."""


def upper_bound(misses: int, closed: int) -> float:
    """Give the largest share of misses that still gives so few of them among `closed` with a probability of 5 %.

    Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", 1934.
    """
    if misses >= closed:
        return 1.0
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(misses, closed, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def needed(misses: int, most: float) -> int:
    """Give how many must be closed, with so many misses among them, for the bound to be under `most`."""
    low, high = misses + 1, misses + 2
    while upper_bound(misses, high) >= most:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if upper_bound(misses, middle) >= most else (low, middle)
    return high


def _at_most(misses: int, closed: int, share: float) -> float:
    """Give the probability of at most so many misses."""
    if share <= 0.0 or share >= 1.0:
        return 1.0 if share <= 0.0 else 0.0
    return sum(
        exp(lgamma(closed + 1) - lgamma(count + 1) - lgamma(closed - count + 1) + count * log(share) + (closed - count) * log1p(-share))
        for count in range(misses + 1)
    )
