"""Correlation: signals folded, weighed and grouped to incidents, none lost. Owns the funnel; detection and the story are others'."""

from watchkeeper.correlation.editing import Edited, edit_case, edited, split_id
from watchkeeper.correlation.funnel import Correlated, correlate, followed_rules, joined, placed, ranked
from watchkeeper.correlation.growth import absorb
from watchkeeper.correlation.judged import Knowledge
from watchkeeper.correlation.kept import Kept
from watchkeeper.correlation.locate import located, named
from watchkeeper.correlation.stream import Correlator
from watchkeeper.correlation.suppressing import set_aside
from watchkeeper.correlation.trust import Trust, attacks, latest, records, trusts, verdicts
from watchkeeper.correlation.tuning import ASKED_FOR, SHIPPED, Tuning

__all__ = [
    "ASKED_FOR",
    "SHIPPED",
    "Correlated",
    "Correlator",
    "Edited",
    "Kept",
    "Knowledge",
    "Trust",
    "Tuning",
    "absorb",
    "attacks",
    "correlate",
    "edit_case",
    "edited",
    "followed_rules",
    "joined",
    "latest",
    "located",
    "named",
    "placed",
    "ranked",
    "records",
    "set_aside",
    "split_id",
    "trusts",
    "verdicts",
]
