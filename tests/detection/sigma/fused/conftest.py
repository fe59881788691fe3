"""Scenes for the differential tests: random rules, and events that nearly meet them, as lines of JSON and as batches.

Everything follows from one seed. Values are made from what the rules look for: whole, cut, in other case, with something before or behind.
Otherwise nothing would ever match, and equal engines would prove nothing.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
import yaml

from watchkeeper.detection import RuleSet, load_rules
from watchkeeper.detection.sigma.condition import (
    AllOf,
    AnyOf,
    Atom,
    Condition,
    Negation,
    Network,
    Null,
    Number,
    Present,
    Regex,
    SameAs,
    Test,
    Text,
    TimePart,
    Wild,
)
from watchkeeper.detection.sigma.regex import search
from watchkeeper.detection.sigma.rule import Rule, SigmaSource
from watchkeeper.detection.sigma.text import text

Value = str | list[str]
PIECES = (
    "powershell", ".exe", "\\", "C:\\Windows\\", "System32\\cmd.exe", " -enc ",
    "whoami", "lsass", "HKLM\\", "/c ", "a", "b", "A", "Z", ":",
    "0", "7", " ", ".", "-", "ß", "ẞ", "ς", "Σ", "σ", "İ", "ı", "\u212a", "k", "ſ", "s", "É", "é", "日本", "😀", "\x00", "\x1f", "\n", "\t",
    '"',
    "/", "*", "?", "\x7f", "\ufffd", "\u2028", "u0041", "aaaaaaaaaaaaaaa", "0123456789abcdef", "null", "true",
)  # fmt: skip
LENGTHS = (7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 300)
"""About where registers and classes of lengths end."""
NUMBERS = (
    "0", "1", "7", "1.0", "-1", "-0", "1e3", "1000", "0x1F", "31", "0.5", "12345678901234567890", "9007199254740993", "1e400", "4688",
    "007",
)  # fmt: skip
TOKENS = (
    "0", "1", "7", "1.0", "-1", "-0", "-0.0", "1e3", "1E+3", "1000", "31", "0.5", "0.50", "4688", "12345678901234567890",
    "9007199254740993", "18446744073709551616", "1e400", "NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1",
)  # fmt: skip
"""Numbers as JSON has them, and some as it has not."""
ADDRESSES = (
    "10.0.0.1", "10.0.0.300", "10.1.2.3", "192.168.1.255", "::1", "::ffff:10.0.0.9", "fe80::1%eth0", "[fe80::1]", "2001:db8::",
    "010.0.0.1", "10.0.0.1/8",
)  # fmt: skip
NETWORKS = (
    "10.0.0.0/8", "10.0.0.0/24", "192.168.0.0/16", "fe80::/10", "::1/128", "0.0.0.0/0",
)  # fmt: skip
TIMES = (
    "2026-11-22T05:30:00Z", "2026-11-22 23:59:59", "2020-02-29T00:00:00+05:00", "1606000000", "0", "2026-13-01", "2026-W01-1", "20261122",
)  # fmt: skip
PATTERNS = (
    ("{0}", "{0}"), ("^{0}", "{0}"), ("{0}$", "{0}"), ("^{0}$", "{0}"), ("{0}.*{1}", "{0} {1}"), ("{0}|{1}", "{1}"), ("[a-z]+{0}", "qq{0}"),
    (r"{0}\d{{2,4}}", "{0}123"), ("(?:{0}){{2}}", "{0}{0}"), (r"\b{0}\b", "x {0} y"), ("(?i){0}", "{0}"), ("(?={0})", "{0}"),
    ("(?<!x){0}", "{0}"),
    (r"(.)\1", "aa"), ("{0}.{1}", "{0}\n{1}"), (r"\s", "a b"), ("[^a-z]", "A"), ("", ""), (".", "é"), ("^.{{3}}$", "日本a"), (r"\w+", "é"),
    (r"{0}\z", "{0}"), (r"\x41", "A"), (r"[\u0130k]", "K"), (r"\d+", "٣"),
)  # fmt: skip
"""Regular expressions and what they find, with places for literals."""
MODIFIERS = (
    "", "", "contains", "startswith", "endswith", "contains|all", "cased", "contains|cased", "re", "re|i", "windash|contains",
    "base64offset|contains",
    "wide|base64offset|contains", "exists", "gt", "lte", "neq", "cidr", "fieldref", "fieldref|endswith",
)  # fmt: skip
FIELDS = (
    "CommandLine", "Image", "ParentImage", "User", "TargetObject", "Details", "Hostname", "Computer", "ProcessId", "LogonId", "EventID",
    "Channel", "IntegrityLevel", "Signature", "a.b", "a", "F", "Message", "DestinationIp", "Initiated", "NewProcessName", "Absent", "Été",
    "EventData.x", "Threat Name",
)  # fmt: skip
"""What rules call fields."""
NATIVE = {
    "Image": "NewProcessName", "ParentImage": "ParentProcessName", "ProcessId": "NewProcessId", "LogonId": "SubjectLogonId",
    "TargetObject": "ObjectName", "Details": "NewValue", "IntegrityLevel": "MandatoryLabel", "Signature": "Threat Name",
    "DestinationIp": "DestAddress", "Initiated": "Direction",
}  # fmt: skip
"""What some are called in events of Security and Defender."""
TRANSLATED = (
    "S-1-16-12288", "S-1-16-0", "%%14592", "%%14593", "\\REGISTRY\\MACHINE\\", "\\REGISTRY\\USER\\", "File", "High", "true", "false",
    "HKU\\",
)  # fmt: skip
SYSMON, POWERSHELL = "Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-PowerShell/Operational"
DEFENDER = "Microsoft-Windows-Windows Defender/Operational"
KINDS = {
    (SYSMON, "1"): ("process_creation", "process_creation", "sysmon"),
    (SYSMON, "3"): ("network_connection",),
    (SYSMON, "13"): ("registry_set", "registry_event"),
    (SYSMON, "22"): ("dns_query",),
    ("Security", "4688"): ("process_creation", "process_creation", "security"),
    ("security", "4688"): ("process_creation",),
    ("Security", "4657"): ("registry_set", "registry_event", "security"),
    ("Security", "5156"): ("network_connection",),
    ("Security", "4663"): ("file_access",),
    ("Security", "4624"): ("security",),
    ("Windows PowerShell", "400"): ("ps_classic_start",),
    (POWERSHELL, "4104"): ("ps_script",),
    (DEFENDER, "1116"): ("antivirus",),
    ("System", "7045"): ("system",),
    ("", ""): ("process_creation",),
}
"""Channels and event ids, and Sigma categories or services that mean them."""
SERVICES = {"security", "sysmon", "system"}


@dataclass(frozen=True)
class Event:
    """One event: its kind and its fields."""

    channel: str
    number: str
    fields: dict[str, Value]


@dataclass(frozen=True)
class Scene:
    """Rules, and events they are run over."""

    rules: tuple[Rule, ...]
    events: tuple[Event, ...]
    lines: tuple[bytes, ...]
    """Events and much else, without what ends a line."""


@dataclass(frozen=True)
class Raw:
    """A number or other token of JSON, as it is written."""

    token: str


class Maker:
    """Makes one scene."""

    def __init__(self, random: Random) -> None:
        """Take what decides."""
        self.random = random
        self.wanted: dict[str | None, list[str]] = {}
        """Values that meet a test, by field."""
        self.literals = [self._literal() for _ in range(random.randint(1, 4))]
        self.fields = random.sample(FIELDS, random.randint(2, 7))
        self.kinds = random.sample(sorted(KINDS), random.choice((1, 1, 2, 3)))

    def scene(self) -> Scene:
        rules = tuple(self._rule(number) for number in range(self.random.randint(1, 6)))
        events = tuple(self._event() for _ in range(self.random.randint(1, 8)))
        lines = [Writer(self.random).line(event) for event in events]
        for _ in range(self.random.choice((0, 0, 1, 2))):
            lines.insert(self.random.randint(0, len(lines)), damaged(self.random, self.random.choice(lines)))
        return Scene(rules, events, tuple(lines))

    def _often(self, share: float) -> bool:
        return self.random.random() < share

    def _literal(self) -> str:
        made = "".join(self.random.choice(PIECES) for _ in range(self.random.choice((1, 1, 2, 3))))
        if self._often(0.1):
            length = self.random.choice(LENGTHS)
            return (made * length)[:length]
        return made

    def _rule(self, number: int) -> Rule:
        return Rule(
            f"r{number}", f"Rule {number}", "high", self._source(), self._condition(2), (), (), "rules.yml", counted=self._counted()
        )

    def document(self, number: int) -> dict[str, Any]:
        """Make a rule as people write it."""
        source = self._source()
        said = {"product": source.product, "category": source.category, "service": source.service}
        chosen = {f"s{place}": dict(self._line() for _ in range(self.random.randint(1, 3))) for place in range(self.random.randint(1, 3))}
        if self._often(0.2):
            chosen["s0"] = self.random.sample(self.literals, 1)
        condition = self.random.choice(("s0", "not s0", "all of s*", "1 of s*", "s0 and not 1 of s*", "not (s0 or 1 of s*)"))
        return {
            "title": f"Rule {number}", "id": f"00000000-0000-4000-8000-{number:012}", "level": "high",
            "logsource": {name: value for name, value in said.items() if value} or {"product": "windows"},
            "detection": {**chosen, "condition": condition},
        }  # fmt: skip

    def _line(self) -> tuple[str, Any]:
        """Make one line of a detection: a field with modifiers, and what it should be."""
        field, modifiers = self.random.choice(self.fields), self.random.choice(MODIFIERS)
        values: list[Any] = [self._spelt(field, modifiers) for _ in range(self.random.randint(1, 3))]
        return f"{field}|{modifiers}" if modifiers else field, values[0] if len(values) == 1 else values

    def _spelt(self, field: str, modifiers: str) -> Any:
        kind = modifiers.split("|", maxsplit=1)[0]
        literal = self.random.choice(self.literals)
        self._want(field, literal)
        match kind:
            case "exists":
                return self._often(0.5)
            case "gt" | "lte":
                return self.random.choice((0, 1, 31, 1000))
            case "cidr":
                return self.random.choice(NETWORKS)
            case "fieldref":
                return self.random.choice(self.fields)
            case "re":
                return re.escape(literal)
            case _:
                return self.random.choice((literal, f"*{literal}", f"{literal}*", literal, 7, None)) if not modifiers else literal

    def _source(self) -> SigmaSource:
        meaning = self.random.choice(KINDS[self.random.choice(self.kinds)])
        product = "windows" if self._often(0.95) else self.random.choice(("", "linux"))
        if self._often(0.3):
            return SigmaSource(product)
        if meaning in SERVICES:
            return SigmaSource(product, "", meaning)
        return SigmaSource(product, meaning, "" if self._often(0.95) else self.random.choice(sorted(SERVICES)))

    def _counted(self) -> frozenset[str]:
        return frozenset(self.random.sample(self.fields, 2)) if self._often(0.1) else frozenset()

    def _condition(self, depth: int) -> Condition:
        shape = self.random.choice(("atom", "all", "any", "not", "list")) if depth else self.random.choice(("atom", "list"))
        match shape:
            case "all":
                return AllOf(tuple(self._condition(depth - 1) for _ in range(self.random.randint(2, 3))))
            case "any":
                return AnyOf(tuple(self._condition(depth - 1) for _ in range(self.random.randint(2, 4))))
            case "not":
                return Negation(self._condition(depth - 1))
            case "list":
                field = self.random.choice(self.fields)
                atoms = tuple(self._atom(field, self._text(field)) for _ in range(self.random.randint(2, 4)))
                return AnyOf(atoms) if self._often(0.8) else AllOf(atoms)
            case _:
                field = None if self._often(0.1) else self.random.choice(self.fields)
                return self._atom(field, self._test(field))

    def _atom(self, field: str | None, test: Test) -> Atom:
        if field is None and isinstance(test, Text):
            return Atom(None, text((Wild.MANY, *test.parts, Wild.MANY), cased=test.cased))
        return Atom(field, test)

    def _test(self, field: str | None) -> Test:
        of_values = (*(self._text,) * 6, self._regex, self._regex, self._number, self._network, self._time)
        return self.random.choice(of_values if field is None else (*of_values, self._same, self._absent))(field)

    def _number(self, field: str | None) -> Test:
        number = self.random.choice((0, 1, 7, -1, 1000, 31, 0.5, 1e3, 4688, 12345678901234567890, 9007199254740993, 1e300))
        self._want(field, str(number), *self.random.sample(NUMBERS, 2))
        return Number(self.random.choice(("eq", "ne", "lt", "le", "gt", "ge")), number)

    def _network(self, field: str | None) -> Test:
        self._want(field, *self.random.sample(ADDRESSES, 4))
        return Network(self.random.choice(NETWORKS))

    def _time(self, field: str | None) -> Test:
        self._want(field, *self.random.sample(TIMES, 3))
        part = self.random.choice(("minute", "hour", "day", "week", "month", "year"))
        return TimePart(part, self.random.choice(("eq", "ge", "lt")), self.random.choice((0, 5, 22, 30, 11, 2026)))

    def _same(self, field: str | None) -> Test:
        other, same = self.random.choice(self.fields), self.random.choice(self.literals)
        self._want(field, same)
        self._want(other, same)
        return SameAs(other, starts=self._often(0.3), ends=self._often(0.3), cased=self._often(0.3))

    def _absent(self, _: str | None) -> Test:
        return Null() if self._often(0.5) else Present(self._often(0.5))

    def _text(self, field: str | None) -> Text:
        literal = self.random.choice(self.literals) if self._often(0.7) else self._literal()
        other = self.random.choice(self.literals)
        many, one = Wild.MANY, Wild.ONE
        shapes: list[tuple[str | Wild, ...]] = [
            (literal,), (literal,), (literal, many), (many, literal), (many, literal, many), (many, literal, many), (many,), (),
            (literal, many, other), (many, literal, many, other, many), (literal, one), (one, literal), (many, literal, one, other),
            (one,), (many, literal, one, many),
        ]  # fmt: skip
        made = text(self.random.choice(shapes), cased=self._often(0.15))
        fill = {many: self.random.choice(("", "x", " ", "aa\\", other)), one: self.random.choice(("x", "é", "😀", "\n"))}
        self._want(field, "".join(part if isinstance(part, str) else fill[part] for part in made.parts))
        return made

    def _regex(self, field: str | None) -> Test:
        pattern, example = self.random.choice(PATTERNS)
        literals = [self.random.choice(self.literals), self.random.choice(("a", "é", *self.literals))]
        regex = Regex(pattern.format(*map(re.escape, literals)), self.random.choice(("", "", "i", "im", "s", "m")))
        try:
            search(regex)
        except ValueError:
            return self._text(field)
        self._want(field, example.format(*literals) if "{" in example else example)
        return regex

    def _want(self, field: str | None, *values: str) -> None:
        self.wanted.setdefault(field, []).extend(values)

    def _event(self) -> Event:
        channel, number = self.random.choice(self.kinds)
        fields: dict[str, Value] = {}
        for field in [*self.random.choices(self.fields, k=self.random.randint(0, 3)), *self._named()]:
            if field not in {"Channel", "EventID"} or self._often(0.1):
                fields[NATIVE.get(field, field) if channel.lower() in {"security", DEFENDER.lower()} and self._often(0.9) else field] = (
                    self._value(field)
                )
        if channel == "Security" and self._often(0.5):
            domain, _, user = self._near(self._for("User")).partition("\\")
            fields |= {"SubjectDomainName": domain, "SubjectUserName": user, "ObjectType": self.random.choice(("File", "file", "Key"))}
        if "4657" in number and self._often(0.6):
            fields["ObjectValueName"] = self._near(self._for("TargetObject"))
        return Event(channel, number, fields)

    def _named(self) -> list[str]:
        return [field for field in self.wanted if field is not None and self._often(0.85)]

    def _value(self, field: str) -> Value:
        if self._often(0.1):
            return [self._near(self._for(field)) for _ in range(self.random.randint(0, 3))]
        return self._near(self._for(field))

    def _for(self, field: str) -> str:
        if self._often(0.1):
            return self.random.choice(TRANSLATED)
        known = self.wanted.get(field, []) if self._often(0.8) else self.wanted.get(None, [])
        return self.random.choice(known or self.random.choice([*self.wanted.values(), self.literals]))

    def _near(self, value: str) -> str:
        for _ in range(self.random.choice((0, 0, 0, 0, 1, 1, 2))):
            value = self._changed(value)
        return value

    def _changed(self, value: str) -> str:
        at, piece, length = self.random.randint(0, len(value)), self.random.choice(PIECES), self.random.choice(LENGTHS)
        return self.random.choice((
            value.swapcase(), value.upper(), value[1:], value[:-1], piece + value, value + piece, value[:at] + piece + value[at:],
            value[:at] + self.random.choice(("x", "", "é", "\\", '"')) + value[at + 1 :], value + "x" * length, "y" * length + value,
        ))  # fmt: skip


class Writer:
    """Writes an event as a line of JSON, one way of many."""

    def __init__(self, random: Random) -> None:
        """Take what decides."""
        self.random = random
        self.style = random.choice(("utf8", "ascii", "mixed", "escaped", "raw"))
        self.between = random.choice(((b",", b":"), (b", ", b": "), (b" ,\t", b"  :\r")))

    def line(self, event: Event) -> bytes:
        fields: list[tuple[str, Any]] = [(name, self._of(value)) for name, value in event.fields.items()]
        self.random.shuffle(fields)
        kind = self._kind(event)
        extra = [self._extra() for _ in range(self.random.choice((0, 0, 1, 2, 4)))]
        if fields and self.random.random() < 0.1:
            extra.append((self.random.choice(fields)[0], self._of(self.random.choice(list(event.fields.values())))))
        return self.write(self._shaped(kind, fields, extra))

    def _kind(self, event: Event) -> list[tuple[str, Any]]:
        number: Any = Raw(event.number) if self.random.random() < 0.6 and event.number else event.number
        if self.random.random() < 0.05:
            number = self.random.choice(
                (Raw("null"), Raw("1.0"), [Raw("1")], [], Raw("true"), "01", Pairs((("#text", number),)), "", [event.number, "7"])
            )
        channel: Any = (
            event.channel
            if self.random.random() < 0.95
            else self.random.choice((Raw("null"), [event.channel], "", event.channel.upper(), Raw("5"), []))
        )
        return [(name, value) for name, value in (("Channel", channel), ("EventID", number)) if value != "" or self.random.random() < 0.3]

    def _shaped(self, kind: list[tuple[str, Any]], fields: list[tuple[str, Any]], extra: list[tuple[str, Any]]) -> Any:
        """Lay the fields out as one of the programs does that write such events."""
        mixed = [*kind, *fields, *extra]
        self.random.shuffle(mixed)
        named = dict(kind)
        match self.random.choice(("flat",) * 5 + ("xml", "xml", "beat", "nested", "other", "wrapped")):
            case "xml":
                number = named.get("EventID", "")
                number = (
                    Pairs([("#attributes", Pairs([("Qualifiers", Raw("0"))])), ("#text", number)]) if self.random.random() < 0.4 else number
                )
                data = self.random.choice(
                    (Pairs(fields), Pairs([*fields, *extra]), Pairs([("Data", Pairs([("#text", [value for _, value in fields])]))]))
                )
                inside = [("System", Pairs([("Channel", named.get("Channel", "")), ("EventID", number)])),
                          (self.random.choice(("EventData", "UserData", "Other")), data)]  # fmt: skip
                self.random.shuffle(inside)
                return Pairs([("Event", Pairs(inside)), *extra]) if self.random.random() < 0.7 else Pairs(inside)
            case "beat":
                return Pairs(
                    [
                        (
                            "winlog",
                            Pairs(
                                [
                                    ("event_data", Pairs(fields)),
                                    ("channel", named.get("Channel", "")),
                                    ("event_id", named.get("EventID", "")),
                                ]
                            ),
                        ),
                        *extra,
                    ]
                )
            case "nested":
                return Pairs([*kind, (self.random.choice(("a", "EventData", "x.y", "")), Pairs(fields)), *extra])
            case "other":
                return Pairs([(self.random.choice(OTHER_NAMES.get(name, (name,))), value) for name, value in mixed])
            case "wrapped":
                return Pairs([(self.random.choice(("_source", "result", "Event")), Pairs(mixed))])
            case _:
                return Pairs(mixed)

    def _extra(self) -> tuple[str, Any]:
        name = self.random.choice((*FIELDS, "b", "x", "x.y", "#text", "@x", "", "Hostname", "event", "RecordNumber"))
        inner = [(self.random.choice(("b", "x", "F", "Image", "b")), self._scalar()) for _ in range(self.random.randint(0, 3))]
        made = (
            self._scalar(),
            Pairs(inner),
            [self._scalar() for _ in range(self.random.randint(0, 3))],
            [Pairs(inner), Pairs(inner[:1])],
            [Pairs(inner), self._scalar()],
            [[self._scalar()]],
        )
        return name, self.random.choice(made)

    def _scalar(self) -> Any:
        return self.random.choice(
            (
                Raw(self.random.choice(TOKENS)),
                Raw("null"),
                Raw("true"),
                Raw("false"),
                "",
                "x",
                self.random.choice(PIECES),
                self.random.choice(ADDRESSES),
            )
        )

    def _of(self, value: Value) -> Any:
        if isinstance(value, list):
            if self.random.random() < 0.2:
                return [*value, self._scalar()]
            return value
        if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", value) and self.random.random() < 0.7:
            return Raw(value)
        return Raw("null") if self.random.random() < 0.02 else value

    def write(self, value: Any) -> bytes:
        comma, colon = self.between
        match value:
            case Raw(token):
                return token.encode()
            case str():
                return self._string(value)
            case Pairs(pairs):
                return b"{" + comma.join(self._string(name) + colon + self.write(inner) for name, inner in pairs) + b"}"
            case _:
                return b"[" + comma.join(map(self.write, value)) + b"]"

    def _string(self, value: str) -> bytes:
        match self.style:
            case "utf8":
                return json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")
            case "ascii":
                return json.dumps(value).encode()
            case "raw":
                return b'"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").encode(errors="surrogatepass") + b'"'
            case _:
                share = 1.0 if self.style == "escaped" else 0.2
                return b'"' + b"".join(self._character(one, share) for one in value) + b'"'

    def _character(self, one: str, share: float) -> bytes:
        if one == "/" and self.random.random() < 0.5:
            return b"\\/"
        if self.random.random() < share:
            units = one.encode("utf-16-be", "surrogatepass")
            written = "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
            return (written if self.random.random() < 0.5 else written.replace("\\u", "\0").upper().replace("\0", "\\u")).encode()
        return json.dumps(one, ensure_ascii=False)[1:-1].encode(errors="surrogatepass")


@dataclass(frozen=True)
class Pairs:
    """An object, in which a name may come twice."""

    pairs: Sequence[tuple[str, Any]]


OTHER_NAMES = {
    "EventID": ("EventId", "event_id", "EventCode", "event.code", "Id", "EventID"), "Channel": ("LogName", "channel", "log_name",
    "EventLog"),
    "Computer": ("Hostname", "ComputerName"), "Image": ("process.executable", "Image"), "CommandLine": ("process.command_line",),
}  # fmt: skip
DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    lambda random, line: line[: random.randint(0, len(line))],
    lambda random, line: line[: (at := random.randint(0, len(line)))] + line[at + 1 :],
    lambda random, line: line[: (at := random.randint(0, len(line)))] + random.choice((b'"', b"\\", b"{", b"}", b",", b"\xff", b"\xc3",
    b"\x00", b"\x01", b"]", b"\\ud800")) + line[at:],
    lambda random, line: line + random.choice((b"}", b" x", b"{}", b",", b"  ", b"\r", b"\0")),
    lambda random, line: random.choice((b" ", b"\t", b"\xef\xbb\xbf", b",", b"[")) + line,
    lambda random, line: random.choice((b"[]", b"1", b"null", b'"x"', b"{}", b"{", b"}", b"", b" ", b"\r", b"\t \r", b"\x00", b'{"a"',
    b"{" * 40 + b"}" * 40, b'{"a":' * 40 + b"1" + b"}" * 40)),
    lambda random, line: b'{"F":"' + b"long " * random.choice((100, 1000, 20_000)) + b'",' + line[1:],
)  # fmt: skip


def damaged(random: Random, line: bytes) -> bytes:
    """Give the line with something wrong, or at least odd; still one line."""
    return random.choice(DAMAGES)(random, line).replace(b"\n", b" ")


@pytest.fixture(scope="session")
def scene() -> Callable[[Random], Scene]:
    """The function that makes a scene of what a `Random` decides."""
    return lambda random: Maker(random).scene()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Random], RuleSet]:
    """The function that loads rules as people write them, of what a `Random` decides."""
    path = tmp_path_factory.mktemp("rules") / "rules.yml"

    def load(random: Random) -> RuleSet:
        maker = Maker(random)
        path.write_text("\n---\n".join(yaml.safe_dump(maker.document(number), sort_keys=False) for number in range(3)), "utf-8")
        return load_rules([path])

    return load
