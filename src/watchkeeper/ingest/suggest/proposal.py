"""A proposal for one source: its YAML and what it reads of the sample. Owns choosing among the ways to read, and writing the file.

Nothing of a log is written but by the YAML library, or in a comment without a character that does anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

import yaml

from watchkeeper.content import folder
from watchkeeper.ingest.flatten import flatten
from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.own_sources import parse
from watchkeeper.ingest.suggest.cutting import columns_in, pairs_in
from watchkeeper.ingest.suggest.meanings import meaning
from watchkeeper.ingest.suggest.members import NAMES_SOURCE, json_in, last_of, marks_of, record_times
from watchkeeper.ingest.suggest.parts import Fields, Parts, hosts_of
from watchkeeper.ingest.suggest.prose import prose_in
from watchkeeper.ingest.suggest.sample import Sample
from watchkeeper.ingest.text import wrapped
from watchkeeper.ingest.trial import Trial, commonest, tried

GOOD = 0.9
"""A way to read that takes so much of the sample is taken without trying the next."""
MOST_ANALYSED = 2_000
_MOST_FIELDS = 60
_MAX_SHOWN = 60
_GOES_ON = re.compile(r"[\s#]|Caused by: |Traceback ")
_NOBODYS = "nothing yet; say what describes this format"


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a source may be read."""

    source: str
    """File it was made from, as shown to people."""
    document: Mapping[str, object]
    """The keys of the file."""
    trial: Trial
    """What it reads of the sample."""

    @property
    def name(self) -> str:
        """What the source is called."""
        return str(self.document["name"])

    @property
    def text(self) -> str:
        """The file, with what was found in the sample as comments."""
        return _comments(self.source, self.trial) + "\n" + _dumped(self.document)

    def named(self, name: str) -> str:
        """Give the file under another name."""
        return replace(self, document={**self.document, "name": name}).text


def propose(sample: Sample) -> Proposal | None:
    """Propose how to read a source; none if its records have nothing in common that anything could be recognised by."""
    found = _of_records(sample) or _of_lines(sample)
    if found is None:
        return None
    return Proposal(sample.source, *found)


def _of_records(sample: Sample) -> tuple[Mapping[str, object], Trial] | None:
    """Propose a record format, if the records are JSON objects."""
    if sample.program:
        return None
    rows = _objects(sample.records[:MOST_ANALYSED], whole=True)
    if len(rows) < GOOD * len(sample.records[:MOST_ANALYSED]):
        return None
    marks = marks_of(rows)
    if not marks:
        return None
    constant = (value.strip("^$").replace("\\", "") for key, value in marks[0].items() if value and last_of(key) in NAMES_SOURCE)
    name = _name_of(next(constant, ""), sample.name)
    document: dict[str, object] = {"name": name, "about": _about(sample), "product": name, "service": "", "marks": marks}
    document |= {"time": record_times(rows), "host": hosts_of(rows)}
    return _checked(document, sample)


def _of_lines(sample: Sample) -> tuple[Mapping[str, object], Trial] | None:
    """Propose a grammar: the first way to read that takes nearly all, else the one that takes most."""
    messages = [text for line in sample.records[:MOST_ANALYSED] if not _GOES_ON.match(line) and (text := wrapped(line).text)]
    best: tuple[Mapping[str, object], Trial] | None = None
    for parts in (way(messages, sample.program) for way in (_json_lines, pairs_in, columns_in, prose_in) if messages):
        found = None if parts is None else _checked(_grammar(parts, sample), sample)
        if found is not None and (best is None or found[1].read > best[1].read):
            best = found
        if best is not None and best[1].share >= GOOD:
            break
    return best if best is not None and best[1].read else None


def _json_lines(messages: Sequence[str], program: str) -> Parts | None:
    rows = _objects(messages, whole=False)
    return json_in(messages, rows, program) if len(rows) >= GOOD * len(messages) else None


def _objects(texts: Sequence[str], *, whole: bool) -> list[Fields]:
    found: list[Fields] = []
    for text in texts:
        at = 0 if whole else text.find("{")
        record = decode_text(text[at:].rstrip()) if at >= 0 else None
        if isinstance(record, Record) and record.value:
            try:
                found.append(flatten(record.value))
            except ValueError:  # more members than any record has
                continue
    return found


def _grammar(parts: Parts, sample: Sample) -> dict[str, object]:
    name = _name_of(sample.name, "")
    document: dict[str, object] = {
        "name": name,
        "product": name,
        "about": _about(sample),
        "documentation": _NOBODYS,
        "recognise": parts.recognise,
    }
    optional = {"general": "anything" if parts.general else "", "steps": parts.steps, "names": parts.names, "empty": parts.empty}
    optional |= {"time": parts.time, "host": parts.host}
    return document | {key: value for key, value in optional.items() if value}


def _checked(document: Mapping[str, object], sample: Sample) -> tuple[Mapping[str, object], Trial] | None:
    """Read what was written, as it will be read; none if that fails, as with more text than RE2 takes."""
    try:
        return document, tried(parse(_dumped(document), str(document["name"])), sample.records)
    except ValueError:
        return None


def _name_of(*wanted: str) -> str:
    """Make a name for files and log sources, none that we have."""
    words = (re.sub(r"[^a-z0-9]+", "_", one.lower()).strip("_")[:40] for one in wanted)
    name = next((one for one in words if one), "source")
    name = name if name[0].isalpha() else f"source_{name}"
    taken = {path.stem for place in ("sources", "records", "mappings") for path in folder(place).glob("*.yml")}
    return f"{name}_own" if name in taken else name


def _about(sample: Sample) -> str:
    return f"Proposed from {len(sample.records):,} records by watchkeeper {version('watchkeeper')}; say here what it is"


def _dumped(document: Mapping[str, object]) -> str:
    plain = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=10_000)
    if all(character.isprintable() or character == "\n" for character in plain):
        return plain
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=False, width=10_000)


def _comments(source: str, trial: Trial) -> str:
    said = [
        f"Proposed from {trial.records:,} records of {_shown(source)}: reads {trial.share:.1%} of them,",
        f"{_part(trial.timed, trial.read)} of those with a time. Look it through, name what has no name, then put it into the folder",
        "`sources` of the state folder, or give it with --sources. `watchkeeper sources check` tries it on more.",
        "",
        "field, in how many events, what it seems to be, examples:",
        *(_line(name, found.count, trial.read, found.examples) for name, found in commonest(trial, _MOST_FIELDS)),
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in said)


def _line(name: str, count: int, of: int, examples: Sequence[str]) -> str:
    known = meaning(name, examples)
    seems = known.kind if not known.name or known.name == name else f"{known.kind or 'text'}, elsewhere called {known.name}"
    return f"  {_shown(name)}  {_part(count, of)}  {seems or 'text'}  {' | '.join(map(_shown, examples))}"


def _part(count: int, of: int) -> str:
    return f"{count / of:.0%}" if of else "0%"


def _shown(text: str) -> str:
    """Give a text as it may stand in a comment and on a terminal: one line, cut, without a character that does anything."""
    cut = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in cut)
