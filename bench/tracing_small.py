"""Small recordings without a console: are there as many incidents as the logs show, of their days and hosts, and each over its sources?"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from tracing_case import Case, Told, short
from truth import Truth


@dataclass(frozen=True)
class Counted:
    """The incidents of one set."""

    name: str
    asked: int
    incidents: int
    matched: int
    """Incidents that the truth tells for which there is one of that day."""
    hosts: int
    """Those of them that also name one of its hosts."""
    sources_held: int
    """Archives with an event in the matching incident, by signal or trace."""
    sources: int
    """Archives of the told incidents that gave the product events at all."""
    found: tuple[str, ...]
    """Day and hosts of each incident that the product made."""

    @property
    def right(self) -> bool:
        """Say whether there are as many incidents as the logs show, each of its day."""
        return self.incidents == self.asked == self.matched

    @property
    def across(self) -> bool:
        """Say whether the incidents hold something of each of their sources."""
        return self.sources_held == self.sources

    @property
    def line(self) -> str:
        """What a person reads of it."""
        return (
            f"{self.incidents} incidents, {self.asked} asked, {self.matched} of the day, {self.hosts} with a host of it, "
            f"{self.sources_held} of {self.sources} sources held: {list(self.found)}"
        )


def counted(truth: Truth, case: Case) -> Counted:
    """Score one set."""
    by_day = {_day(one): one for one in reversed(case.incidents)}
    pairs = [(told, by_day.get(told.day)) for told in truth.incidents]
    return Counted(
        name=truth.name,
        asked=len(truth.incidents),
        incidents=len(case.incidents),
        matched=len({one["id"] for _, one in pairs if one}),
        hosts=sum(bool({short(host) for host in one["hosts"]} & set(told.hosts)) for told, one in pairs if one),
        sources_held=sum(len(_archives(case, one) & set(told.sources)) for told, one in pairs if one),
        sources=sum(len({_archive(source) for source in case.read} & set(told.sources)) for told, _ in pairs),
        found=tuple(f"{_day(one)} {', '.join(one['hosts'])}" for one in case.incidents),
    )


def _day(found: Told) -> date | None:
    return datetime.fromisoformat(found["start"]).date() if found["start"] else None


def _archives(case: Case, found: Told) -> set[str]:
    fired = {_archive(signal["source"]) for signal in case.signals if signal["rank"] == found["rank"]}
    traced = found["trace"]["events"] if found["trace"] else []
    return fired | {_archive(case.sources[id_]) for id_ in traced if id_ in case.sources}


def _archive(source: str) -> str:
    return source.partition("!")[0].rpartition("/")[2]


def plain(one: Counted) -> dict[str, Any]:
    """Give one set's figures for machines."""
    return asdict(one) | {"right": one.right, "across": one.across}
