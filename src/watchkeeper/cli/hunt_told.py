"""What a hunt gave, on a terminal. Owns the layout; the words stand in the lexicon and in the hunts themselves."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.hunting import Hunted
from watchkeeper.model.hunt import Checked, Finding, Hunt, HuntResult
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.said import Said
from watchkeeper.reporting import say
from watchkeeper.reporting.harmless import harmless, shown
from watchkeeper.reporting.sentences import word
from watchkeeper.reporting.times import amount, moment

_MOST_FINDINGS = 10
_MOST_STACKED = 10
_STYLES = {"found": "yellow", "unanswerable": "red", "partly": "magenta"}


def tell_list(hunts: Sequence[Hunt], language: Language) -> None:
    """List hunts with what they ask."""
    table = Table(box=None, pad_edge=False)
    for name in ("name", "techniques", "question"):
        table.add_column(word(f"hunt.{name}", language), overflow="fold")
    for one in hunts:
        table.add_row(one.name, " ".join(one.techniques), harmless(one.question.of(language)))
    Console(markup=False, highlight=False, emoji=False).print(table)


def tell(done: Hunted, language: Language, *, whole: bool) -> None:
    """Tell every result: a line for each, and all that is known of those that found something, or of all if that is asked."""
    console = _console()
    order = ("found", "partly", "too-little", "nothing", "unanswerable")
    results = sorted(done.results, key=lambda one: (order.index(one.status), one.hunt.name))
    for one in results:
        status = say(Note(code=f"hunt.status.{one.status}", arguments={"count": amount(one.found)}), language)
        console.print(f"{one.hunt.name}: {status}", style=_STYLES.get(one.status, ""))
        if whole or one.status == "found":
            for line in lines(one, language):
                console.print(f"  {line}")
    if not whole:
        console.print(say(Note(code="hunt.sum", arguments=_sum(results) | {"events": amount(done.events)}), language))


def lines(one: HuntResult, language: Language) -> Iterator[str]:
    """Give what is known of a result, line by line, harmless to a terminal."""
    hunt = one.hunt
    yield harmless(hunt.question.of(language))
    yield f"{' '.join(hunt.techniques)} · {word(f'level.{hunt.level}', language)}"
    yield from _data(one, language)
    if one.until:
        yield _said("hunt.until", language, time=moment(one.until))
    if one.stacked:
        yield _said("hunt.stacked", language, events=amount(one.stacked), values=amount(one.values))
    yield from (f"- {_finding(found, language)}" for found in one.findings[:_MOST_FINDINGS])
    if len(one.findings) > _MOST_FINDINGS:
        yield _said("hunt.more", language, count=amount(len(one.findings) - _MOST_FINDINGS))
    if one.left_out:
        yield _said("hunt.left-out", language, count=amount(one.left_out))
    if one.stack and not one.found:
        yield _said("hunt.least", language)
        for pile in one.stack[:_MOST_STACKED]:
            told = {"value": " · ".join(pile.value), "count": amount(pile.count), "hosts": amount(pile.hosts)}
            yield f"- {_said('hunt.pile', language, **told)}"
    yield from (_check(check, language) for check in one.checks)
    if one.found:
        yield from _texts("hunt.harmless", hunt.harmless, language)
        yield from _texts("hunt.next", hunt.next, language)


def _data(one: HuntResult, language: Language) -> Iterator[str]:
    """Say who could answer, and what is missing."""
    if one.answering:
        yield _said("hunt.answering", language, count=amount(one.answering_count), hosts=_few(one.answering, one.answering_count))
    if one.lacking:
        yield _said("hunt.lacking", language, count=amount(one.lacking_count), hosts=_few(one.lacking, one.lacking_count))
    if one.status in ("unanswerable", "partly"):
        yield _said("hunt.needs", language, data=one.hunt.data.of(language))
    if one.status == "unanswerable":
        yield from (f"- {_said('hunt.missing', language, what=what)}" for what in one.missing)


def _finding(found: Finding, language: Language) -> str:
    where = ", ".join(found.hosts) or "–"
    told = {"what": found.what, "hosts": where, "count": amount(found.count), "first": moment(found.first), "users": ", ".join(found.users)}
    return _said("hunt.finding-by" if found.users else "hunt.finding", language, **told, event=found.events[0] if found.events else "–")


def _check(one: Checked, language: Language) -> str:
    told = {"said": one.check.said.of(language), "events": " ".join(one.events)}
    return _said(f"hunt.{one.speaks}.{one.seen}", language, **told)


def _texts(code: str, texts: Sequence[Said], language: Language) -> Iterator[str]:
    yield from (_said(code, language, said=text.of(language)) for text in texts)


def _few(names: Sequence[str], count: int) -> str:
    few = names[:5]
    return ", ".join(few) + (f" +{amount(count - len(few))}" if count > len(few) else "")


def _sum(results: Sequence[HuntResult]) -> dict[str, str]:
    return {
        "hunts": str(len(results)),
        "found": str(sum(one.status == "found" for one in results)),
        "unanswerable": str(sum(one.status == "unanswerable" for one in results)),
    }


def _said(code: str, language: Language, **arguments: str) -> str:
    return say(Note(code=code, arguments={name: shown(value, 300) for name, value in arguments.items()}), language)


def _console() -> Console:
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
