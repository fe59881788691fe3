"""Entries of sources as indicators: canonical, with the defaults a person gave, each once. Owns this step and the account of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

import pyarrow as pa

from watchkeeper.detection.intel.formats.entry import ANY, Entry, Refused
from watchkeeper.detection.intel.formats.tagged import MOST_LABELS, strictest
from watchkeeper.detection.intel.values import canonical, recognised, refanged
from watchkeeper.model.indicator import INDICATOR_SCHEMA, Tlp

_MOST_EXAMPLES = 3
_NO_VALUE = "a value that is none of its kind"
_UNKNOWN = "a value that looks like no indicator"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds of every entry that does not say otherwise."""

    source: str
    confidence: int = 50
    tlp: Tlp = ""
    labels: tuple[str, ...] = ()
    valid_until: datetime | None = None
    inside: bool = False
    """They may match private addresses."""


@dataclass(slots=True)
class Account:
    """What became of the entries of one file."""

    entries: int = 0
    kinds: Counter[str] = field(default_factory=Counter[str])
    """Indicators by kind, each once."""
    refused: Counter[str] = field(default_factory=Counter[str])
    """What is no indicator here, by reason."""
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """A few of these, by reason."""

    def refuse(self, one: Refused) -> None:
        """Count something refused."""
        self.refused[one.reason] += 1
        shown = self.examples.setdefault(one.reason, [])
        if len(shown) < _MOST_EXAMPLES:
            shown.append(one.text)


def indicator_id(source: str, kind: str, value: str) -> str:
    """Give the id of an indicator: 32 hex digits that depend on source, kind and value alone."""
    return blake2b(f"{source}\0{kind}\0{value}".encode(errors="surrogatepass"), digest_size=16).hexdigest()


def indicators(found: Iterable[Entry | Refused], defaults: Defaults, now: datetime) -> tuple[pa.Table, Account]:
    """Give the indicators of entries (`INDICATOR_SCHEMA`), each value once, and the account."""
    account = Account()
    once: dict[tuple[str, str], Entry] = {}
    for one in found:
        account.entries += 1
        if isinstance(one, Refused):
            account.refuse(one)
            continue
        pair = _pair(one)
        if pair is None:
            account.refuse(Refused(_NO_VALUE if one.kind else _UNKNOWN, f"{one.kind} {one.text[:200]}".strip()))
        else:
            once[pair] = _joined(once[pair], one) if pair in once else one
    account.kinds.update(kind for kind, _ in once)
    return _table(once, defaults, now), account


def _pair(entry: Entry) -> tuple[str, str] | None:
    text = refanged(entry.text.strip())
    if entry.kind == ANY:
        kind, value = recognised(text)
    else:
        kind, value = entry.kind, canonical(entry.kind, text)
        if kind == "network" and not value:
            kind, value = "address", canonical("address", text)
        elif kind in ("domain", "address") and not value:
            kind, value = recognised(text)
    if kind == "network" and value.endswith(("/32", "/128")) and canonical("address", value.partition("/")[0]):
        exact = value.endswith("/128") or ":" not in value
        kind, value = ("address", value.partition("/")[0]) if exact else (kind, value)
    return (kind, value) if value and _fits(value) else None


def _fits(value: str) -> bool:
    """Say whether a text can be written: lone surrogates can't."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _joined(one: Entry, other: Entry) -> Entry:
    """Give what two entries of one source say of the same value."""
    return other._replace(
        confidence=max((c for c in (one.confidence, other.confidence) if c is not None), default=None),
        valid_from=min((t for t in (one.valid_from, other.valid_from) if t), default=None),
        valid_until=max(one.valid_until, other.valid_until) if one.valid_until and other.valid_until else None,
        revoked=one.revoked and other.revoked,
        tlp=strictest((one.tlp, other.tlp)),
        labels=tuple(dict.fromkeys((*one.labels, *other.labels)))[:MOST_LABELS],
        techniques=tuple(dict.fromkeys((*one.techniques, *other.techniques))),
        external_id=one.external_id or other.external_id,
    )


def _table(once: dict[tuple[str, str], Entry], defaults: Defaults, now: datetime) -> pa.Table:
    said = once.values()
    source = defaults.source
    columns: dict[str, object] = {
        "id": [indicator_id(source, kind, value) for kind, value in once],
        "kind": [kind for kind, _ in once],
        "value": [value for _, value in once],
        "source": [source] * len(once),
        "confidence": [defaults.confidence if one.confidence is None else one.confidence for one in said],
        "level": [""] * len(once),
        "valid_from": [one.valid_from for one in said],
        "valid_until": [one.valid_until or defaults.valid_until for one in said],
        "revoked": [one.revoked for one in said],
        "inside": [defaults.inside] * len(once),
        "tlp": [one.tlp or defaults.tlp for one in said],
        "labels": [[_clean(label) for label in (*defaults.labels, *one.labels)] for one in said],
        "techniques": [one.techniques for one in said],
        "external_id": [_clean(one.external_id) for one in said],
        "first_seen": [now] * len(once),
    }
    return pa.Table.from_pydict(columns, schema=INDICATOR_SCHEMA)  # pyright: ignore[reportArgumentType] -- its shipped types know no lists of rows


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode()
