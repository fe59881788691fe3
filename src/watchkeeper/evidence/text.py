"""Text: sentences that others wrote, a language model or a person, held to the events they cite. Owns the gate; it asks nobody.

A sentence is kept if it has one of the known forms (`content/forms.yml` and the lexicon, English and Chinese), its cited events show what
the form says with each value in its role, the claim it makes stands, and its time and techniques are theirs. Everything else is refused
with a reason: the gate is narrow, and says so, instead of guessing what a free sentence may mean.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from watchkeeper.content import document
from watchkeeper.evidence.checking import refusal
from watchkeeper.evidence.naming import spoken, tail
from watchkeeper.evidence.predicates import MANY, TABLE
from watchkeeper.evidence.roles import shape, values
from watchkeeper.evidence.stating import statements
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note

MOST_SENTENCES, LONGEST, MOST_CITED = 500, 4_000, 200
LANGUAGES = ("en", "zh")
_PLACE = re.compile(r"\{(\w+)\}")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_CITED = re.compile(r"\s*\[([\w,; -]{1,2000})\]\s*([.。]?)\s*$")
_LEAD = re.compile(
    r"(?:(?:then|later|next|after that|随后|之后|接着)[,，]?\s*)?(?:at )?((?:\d{4}-\d\d-\d\d )?\d\d:\d\d(?::\d\d)?)?(?: UTC)?[,，]?\s*",
    re.IGNORECASE,
)
_TECHNIQUES = re.compile(r"\s*[(（]((?:T\d{4}(?:\.\d{3})?[,，、 ]*)+)[)）]\s*$", re.ASCII)
_TELLING = re.compile(r"[\d\\/:@$_.-]")
_THING = re.compile(r"[^\s,;，；。（）()“”\"']*[\d\\/:@$_.-][^\s,;，；。（）()“”\"']*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the events it cites, by what its brackets hold: handles or ids."""

    text: str
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that stands, and what it claims."""

    sentence: Sentence
    claim: Claim


@dataclass(frozen=True, slots=True)
class Refused:
    """A sentence that does not, and why."""

    sentence: Sentence
    why: Note


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of every sentence."""

    kept: tuple[Kept, ...]
    refused: tuple[Refused, ...]


def sentence(line: str) -> Sentence:
    """Read a sentence that ends in citations, `… [E3, E4]`; the citations are taken off its text."""
    cited = _CITED.search(line[-2_100:])
    if cited is None:
        return Sentence(line.strip())
    keys = tuple(dict.fromkeys(re.findall(r"[\w-]+", cited[1])))
    return Sentence((line[: len(line) - len(cited[0])] + cited[2]).strip(), keys)


def check(
    sentences: Iterable[Sentence],
    events: Mapping[str, Event],
    techniques: Mapping[str, Collection[str]] | None = None,
    written: Callable[[str], str] = str,
) -> Checked:
    """Keep the sentences that their events show and refuse all others with a reason.

    `events` holds what may be cited, by handle or id; `techniques` the technique ids of the signals on an event, by event id. `written`
    says how a value is written in the text (`reporting.shown`, if that made harmless what the writer was given).
    """
    kept: list[Kept] = []
    refused: list[Refused] = []
    for number, one in enumerate(sentences):
        found = _bounded(one, number, events) or _read(one, [events[key] for key in one.cited], techniques or {}, written)
        if isinstance(found, Claim):
            kept.append(Kept(one, found))
        else:
            refused.append(Refused(one, found))
    return Checked(tuple(kept), tuple(refused))


def _bounded(one: Sentence, number: int, events: Mapping[str, Event]) -> Note | None:
    """Refuse what need not be read: too much, hidden characters, nothing cited."""
    if number >= MOST_SENTENCES or len(one.text) > LONGEST or len(one.cited) > MOST_CITED:
        return Note(code="refusal.long", arguments={"sentences": str(MOST_SENTENCES), "letters": str(LONGEST), "events": str(MOST_CITED)})
    hidden = next((letter for letter in one.text if unicodedata.category(letter) in _HIDDEN), None)
    if hidden is not None:
        return Note(code="refusal.hidden", arguments={"letter": f"U+{ord(hidden):04X}"})
    if not one.cited:
        return Note(code="refusal.nothing-cited", arguments={"predicate": one.text[:80]})
    lost = next((key for key in one.cited if key not in events), None)
    return None if lost is None else Note(code="refusal.unresolved", arguments={"event": lost})


def _read(one: Sentence, cited: Sequence[Event], techniques: Mapping[str, Collection[str]], written: Callable[[str], str]) -> Claim | Note:
    body, named = _without_techniques(one.text)
    lead = _LEAD.match(body)
    said, moment = (body[lead.end() :], lead[1] or "") if lead else (body, "")
    unshown = next((name for name in named if not any(name in techniques.get(event.id, ()) for event in cited)), None)
    if unshown is not None:
        return Note(code="refusal.technique", arguments={"technique": unshown, "event": cited[0].id})
    known = {event.id: event for event in cited}
    for claim in statements(tuple(forms()), cited):
        if any(re.fullmatch(_pattern(form, claim, cited, written), said) for form in forms()[claim.predicate]):
            why = refusal(claim, known)
            late = Note(code="refusal.time", arguments={"event": cited[0].id}) if moment and not _in_range(moment, cited) else None
            return why or late or claim
    return _unread(said, cited, written)


def _without_techniques(text: str) -> tuple[str, tuple[str, ...]]:
    """Take a list of technique ids in brackets off the end."""
    found = _TECHNIQUES.search(text[-400:])
    return (text[: len(text) - len(found[0])], tuple(re.findall(r"T[\d.]+", found[1]))) if found else (text, ())


def _in_range(moment: str, cited: Sequence[Event]) -> bool:
    """Say whether a time as written, to the second or minute, lies between the first and the last cited event."""
    times = sorted(event.time for event in cited if event.time)
    if not times:
        return False
    form = ("%Y-%m-%d " if "-" in moment else "") + ("%H:%M:%S" if moment.count(":") == 2 else "%H:%M")
    first, last = times[0].strftime(form), times[-1].strftime(form)
    return first <= moment <= last if "-" in moment or times[0].date() == times[-1].date() else moment in {first, last}


@cache
def forms() -> Mapping[str, tuple[str, ...]]:
    """Give every form a sentence may have, by predicate."""
    more: Mapping[str, Sequence[str]] = document("forms.yml")
    lexicons: list[Mapping[str, str]] = [document(f"lexicon/{language}/tracing.yml") for language in LANGUAGES]
    found = {
        name: (*(text for lexicon in lexicons for code, text in lexicon.items() if code == f"claim.{name}"), *more.get(name, ()))
        for predicate in TABLE
        for name in (predicate, predicate + MANY)
    }
    return {name: texts for name, texts in found.items() if texts}


def _pattern(form: str, claim: Claim, cited: Sequence[Event], written: Callable[[str], str]) -> str:
    """Make the pattern of a form filled with what the events hold in each role; a program or file may be named without its folder."""
    fragments = _PLACE.split(form)
    filled = (
        "(?:" + "|".join(re.escape(text) for text in _ways(part, claim, cited, written)) + ")" if at % 2 else re.escape(part)
        for at, part in enumerate(fragments)
    )
    return "".join(filled)


def _ways(role: str, claim: Claim, cited: Sequence[Event], written: Callable[[str], str]) -> Iterator[str]:
    value = claim.arguments.get(role)
    if value is None:
        return
    field = (shape(claim.predicate, cited[0]) or {}).get(role, "")
    whole = [text for text in values(cited[0], field) if spoken(role, text) == value]
    for text in dict.fromkeys((value, *whole)):
        yield written(text)
        if role in {"image", "parent", "target", "file"} and tail(text):
            yield written(tail(text))


def _unread(said: str, cited: Sequence[Event], written: Callable[[str], str]) -> Note:
    """Say why a sentence could not be read: it names a thing that no cited event has, or says what they do not show."""
    fields = (event.fields for event in cited)
    texts = [text for held in fields for field in held.values() for text in ((field,) if isinstance(field, str) else field)]
    everything = "\n".join(written(text) for text in (*texts, *(event.host for event in cited)))[:1_000_000]
    things = (match[0].strip(".:：") for match in _THING.finditer(said))
    strange = next((thing for thing in things if _TELLING.search(thing) and thing not in everything), None)
    if strange is not None:
        return Note(code="refusal.thing", arguments={"value": strange[:200], "event": cited[0].id})
    return Note(code="refusal.form", arguments={"sentence": said[:200]})
