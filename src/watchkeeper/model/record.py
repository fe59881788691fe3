"""RuleRecord: how a rule did by what people said. Derived from their words, never kept by itself; `correlation.trust` derives it."""

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun


class RuleRecord(Noun):
    """How often what a rule fired on was judged, and as what."""

    rule: str
    """Id of the rule."""
    true: int
    """Incidents and sessions with signals of it that people judged an attack, successful or not."""
    false: int
    """Those judged benign."""
    authorised: int
    """Those judged authorised: the rule was right, and nobody needs to act."""
    false_places: int
    """Hosts, or what stands for them, where it was judged benign."""
    last: AwareDatetime
    """When anything was last said of it, UTC."""


class RuleTrust(Noun):
    """How a rule did, and what follows from it."""

    record: RuleRecord
    """How it did."""
    trust: float
    """How many times its findings count; 1 is as those of a rule of which nothing is known."""
