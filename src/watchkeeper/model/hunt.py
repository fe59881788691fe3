"""Hunt: a hypothesis with the question that tests it, and what asking it gave. Owns the shapes; running hunts is `detection.hunting`'s."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from watchkeeper.model.language import Language
from watchkeeper.model.level import Level
from watchkeeper.model.noun import Noun
from watchkeeper.model.said import Said, Text

_Technique = Annotated[str, StringConstraints(pattern=r"^T\d{4}(\.\d{3})?$")]


class Check(Noun):
    """What would speak for or against a finding."""

    said: Said
    """What to look for, as a sentence."""
    rule: str = ""
    """Name or id of a rule of the same file that sees it, on the host of a finding within an hour; empty leaves it to a person."""


class Every(Noun):
    """Whatever the rules fire on is a finding."""

    kind: Literal["every"]
    """Says that it is this one."""


class Rare(Noun):
    """The least frequent values of what the rules fire on are findings."""

    kind: Literal["rare"]
    """Says that it is this one."""
    by: Annotated[tuple[Text, ...], Field(min_length=1, max_length=4)]
    """Fields whose values are stacked, together as one value."""
    most_hosts: Annotated[int, Field(ge=1)] = 1
    """A finding is on so many hosts at most."""
    most_events: Annotated[int, Field(ge=1)] = 3
    """A finding is in so many events at most."""
    least_events: Annotated[int, Field(ge=1)] = 30
    """So many events must be stacked before any value of them can be called rare."""


class First(Noun):
    """Values that are first seen after a time in which everything is taken as usual are findings."""

    kind: Literal["first"]
    """Says that it is this one."""
    by: Annotated[tuple[Text, ...], Field(min_length=1, max_length=4)]
    """Fields whose values are compared, together as one value."""
    baseline_days: Annotated[float, Field(gt=0, le=366)] = 7
    """How long from the beginning of the record everything is usual, unless a person says until when."""


class Regular(Noun):
    """Values that come back at one interval, like a clock, are findings."""

    kind: Literal["regular"]
    """Says that it is this one."""
    by: Annotated[tuple[Text, ...], Field(min_length=1, max_length=4)]
    """Fields that belong together, such as source and destination; the last is what may be shared."""
    most_sharing: Annotated[int, Field(ge=1)] = 2
    """So many at most may have the last field in common: what many do at one interval is how a product works."""
    least_events: Annotated[int, Field(ge=5)] = 20
    """So many events a value needs before its interval can be called regular."""
    least_seconds: Annotated[float, Field(ge=1)] = 5
    """Shorter intervals are one stream, not calls."""
    most_spread: Annotated[float, Field(gt=0, le=1)] = 0.2
    """How far half of the intervals may be from the middle one, as a share of it."""


class Hunt(Noun):
    """A hypothesis: what an attacker may have done here, how it would show, and how to tell it from what is harmless."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
    """What it is called; its file's name without the ending."""
    title: Said
    """What its findings are called."""
    question: Said
    """The question that it asks of the events."""
    techniques: Annotated[tuple[_Technique, ...], Field(min_length=1)]
    """ATT&CK techniques that a finding may be."""
    level: Level
    """How severe a finding is as it comes, before anything speaks for or against it."""
    look: Annotated[Every | Rare | First | Regular, Field(discriminator="kind")] = Every(kind="every")
    """What of all that its rules fire on is a finding."""
    confirms: Annotated[tuple[Check, ...], Field(min_length=1)]
    """What would confirm it."""
    refutes: tuple[Check, ...] = ()
    """What would refute it."""
    harmless: Annotated[tuple[Said, ...], Field(min_length=1)]
    """Explanations without an attacker."""
    anywhere: bool = False
    """Whether one host that can answer answers for all, such as a domain controller; else every host has to answer for itself."""
    data: Said
    """Which telemetry it needs, and how to switch that on."""
    next: Annotated[tuple[Said, ...], Field(min_length=1)]
    """What to look at next if it finds something."""
    references: tuple[Annotated[str, StringConstraints(pattern=r"^https?://\S+$")], ...] = ()
    """Where more is written; the pages of its techniques are always among them."""


Status = Literal["found", "nothing", "partly", "too-little", "unanswerable"]
"""Something was found; nothing, and every host of the kind could be asked; nothing, but not all could be asked; the record is too small or
short to call anything rare or new; nothing here can answer."""


class Finding(Noun):
    """What a hunt found, as often as it is alike."""

    what: str
    """The rule that fired, or the rare or new value."""
    hosts: tuple[str, ...]
    """Hosts it is on, a few of them; empty where the log names none."""
    users: tuple[str, ...]
    """Users who acted, a few of them."""
    count: int
    """In how many events it is."""
    first: AwareDatetime | None
    """Time of the first of them, UTC."""
    last: AwareDatetime | None
    """Time of the last of them, UTC."""
    events: tuple[str, ...]
    """Ids of a few of them."""


class Stacked(Noun):
    """One value of a stack."""

    value: tuple[str, ...]
    """Value of each field that is stacked."""
    count: int
    """In how many events it is."""
    hosts: int
    """On how many hosts."""
    first: AwareDatetime | None
    """When it was first seen, UTC."""


class Checked(Noun):
    """What would speak for or against the findings, and whether it was seen."""

    check: Check
    """What was asked for."""
    speaks: Literal["for", "against"]
    """Whether it confirms or refutes."""
    seen: Literal["seen", "not-seen", "no-data", "by-person"]
    """Seen beside a finding; looked for and not seen; nothing here could show it; only a person can say."""
    events: tuple[str, ...] = ()
    """Ids of a few events that show it."""


class HuntResult(Noun):
    """What one hunt gave."""

    hunt: Hunt
    """What was asked."""
    status: Status
    """What came of it."""
    found: int
    """How many findings there are, each as a signal."""
    findings: tuple[Finding, ...]
    """The most telling of them, those alike together."""
    answering: tuple[str, ...]
    """Hosts whose events could answer, a few of them; empty where the log names none."""
    answering_count: int
    """How many could answer; 1 where the log names none."""
    lacking: tuple[str, ...]
    """Hosts of the same kind whose events could not, a few of them."""
    lacking_count: int
    """How many could not."""
    missing: tuple[str, ...]
    """What is not there that a rule of it needs: log sources and fields, in words."""
    stacked: int = 0
    """How many events were stacked or compared."""
    values: int = 0
    """How many different values they have."""
    stack: tuple[Stacked, ...] = ()
    """The least frequent of these values."""
    until: AwareDatetime | None = None
    """Until when everything was taken as usual; none where nothing is compared with a past."""
    checks: tuple[Checked, ...] = ()
    """What would speak for and against the findings; empty without any."""
    left_out: int = 0
    """Findings beyond the bound, which are counted and not kept, and events beyond what could be stacked."""


class HuntAsked(Noun):
    """Of which events a hunt is to be asked."""

    case: Annotated[str, Field(max_length=64, examples=[""])] = ""
    """Id of the case whose kept events are meant; empty: the newest."""
    lang: Language = "en"
    """Language of its sentences."""
    usual_until: AwareDatetime | None = None
    """Until when everything is usual, for hunts that look for what is new."""
