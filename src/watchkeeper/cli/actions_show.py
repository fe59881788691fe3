"""`watchkeeper actions show`. Owns the order in which an action is told: what, why, who agreed, what was seen, what the log says."""

import sys
from collections.abc import Iterator

import typer

from watchkeeper.cli.acting_desks import desks_at
from watchkeeper.cli.actions_said import line, state, targets, what
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.action_seen import ActionSeen
from watchkeeper.model.language import Language
from watchkeeper.model.proposal import ActionRecord, Approval
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.times import percent
from watchkeeper.settings import read_settings


def run(start: str, lang: str | None, where: Where, *, as_json: bool) -> None:
    """Say everything of an action."""
    with plain_errors():
        language = read_settings(language=lang).language
    with desks_at(where) as desks:
        seen = desks.actions.action(start)
    if as_json:
        sys.stdout.write(seen.model_dump_json(indent=1, ensure_ascii=True) + "\n")
        return
    for told in (*_asked(seen, language), *_ruled(seen, language), *_done(seen.record, language), *_logged(seen, language)):
        typer.echo(told)


def _asked(seen: ActionSeen, lang: Language) -> Iterator[str]:
    record, proposal = seen.record, seen.record.proposal
    named = targets(proposal.targets, seen.count, lang)
    yield line("act.show.head", lang, id=seen.id, what=what(proposal.action, lang), targets=named)
    yield line("act.show.state", lang, state=state(record, lang), time=record.changed.isoformat())
    yield line("act.show.digest", lang, digest=seen.digest)
    code = "act.show.asked" if proposal.incident else "act.show.asked-alone"
    yield line(code, lang, by=proposal.asked_by, time=record.made.isoformat(), incident=proposal.incident)
    source = ", ".join(proposal.kinds) or "?"
    yield line("act.show.rests", lang, count=f"{len(proposal.evidence):,}", source=source, confidence=percent(proposal.confidence))
    for name, value in proposal.arguments.items():
        yield line("act.show.argument", lang, name=name, value=value)
    unknown = proposal.blast_radius is None
    yield line("act.show.felt-unknown" if unknown else "act.show.felt", lang, radius=str(proposal.blast_radius))
    if not proposal.undoable:
        yield word("act.show.final", lang)


def _ruled(seen: ActionSeen, lang: Language) -> Iterator[str]:
    record = seen.record
    yield line("act.show.ruling", lang, autonomy=record.ruling.level, needed=record.ruling.approvals)
    yield from (harmless(f"  - {say(note, lang)}") for note in record.ruling.why)
    yield from (_approval(one, seen.digest, lang) for one in seen.approvals)
    if record.state == "waiting" and record.deadline:
        yield line("act.until.answer", lang, time=record.deadline.isoformat())


def _approval(one: Approval, digest: str, lang: Language) -> str:
    code = "act.show.void" if one.digest != digest else "act.show.agrees" if one.agrees else "act.show.denies"
    return line(code, lang, time=one.time.isoformat(), by=one.by, way=one.way, why=one.why)


def _done(record: ActionRecord, lang: Language) -> Iterator[str]:
    if record.done:
        yield line("act.show.done", lang, place=record.place or "?", time=record.done.isoformat())
    if record.reference:
        yield line("act.show.reference", lang, reference=record.reference)
    if record.expires:
        yield line("act.until.ends", lang, time=record.expires.isoformat())
    for one in record.checks:
        told = {"where": word(f"did.where.{one.where}", lang), "seen": word(f"did.seen.{one.outcome}", lang)}
        yield line("act.show.check", lang, time=one.time.isoformat(), **told, said=one.said)
    if record.said:
        yield line("act.show.said", lang, said=record.said)


def _logged(seen: ActionSeen, lang: Language) -> Iterator[str]:
    for one in seen.entries:
        told = {"who": one.who, "what": one.what, "note": one.note}
        yield line("act.show.entry", lang, number=one.number, time=one.time.isoformat(), **told)
