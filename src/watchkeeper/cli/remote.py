"""A desk at a server: what `autopilot.desk` does, asked over the API. Owns paths and bodies; what is done is the server's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.suppressions import Asked
from watchkeeper.autopilot.watch_edits import Wanted
from watchkeeper.cli.server import Server
from watchkeeper.model.change import EditDone, FeedbackDone, StandingDone, SuppressionDone, WatchDone, WatchListed
from watchkeeper.model.edit import EditMade
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.language import Language
from watchkeeper.model.page import Page
from watchkeeper.model.record import RuleTrust
from watchkeeper.model.reopened import Reopened
from watchkeeper.model.rule_seen import RuleFilter, RuleLine, RuleSwitch
from watchkeeper.model.signal_placed import SignalFilter, SignalPlaced
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.suppression import Suppression
from watchkeeper.model.told import FourQuestions, IncidentSeen
from watchkeeper.model.verdict import Outcome


@dataclass(frozen=True, slots=True)
class RemoteDesk:
    """Somebody at the state of a tenant of a server; who that is, the server knows."""

    server: Server

    def incidents(self, wanted: IncidentFilter, after: str, limit: int) -> Page[IncidentSummary]:
        """Give a page of incidents in lines."""
        narrowed = wanted.model_dump(mode="json", exclude_defaults=True)
        return self.server.get("incidents", Page[IncidentSummary], **narrowed, after=after, limit=limit)

    def signals(self, wanted: SignalFilter, after: str, limit: int) -> Page[SignalPlaced]:
        """Give a page of signals, newest first."""
        narrowed = wanted.model_dump(mode="json", exclude_defaults=True)
        return self.server.get("signals", Page[SignalPlaced], **narrowed, after=after, limit=limit)

    def edits(self) -> tuple[EditMade, ...]:
        """Give the merges and splits in force, and whether what they speak of is still there."""
        return self.server.every("edits", EditMade)

    def reopened(self) -> tuple[Reopened, ...]:
        """Give what people closed and something speaks against now."""
        return self.server.every("feedback/reopened", Reopened)

    def close(self, incident: str, who: Who) -> StandingDone:
        """Close an incident."""
        return self.server.send("POST", f"incidents/{named(incident)}/close", StandingDone, why=who.why)

    def reopen(self, incident: str, who: Who) -> StandingDone:
        """Open an incident again."""
        return self.server.send("POST", f"incidents/{named(incident)}/reopen", StandingDone, why=who.why)

    def merge(self, into: str, other: str, who: Who, *, keep: bool) -> EditDone:
        """Merge two incidents."""
        return self.server.send("POST", f"incidents/{named(into)}/merge", EditDone, other=other, why=who.why, what_if=not keep)

    def split(self, incident: str, leaving: tuple[Sequence[str], str], who: Who, *, keep: bool) -> EditDone:
        """Split folds, or those of a host, off an incident."""
        folds, host = leaving
        return self.server.send(
            "POST", f"incidents/{named(incident)}/split", EditDone, folds=list(folds), host=host, why=who.why, what_if=not keep
        )

    def undo(self, kind: Literal["merge", "split"], incident: str, *, keep: bool) -> EditDone:
        """Take back the last merge or split that an incident took part in."""
        return self.server.send("POST", f"incidents/{named(incident)}/un{kind}", EditDone, what_if=not keep)

    def feedback(self) -> tuple[Feedback, ...]:
        """Give everything that people said."""
        return self.server.every("feedback", Feedback)

    def judge(self, start: str, verdict: Outcome, who: Who, *, keep: bool) -> FeedbackDone:
        """Keep what a person holds an incident or session to be, or say what that would have changed."""
        return self.server.send("POST", "feedback", FeedbackDone, subject=start, verdict=verdict, why=who.why, what_if=not keep)

    def suppressions(self) -> tuple[Suppression, ...]:
        """Give every suppression that ever was."""
        return self.server.every("suppressions", Suppression)

    def suppress(self, asked: Asked, *, keep: bool) -> SuppressionDone:
        """Keep a suppression, unless it hides what people judged an attack; say what it would have hidden."""
        where = [one.model_dump() for one in asked.where]
        body = {"rule": asked.rule, "where": where, "owner": asked.owner, "why": asked.why, "days": asked.days, "what_if": not keep}
        return self.server.send("POST", "suppressions", SuppressionDone, **body)

    def end_suppression(self, start: str) -> Suppression:
        """End the suppression whose id begins so."""
        return self.server.send("POST", f"suppressions/{named(start)}/end", Suppression)

    def watches(self, incident: str = "") -> tuple[tuple[WatchListed, ...], int]:
        """Give what is or was looked out for because of incidents that begin so; how many are too many only the server knows."""
        return self.server.every("watches", WatchListed, incident=incident), 0

    def watch(self, incident: str, wanted: Wanted, who: Who) -> WatchDone:
        """Look out for something, and say where earlier cases had seen it."""
        body = {"incident": incident, "kind": wanted.kind, "value": wanted.value, "level": wanted.level, "days": wanted.days}
        return self.server.send("POST", "watches", WatchDone, **body, why=who.why)

    def unwatch(self, start: str, who: Who) -> WatchDone:
        """Look out for something no longer."""
        return self.server.send("POST", f"watches/{named(start)}/end", WatchDone, why=who.why)

    def rules(self, wanted: RuleFilter, after: str, limit: int) -> Page[RuleLine]:
        """Give a page of the rules that run, by title."""
        narrowed = wanted.model_dump(mode="json", exclude_defaults=True)
        return self.server.get("rules", Page[RuleLine], **narrowed, after=after, limit=limit)

    def switch(self, rule: str, who: Who, *, on: bool) -> RuleSwitch:
        """Say whether a rule gives signals from now on."""
        return self.server.send("PUT", f"rules/{named(rule)}/switch", RuleSwitch, on=on, why=who.why)

    def records(self) -> tuple[RuleTrust, ...]:
        """Give how every rule did by what people said, those that count least first."""
        return self.server.every("rules/records", RuleTrust)

    def incident(self, incident: str) -> IncidentSeen:
        """Give an incident, and how it stands."""
        return self.server.get(f"incidents/{named(incident)}", IncidentSeen)

    def questions(self, incident: str, lang: Language) -> FourQuestions:
        """Answer the four questions about an incident."""
        return self.server.get(f"incidents/{named(incident)}/questions", FourQuestions, lang=lang)


def named(start: str) -> str:
    """Give an id, or its first characters, as they stand in a path.

    Raises:
        ValueError: it is none.
    """
    if not start.strip("."):
        raise ValueError(f"{start!r} is no id; give one, or its first characters")
    return quote(start, safe="")
