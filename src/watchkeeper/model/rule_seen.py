"""RuleLine and RuleSwitch: a rule in a list, and whether people want its signals. Owns the shapes."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.level import Level
from watchkeeper.model.noun import Noun
from watchkeeper.model.record import RuleTrust
from watchkeeper.model.summary import Text


class RuleSwitch(Noun):
    """A person's word on whether a rule gives signals; the last one counts, and without one it does."""

    rule: str
    """Id of the rule."""
    on: bool
    """Whether it gives signals."""
    by: str
    """Who said so."""
    why: str
    """Their reason, in their words."""
    time: AwareDatetime
    """When, UTC."""


class RuleLine(Noun):
    """A rule in a list."""

    id: str
    """Its id."""
    title: str
    """Its title."""
    level: Level
    """Its severity."""
    kind: Literal["rule", "correlation"]
    """Whether it is about one event or about many."""
    product: str
    """Product of its log source; empty for any, and for a correlation."""
    category: str
    """Category of its log source."""
    service: str
    """Service of its log source."""
    techniques: tuple[str, ...]
    """ATT&CK techniques it is tagged with."""
    tactics: tuple[str, ...]
    """ATT&CK tactics it is tagged with."""
    file: str
    """Name of the file it stands in."""
    on: bool
    """Whether it gives signals."""
    switch: RuleSwitch | None
    """The last word on that, if there was one."""
    record: RuleTrust | None
    """How it did by what people said; none if they said nothing."""


class RuleFilter(Noun):
    """Which rules a list is narrowed to; every condition given must hold."""

    text: Text = ""
    """Stands in its title or id, whatever the case."""
    level: Level | None = None
    """This severity or a higher one."""
    product: Text = ""
    """Product of its log source."""
    technique: Annotated[str, Field(pattern=r"^(|T\d{4}(\.\d{3})?)$")] = ""
    """An ATT&CK technique it is tagged with, or the parent of one."""
    on: bool | None = None
    """Whether it gives signals."""
    judged: bool | None = None
    """Whether people's words are about it."""


class Switching(Noun):
    """Whether a rule is to give signals."""

    on: bool
    """Whether it is to."""
    why: Annotated[str, Field(min_length=1, max_length=2_000, examples=["fires on every login script"])]
    """The reason, in the person's words."""


class Accepting(Noun):
    """Whether a proposed filter is to be used."""

    accept: bool = False
    """Keep it beside the installed rules, if it is proved."""


class FilterTally(Noun):
    """How many signals of a rule there are, of one sort."""

    signals: int
    """How many."""
    kept: int
    """Those whose events are kept, so that the filter can be proved on them."""
    hidden: int
    """Those of these that the filter hides."""


class FilterProposed(Noun):
    """A filter for a rule, and its proof on earlier cases."""

    rule: str
    """Id of the rule."""
    text: str
    """The filter in Sigma's words (YAML); empty if no few fields tell what was judged benign from everything else."""
    benign: FilterTally | None = None
    """Signals that people judged benign."""
    attacks: FilterTally | None = None
    """Signals that people judged an attack."""
    unjudged: FilterTally | None = None
    """Signals that nobody judged."""
    objection: str = ""
    """Why it may not be accepted; empty if it may."""
    accepted: str = ""
    """Name of the file that it is kept in; empty if it was not accepted."""


class Replaying(Noun):
    """Which rules are to look at kept events again."""

    rules: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=512)], ...], Field(max_length=200)] = ()
    """Ids of rules; none: all of them."""
    case: Annotated[str, Field(max_length=64)] = ""
    """Id of the case whose kept events are meant; empty: the newest."""


class ReachLine(Noun):
    """Whether one rule can fire on what was seen."""

    rule: str
    """Id of the rule."""
    title: str
    """Its title."""
    level: Level
    """Its severity."""
    status: Literal["reached", "field", "source"]
    """It can fire; a field it needs is missing; there is no event of its log source."""
    missing: tuple[str, ...]
    """What is missing."""
