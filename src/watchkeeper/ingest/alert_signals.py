"""Canonical `signal.*` fields of one product's alerts. Owns running a mapping over an alert; its grammar stands in `alert_mapping`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial

from watchkeeper.attack import TACTICS, tactic
from watchkeeper.ingest.alert_entities import Thing, microsoft, normal
from watchkeeper.ingest.alert_mapping import AlertMapping, Choice, Pick, TimeField, choices
from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.ingest.timestamps import from_epoch, from_iso
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

Fields = Mapping[str, Value]
_Picker = Callable[[Fields, Sequence[Thing]], str]

NO_RULE = Skipped("alert that names no rule")
_TECHNIQUE = re.compile(r"(?<![A-Za-z0-9])T\d{4}(?:\.\d{3})?(?![0-9])", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z][A-Za-z _&-]*[A-Za-z]")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PICKS = ("rule", "title", "level", "detector", "host", "user")
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Signal:
    """What a mapping makes of an alert's fields."""

    host: str
    """Host the alert is about, as the product names it."""
    fields: Mapping[str, Value]
    """The `signal.*` fields; empty if the alert names no rule. Not to be changed: equal alerts share it."""


def signal_maker(mapping: AlertMapping) -> Callable[[Fields], Signal]:
    """Give the function from an alert's fields to its signal.

    What depends on the values of few fields is worked out once for each of them: a million alerts come from a few thousand rules and hosts.
    A list of entities in one field is different each time, so nothing is kept there.
    """
    make = partial(_signal, mapping, {name: _picker(getattr(mapping, name), one=name in {"host", "user"}) for name in _PICKS})
    if any(entity.kind is None for entity in mapping.entities):
        return make
    names = asked_fields(mapping)

    @lru_cache(maxsize=32_768)
    def once(values: tuple[Value | None, ...]) -> Signal:
        return make({name: value for name, value in zip(names, values, strict=True) if value is not None})

    def kept(fields: Fields) -> Signal:
        values = tuple(map(fields.get, names))
        try:
            return once(values)
        except TypeError:  # a list is no key
            return once(tuple([tuple(value) if isinstance(value, list) else value for value in values]))

    return kept


def row_maker(mapping: AlertMapping) -> Callable[[dict[str, Value], str], Row | Skipped]:
    """Give the function from an alert's fields, which it completes, and its text to its row."""
    logsource = LogSource(product=mapping.name, service="alerts")
    time, signal_of = time_reader(mapping.time), signal_maker(mapping)

    def make(fields: dict[str, Value], raw: str) -> Row | Skipped:
        signal = signal_of(fields)
        if not signal.fields:
            return NO_RULE
        moment = time(fields)
        fields.update(signal.fields)
        return Row(logsource, moment, signal.host, fields, raw)

    return make


def time_reader(options: Sequence[TimeField]) -> Callable[[Fields], datetime | None]:
    """Give the function from a record's fields to its time, UTC; none if no field holds one."""
    readers = [(option.field, _time_reader(option)) for option in options]
    only, parse_only = readers[0] if readers else ("", from_iso)

    def time_of_one(fields: Fields) -> datetime | None:
        value = fields.get(only)
        return parse_only(value) if isinstance(value, str) else None

    def time(fields: Fields) -> datetime | None:
        for name, parse in readers:
            value = fields.get(name)
            if isinstance(value, str) and (moment := parse(value)) is not None:
                return moment
        return None

    return time_of_one if len(readers) == 1 else time


def asked_fields(mapping: AlertMapping) -> tuple[str, ...]:
    """Name the fields that a signal depends on."""
    asked = [choice.field for name in _PICKS for choice in choices(getattr(mapping, name)) if choice.field]
    return tuple(dict.fromkeys([*asked, *mapping.techniques, *mapping.tactics, *(entity.field for entity in mapping.entities)]))


def _signal(mapping: AlertMapping, picks: Mapping[str, _Picker], fields: Fields) -> Signal:
    things = _things(mapping, fields)
    picked = {name: text for name, pick in picks.items() if (text := pick(fields, things))}
    host, user = picked.pop("host", ""), picked.pop("user", "")
    if "rule" not in picked and "title" not in picked:
        return Signal(host, {})
    picked.setdefault("rule", picked.get("title", ""))
    picked.setdefault("title", picked["rule"])
    row: dict[str, Value] = {f"signal.{name}": text for name, text in picked.items()}
    row["signal.user"] = normal("user", user)
    row["signal.techniques"] = techniques_in(_texts(fields, mapping.techniques))
    row["signal.tactics"] = tactics_in(_texts(fields, mapping.tactics))
    row["signal.entities"] = [f"{kind}:{value}" for kind, value in things]
    return Signal(host, {name: value for name, value in row.items() if value})


def techniques_in(texts: Sequence[str]) -> list[str]:
    """Find ATT&CK technique ids in texts, upper case, each once, in order."""
    return list(dict.fromkeys(found.upper() for text in texts for found in _TECHNIQUE.findall(text)))


def tactics_in(texts: Sequence[str]) -> list[str]:
    """Find ATT&CK tactics in texts, however written (`DefenseEvasion`, `mitre_initial_access`), as short names, each once, in order."""
    words = (_CAPITAL.sub("-", word.removeprefix("mitre_")) for text in texts for word in _WORDS.findall(text))
    return [name for name in dict.fromkeys(map(tactic, words)) if name in TACTICS]


def _texts(fields: Fields, names: Sequence[str]) -> list[str]:
    return [_text(fields[name]) for name in names if name in fields]


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _picker(pick: Pick, *, one: bool) -> _Picker:
    """Give the function that picks; of several values in a field it takes the first, or all in one text."""
    options = [_option(choice, one=one) for choice in choices(pick)]

    def pick_first(fields: Fields, things: Sequence[Thing]) -> str:
        for option in options:
            text = option(fields, things)
            if text:
                return text
        return ""

    return options[0] if len(options) == 1 else pick_first


def _option(choice: Choice, *, one: bool) -> _Picker:
    name, kind = choice.field, choice.entity
    plain = choice.text is None and choice.values is None and not choice.match

    def taken(fields: Fields, things: Sequence[Thing]) -> str:
        if kind is not None:
            return next((value for of_kind, value in things if of_kind == kind), "")
        value = fields.get(name, "")
        return value if isinstance(value, str) else ", ".join(value[:1] if one else value)

    if plain:
        return taken
    if not name and kind is None:
        return lambda _fields, _things: choice.text or ""
    return lambda fields, things: _settled(choice, taken(fields, things))


@lru_cache(maxsize=65_536)
def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return None if match is None else (match[1] or "" if match.re.groups else text)


def _settled(choice: Choice, text: str) -> str:
    found = _found(choice.match, text) if choice.match and text else text
    if not found:
        return ""
    if choice.values is not None:
        found = choice.values.get(found, "")
    return choice.text if choice.text is not None and found else found


def _things(mapping: AlertMapping, fields: Fields) -> tuple[Thing, ...]:
    """Entities, each once, in order."""
    found: dict[Thing, None] = {}
    for entity in mapping.entities:
        value = fields.get(entity.field)
        if value is None:
            continue
        if entity.kind is None:
            found.update(dict.fromkeys(microsoft(_text(value))))
            continue
        for text in [value] if isinstance(value, str) else value:
            if plain := normal(entity.kind, text):
                found[entity.kind, plain] = None
    return tuple(found)


def _time_reader(option: TimeField) -> Callable[[str], datetime | None]:
    if option.format:
        return lambda text: _by_format(text, option.format)
    if option.unit == "iso":
        return from_iso
    per_second = _PER_SECOND[option.unit]
    return lambda text: from_epoch(text, per_second=per_second)


def _by_format(text: str, pattern: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 -- a format without offset is UTC by the mapping's grammar
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
