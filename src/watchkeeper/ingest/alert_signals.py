"""Canonical `signal.*` fields of one product's alerts. Owns running a mapping over an alert; its grammar stands in `alert_mapping`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from watchkeeper.attack import TACTICS, tactic
from watchkeeper.ingest.alert_entities import Thing, microsoft, normal
from watchkeeper.ingest.alert_mapping import AlertMapping, Choice, Pick, TimeField, choices
from watchkeeper.ingest.timestamps import from_epoch, from_iso
from watchkeeper.model.batch import Value

Fields = Mapping[str, Value]
_Picker = Callable[[Fields, Sequence[Thing]], str]

_TECHNIQUE = re.compile(r"(?<![A-Za-z0-9])T\d{4}(?:\.\d{3})?(?![0-9])", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z][A-Za-z _&-]*[A-Za-z]")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Signals:
    """One mapping, ready to run over alerts."""

    time: Callable[[Fields], datetime | None]
    host: _Picker
    things: Callable[[Fields], tuple[Thing, ...]]
    canonical: Callable[[Fields, tuple[Thing, ...]], dict[str, Value] | None]
    """The `signal.*` fields of an alert, or none if it names no rule."""


def signals(mapping: AlertMapping) -> Signals:
    """Make a mapping ready to run."""
    return Signals(_times(mapping.time), _picker(mapping.host), _things(mapping), _canonical(mapping))


def techniques_in(texts: Sequence[str]) -> list[str]:
    """Find ATT&CK technique ids in texts, upper case, each once, in order."""
    return list(dict.fromkeys(found.upper() for text in texts for found in _TECHNIQUE.findall(text)))


def tactics_in(texts: Sequence[str]) -> list[str]:
    """Find ATT&CK tactics in texts, however they are written (`DefenseEvasion`, `Initial_Access`), as short names, each once, in order."""
    words = (_CAPITAL.sub("-", word) for text in texts for word in _WORDS.findall(text))
    return [name for name in dict.fromkeys(map(tactic, words)) if name in TACTICS]


def _canonical(mapping: AlertMapping) -> Callable[[Fields, tuple[Thing, ...]], dict[str, Value] | None]:
    user = _picker(mapping.user)
    steady = _steady(mapping)

    def canonical(fields: Fields, things: tuple[Thing, ...]) -> dict[str, Value] | None:
        found = steady(fields, things)
        if found is None:
            return None
        row = dict(found)
        if named := user(fields, things):
            row["signal.user"] = normal("user", named)
        if things:
            row["signal.entities"] = [f"{kind}:{value}" for kind, value in things]
        return row

    return canonical


def _steady(mapping: AlertMapping) -> Callable[[Fields, tuple[Thing, ...]], dict[str, Value] | None]:
    """What depends on few fields is worked out once for each of their values: a million alerts come from a few hundred rules."""
    picks = {name: _picker(getattr(mapping, name)) for name in ("rule", "title", "level", "detector")}
    asked = [choice for name in picks for choice in choices(getattr(mapping, name))]
    names = tuple(dict.fromkeys([*(choice.field for choice in asked if choice.field), *mapping.techniques, *mapping.tactics]))
    of_things = any(choice.entity for choice in asked)

    @lru_cache(maxsize=16_384)
    def worked_out(values: tuple[str | tuple[str, ...] | None, ...], things: tuple[Thing, ...]) -> dict[str, Value] | None:
        fields = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        row: dict[str, Value] = {f"signal.{name}": text for name, pick in picks.items() if (text := pick(fields, things))}
        if "signal.rule" not in row and "signal.title" not in row:
            return None
        row.setdefault("signal.rule", row.get("signal.title", ""))
        row.setdefault("signal.title", row["signal.rule"])
        row["signal.techniques"] = techniques_in(_texts(fields, mapping.techniques))
        row["signal.tactics"] = tactics_in(_texts(fields, mapping.tactics))
        return {name: value for name, value in row.items() if value}

    def steady(fields: Fields, things: tuple[Thing, ...]) -> dict[str, Value] | None:
        get = fields.get
        values = tuple([value if value is None or isinstance(value, str) else tuple(value) for value in map(get, names)])
        return worked_out(values, things if of_things else ())

    return steady


def _texts(fields: Fields, names: Sequence[str]) -> list[str]:
    return [_text(fields[name]) for name in names if name in fields]


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _picker(pick: Pick) -> _Picker:
    options = [_option(choice) for choice in choices(pick)]

    def pick_first(fields: Fields, things: Sequence[Thing]) -> str:
        for option in options:
            text = option(fields, things)
            if text:
                return text
        return ""

    return options[0] if len(options) == 1 else pick_first


def _option(choice: Choice) -> _Picker:
    name, kind = choice.field, choice.entity
    plain = choice.text is None and choice.values is None and not choice.match

    def taken(fields: Fields, things: Sequence[Thing]) -> str:
        if kind is not None:
            return next((value for of_kind, value in things if of_kind == kind), "")
        value = fields.get(name, "")
        return value if isinstance(value, str) else ", ".join(value)

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


def _things(mapping: AlertMapping) -> Callable[[Fields], tuple[Thing, ...]]:
    def things(fields: Fields) -> tuple[Thing, ...]:
        found: dict[Thing, None] = {}
        for entity in mapping.entities:
            value = fields.get(entity.field)
            if value is None:
                continue
            if entity.kind is None:
                found.update(dict.fromkeys(microsoft(_text(value))))
            else:
                for text in [value] if isinstance(value, str) else value:
                    plain = normal(entity.kind, text)
                    if plain:
                        found[entity.kind, plain] = None
        return tuple(found)

    return things


def _times(options: Sequence[TimeField]) -> Callable[[Fields], datetime | None]:
    readers = [(option.field, _time_reader(option)) for option in options]

    def time(fields: Fields) -> datetime | None:
        for name, parse in readers:
            value = fields.get(name)
            if isinstance(value, str) and (moment := parse(value)) is not None:
                return moment
        return None

    return time


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
