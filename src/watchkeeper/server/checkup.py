"""The check-up of a platform: what works, what does not, why something is empty, and what to do. Pure: facts in, findings out."""

from collections.abc import Iterator
from typing import Literal

from watchkeeper.model.checked import Checked, Empty
from watchkeeper.model.level import LEVELS
from watchkeeper.model.note import Note
from watchkeeper.server.facts import LATELY, Facts
from watchkeeper.server.health import WEB, health
from watchkeeper.server.vitals import total

_LITTLE_HOURS, _ENOUGH_BYTES = 72.0, 2 << 30
_AHEAD_SECONDS, _BEHIND_SECONDS = 300.0, -3_600.0
_MUCH_WAITS = 256 << 20
_FEW = 5


def looked_over(facts: Facts, why: Empty | None) -> Iterator[Checked]:
    """Yield every finding, or only why something is empty."""
    if why is None:
        yield from checkup(facts)
    else:
        yield why_empty(why, facts)


def checkup(facts: Facts) -> Iterator[Checked]:
    """Yield a finding for everything there is to look at, in the order of the pipeline."""
    for check in (_processes, _disk, _senders, _waiting, _arriving, _routes, _messages):
        yield from check(facts)


def why_empty(what: Empty, facts: Facts) -> Checked:
    """Give the first place of the pipeline where it stops on the way to events, signals or incidents, and what to do there."""
    stages = {"events": (_no_events,), "signals": (_no_events, _no_signals), "incidents": (_no_events, _no_signals, _no_incidents)}
    for stage in stages[what]:
        found = next(stage(facts), None)
        if found is not None:
            return found
    return _good("doctor.why.not-empty", what=what)


def _good(code: str, **arguments: str) -> Checked:
    return Checked(state="good", what=Note(code=code, arguments=arguments))


def _found(state: Literal["worth-knowing", "bad"], code: str, **arguments: str) -> Checked:
    """Make a finding with what to do: the same code with `.mend` after it."""
    return Checked(state=state, what=Note(code=code, arguments=arguments), mend=Note(code=f"{code}.mend", arguments=arguments))


def _size(count: float) -> str:
    return f"{count / (1 << 30):,.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):,.1f} MiB"


def _processes(facts: Facts) -> Iterator[Checked]:
    how = health(facts.vitals, facts.now)
    for part in how.parts:
        if part.state == "silent":
            yield _found("bad", "doctor.process.silent", process=part.name, last=part.seen.isoformat())
        elif part.state == "stopped":
            yield _found("bad", "doctor.process.failed", process=part.name, why=part.hindered)
        elif part.hindered:
            yield _found("bad", "doctor.process.hindered", process=part.name, why=part.hindered)
    if how.parts and WEB not in [part.name for part in how.parts]:
        yield _found("bad", "doctor.process.no-web", processes=", ".join(part.name for part in how.parts))
    elif how.is_well:
        yield _good("doctor.process.well", processes=", ".join(part.name for part in how.parts))
    if not how.parts and (facts.vitals or facts.senders or facts.is_any_stored):
        yield _found("worth-knowing", "doctor.process.none")
    for name in facts.unreadable[:_FEW]:
        yield _found("worth-knowing", "doctor.process.unreadable", file=name)


def _disk(facts: Facts) -> Iterator[Checked]:
    free = _size(facts.free_bytes)
    if facts.free_bytes < _ENOUGH_BYTES:
        yield _found("bad", "doctor.disk.full", free=free)
        return
    if facts.grown_bytes == 0:
        yield _good("doctor.disk.quiet", free=free)
        return
    hours = facts.free_bytes / facts.grown_bytes * (LATELY.total_seconds() / 3_600)
    said = {"free": free, "grown": _size(facts.grown_bytes), "hours": f"{hours:,.0f}"}
    yield _found("worth-knowing", "doctor.disk.soon", **said) if hours < _LITTLE_HOURS else _good("doctor.disk.grows", **said)


def _senders(facts: Facts) -> Iterator[Checked]:
    on = [sender for sender in facts.senders if sender.on]
    if not facts.vitals:
        return
    if not on:
        yield _found("worth-knowing", "doctor.senders.none")
        return
    heard, since = facts.heard, min(one.started for one in facts.vitals)
    silent: list[str] = []
    for sender in on:
        last = heard.get(sender.id, since)
        if sender.silent_after_seconds and (facts.now - last).total_seconds() > sender.silent_after_seconds:
            silent.append(sender.name)
    if silent:
        yield _found("bad", "doctor.senders.silent", count=str(len(silent)), names=_named(silent))
    else:
        yield _good("doctor.senders.heard", count=str(len(on)))


def _named(names: list[str]) -> str:
    return ", ".join(names[:_FEW]) + (", …" if len(names) > _FEW else "")


def _waiting(facts: Facts) -> Iterator[Checked]:
    lag = total(facts.vitals, "journal_lag_seconds") or 0.0
    if facts.waiting_bytes > _MUCH_WAITS:
        yield _found("worth-knowing", "doctor.journal.much", size=_size(facts.waiting_bytes), seconds=f"{lag:,.0f}")
    elif facts.vitals:
        yield _good("doctor.journal.well", size=_size(facts.waiting_bytes), seconds=f"{lag:,.0f}")
    if damaged := total(facts.vitals, "journal_damaged_bytes"):
        yield _found("worth-knowing", "doctor.journal.damaged", size=f"{damaged:,.0f} bytes" if damaged < 1 << 20 else _size(damaged))
    if aside := total(facts.vitals, "journal_set_aside"):
        yield _found("bad", "doctor.journal.aside", count=f"{aside:,.0f}")


def _arriving(facts: Facts) -> Iterator[Checked]:
    found = facts.arriving() if facts.is_any_stored else None
    if found is None:
        return
    said = {"rules": f"{found.rules:,}", "reached": f"{found.reached:,}", "events": f"{found.events:,}", "kinds": str(found.kinds)}
    if found.reached == 0:
        yield _found("bad", "doctor.rules.none", **said, missing="; ".join(found.missing) or "?")
    else:
        yield Checked(
            state="good" if found.reached == found.rules else "worth-knowing",
            what=Note(code="doctor.rules.some", arguments=said),
            mend=Note(code="doctor.rules.some.mend", arguments={"missing": "; ".join(found.missing)}) if found.missing else None,
        )
    off = {name: ahead for name, ahead in found.ahead_seconds.items() if not _BEHIND_SECONDS <= ahead <= _AHEAD_SECONDS}
    for name, ahead in sorted(off.items(), key=lambda one: -abs(one[1]))[:_FEW]:
        code = "doctor.clock.ahead" if ahead > 0 else "doctor.clock.behind"
        yield _found("worth-knowing", code, sender=name, minutes=f"{abs(ahead) / 60:,.0f}")


def _routes(facts: Facts) -> Iterator[Checked]:
    if facts.routes_wrong:
        yield _found("bad", "doctor.routes.wrong", why=facts.routes_wrong)
        return
    for missing in facts.secrets_missing[:_FEW]:
        yield _found("bad", "doctor.routes.secret", why=missing)
    heard = [LEVELS.index(route.level) for route in facts.routes.routes if not route.only_escalated]
    if not heard:
        if facts.vitals:
            yield _found("worth-knowing", "doctor.routes.none")
    elif min(heard) > LEVELS.index("high"):
        yield _found("worth-knowing", "doctor.routes.high")
    else:
        yield _good("doctor.routes.some", count=str(len(facts.routes.routes)))


def _messages(facts: Facts) -> Iterator[Checked]:
    if facts.messages.given_up:
        yield _found("bad", "doctor.messages.lost", count=str(facts.messages.given_up))
    if facts.messages.due > _FEW:
        yield _found("worth-knowing", "doctor.messages.wait", count=str(facts.messages.due))


def _no_events(facts: Facts) -> Iterator[Checked]:
    if facts.is_any_stored:
        return
    how = health(facts.vitals, facts.now)
    accepted = total(facts.vitals, "events_accepted") or 0
    refused = total(facts.vitals, "events_refused") or 0
    if not how.parts:
        yield _found("bad", "doctor.why.nothing-runs")
    elif not how.is_ready:
        web = next((part.hindered or part.state for part in how.parts if part.name == WEB), "stopped")
        yield _found("bad", "doctor.why.not-ready", why=f"{WEB}: {web}")
    elif not any(sender.on for sender in facts.senders):
        yield _found("bad", "doctor.senders.none")
    elif facts.waiting_bytes or accepted:
        yield _found("bad", "doctor.why.not-read", size=_size(facts.waiting_bytes))
    elif refused:
        yield _found("bad", "doctor.why.refused", count=f"{refused:,.0f}")
    else:
        yield _found("bad", "doctor.why.nothing-came", count=str(sum(sender.on for sender in facts.senders)))


def _no_signals(facts: Facts) -> Iterator[Checked]:
    if facts.shown + facts.hidden or total(facts.vitals, "signals"):
        return
    found = facts.arriving()
    if found is None or found.rules == 0:
        yield _found("bad", "doctor.why.no-rules")
    elif found.reached == 0:
        said = {"rules": f"{found.rules:,}", "events": f"{found.events:,}", "kinds": str(found.kinds)}
        yield _found("bad", "doctor.rules.none", **said, reached="0", missing="; ".join(found.missing) or "?")
    else:
        yield _found("worth-knowing", "doctor.why.nothing-fired", reached=f"{found.reached:,}", rules=f"{found.rules:,}")


def _no_incidents(facts: Facts) -> Iterator[Checked]:
    if facts.shown:
        return
    keeper = [part for part in health(facts.vitals, facts.now).parts if part.name == "keeper"]
    if not keeper or keeper[0].state != "running":
        yield _found("bad", "doctor.why.no-keeper")
    elif facts.hidden:
        yield _found("worth-knowing", "doctor.why.hidden", count=f"{facts.hidden:,}")
    else:
        yield _found("worth-knowing", "doctor.why.not-yet")
