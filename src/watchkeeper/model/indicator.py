"""Indicator: something known to be bad, or watched by the organisation. In bulk indicators travel in Arrow tables of `INDICATOR_SCHEMA`."""

from typing import Annotated, Literal

import pyarrow as pa
from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun

IndicatorKind = Literal[
    "address", "network", "domain", "url", "hash", "mailbox", "file", "user", "host", "account", "service", "task", "fingerprint"
]
"""Those of entities that can be known beforehand, and networks; a `file` is a name or a whole path, a `fingerprint` JA3, JA4 or HASSH."""

Tlp = Literal["", "clear", "green", "amber", "amber+strict", "red"]
"""Traffic Light Protocol 2.0; empty if nobody said."""


class Indicator(Noun):
    """One value that somebody says to look out for."""

    id: str
    """Id from source, kind and value, 32 hex digits; the same indicator imported again has the same id."""
    kind: IndicatorKind
    """What sort of thing it is."""
    value: str
    """Its value in canonical form, as events' values are compared with it."""
    source: str
    """Who says so: the name the import was given, or the file's own."""
    confidence: Annotated[int, Field(ge=0, le=100)]
    """How sure the source is, 0 to 100."""
    level: str = ""
    """Level of its signals; empty takes it from the confidence."""
    valid_from: AwareDatetime | None = None
    """Since when the source says it holds; events before it still match, because attackers come before their indicators."""
    valid_until: AwareDatetime | None = None
    """Events after this time do not match; none if it does not expire."""
    revoked: bool = False
    """The source took it back: nothing matches."""
    inside: bool = False
    """It may match private and loopback addresses, which otherwise nothing does."""
    tlp: Tlp = ""
    """How far it may be passed on."""
    labels: tuple[str, ...] = ()
    """Names of threats and other labels as the source gives them."""
    techniques: tuple[str, ...] = ()
    """ATT&CK technique ids, upper case, if the source gives any."""
    external_id: str = ""
    """The source's own id; empty if it has none."""
    first_seen: AwareDatetime
    """When it was first imported here."""


_TIME = pa.timestamp("us", tz="UTC")

INDICATOR_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("confidence", pa.uint8(), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("valid_from", _TIME),
        pa.field("valid_until", _TIME),
        pa.field("revoked", pa.bool_(), nullable=False),
        pa.field("inside", pa.bool_(), nullable=False),
        pa.field("tlp", pa.string(), nullable=False),
        pa.field("labels", pa.list_(pa.string()), nullable=False),
        pa.field("techniques", pa.list_(pa.string()), nullable=False),
        pa.field("external_id", pa.string(), nullable=False),
        pa.field("first_seen", _TIME, nullable=False),
    ]
)
"""One row an indicator, in the field order of `Indicator`."""
