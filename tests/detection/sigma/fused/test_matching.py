"""The value matcher gives what the reference's questions give: of random tests and values, and of public rules and real logs."""

import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
)  # fmt: skip
from watchkeeper.detection.sigma.fused.matching import Matchers
from watchkeeper.detection.sigma.load import load_rules
from watchkeeper.detection.sigma.reference import matcher
from watchkeeper.detection.sigma.text import fold, text

PLAIN, ESCAPED = 0, 1
LETTERS = [
    *'aAbBkKsSiI\\.:-/ "\n\t0129x',
    "İ",
    "\u212a",
    "ς",
    "Σ",
    "σ",
    "ſ",
    "ı",
    "é",
    "É",
    "中",
    "Ж",
    "😀",
    "𐐀",
    "\ud800",
    "\udc00",
    "ß",
    "Ⱥ",
    "\x85",
]
words = st.lists(st.sampled_from(LETTERS), max_size=14).map("".join)
texts = st.builds(lambda parts, cased: text(parts, cased=cased), st.lists(words | st.sampled_from(Wild), max_size=4), st.booleans())
PATTERNS = (
    r"k+a", r"[a-z]:\\", r"s{2}", r"a(b|ss).", r"(?i)sk", "^[aA]b$", r"[^\\]b", r"(a)\1", r"\s-", r"a\s+(i|ss)\z", "(?<=a)b", "a{,3}b",
    "[[:alpha:]]k", ".", "a b.é",
)  # fmt: skip
regexes = st.builds(Regex, st.sampled_from(PATTERNS), st.sampled_from(["", "i", "s", "m"]))
networks = st.sampled_from(["10.0.0.0/8", "::1/128", "0.0.0.0/0", "fe80::/10"]).map(Network)
numbers = st.builds(Number, st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), st.sampled_from([0, 1, 16, 3.5, -1, 2**60]))
times = st.builds(TimePart, st.sampled_from(["hour", "year"]), st.just("ge"), st.sampled_from([0, 5, 2000]))
tests = texts | texts | regexes | networks | numbers | times
VALUES = (
    "10.1.2.3", "::1", "[fe80::1%3]", "1.2.3", "5", "-1", "+5", "0x10", "0X1F", "1e3", " 7", "１２", "2020-01-01T10:00:00", "1_0", "00",
    "-", "0x", "::ffff:10.0.0.1", "",
)  # fmt: skip


def _asked(asked: Sequence[Test], value: str) -> list[int]:
    return [at for at, test in enumerate(asked) for question, folded in [matcher(test)] if question(fold(value) if folded else value)]


def _match(matchers: Matchers, rows: Sequence[tuple[int, bytes, int]]) -> tuple[list[list[int]], list[int]]:
    """Match (field, bytes, form); give the tests that hold on each, and the rows that are bad."""
    sizes = np.array([len(value) for _, value, _ in rows], np.int64)
    data = np.frombuffer(b"".join(value for _, value, _ in rows) + bytes(64), np.uint8)
    table = np.stack([np.array([one[0] for one in rows]), np.cumsum(sizes) - sizes, sizes, np.array([one[2] for one in rows])], 1)
    offsets, atoms, bad = matchers.match(data, table)
    held = [atoms[offsets[at] : offsets[at + 1]] - matchers.first(field) for at, (field, _, _) in enumerate(rows)]
    return [one.tolist() for one in held], bad.tolist()


def _written(value: str, *, ascii_only: bool) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogatepass")


def _read(value: bytes, form: int) -> str:
    decoded = value.decode("utf-8", "replace")
    return json.JSONDecoder(strict=False).decode(f'"{decoded}"') if form == ESCAPED else decoded


@st.composite
def values(draw: st.DrawFn, asked: Sequence[Test]) -> str:
    """Values made from what is asked, so that much holds."""
    parts = [draw(st.sampled_from(VALUES) | words)]
    for test in draw(st.lists(st.sampled_from(asked), max_size=3)) if asked else []:
        if isinstance(test, Text):
            parts += [part if isinstance(part, str) else draw(words)[:2] for part in test.parts] + [draw(words)[:1]]
    return "".join(parts) * draw(st.sampled_from([1, 1, 1, 1, 2000]))


@given(st.data())
def test_every_test_of_a_value_gives_what_the_reference_gives(data: st.DataObject) -> None:
    fields = data.draw(st.lists(st.lists(tests, max_size=12), min_size=1, max_size=3))
    matchers = Matchers()
    numbers = [matchers.add(asked) for asked in fields]
    assert numbers == list(range(len(fields)))
    rows = []
    for _ in range(data.draw(st.integers(1, 8))):
        field, form = data.draw(st.sampled_from(numbers)), data.draw(st.sampled_from([PLAIN, ESCAPED]))
        value = data.draw(values(fields[field]))
        encoded = _written(value, ascii_only=data.draw(st.booleans())) if form == ESCAPED else value.encode("utf-8", "surrogatepass")
        rows.append((field, encoded, form))
    held, bad = _match(matchers, rows)
    assert bad == []
    assert held == [_asked(fields[field], _read(value, form)) for field, value, form in rows]


@given(st.lists(st.sampled_from([*b'aZ\\u0dD8cCe"', 0x80, 0xA0, 0xBF, 0xC3, 0xE0, 0xED, 0xF0, 0xF4, 0xFF]), max_size=24).map(bytes))
def test_what_python_decodes_decodes_alike_and_the_rest_is_bad(value: bytes) -> None:
    matchers = Matchers()
    try:
        read = _read(value.replace(b'"', b"'"), ESCAPED)
    except json.JSONDecodeError:
        read = None
    matchers.add([text([read or "", Wild.MANY], cased=False), text([read or ""], cased=False), Regex(".")])
    held, bad = _match(matchers, [(0, value.replace(b'"', b"'"), ESCAPED), (0, value, PLAIN)])
    assert bad == ([0] if read is None else [])
    if read is not None:
        assert held[0] == ([0, 1] if not read.strip("\n") else [0, 1, 2])


def test_folding_is_the_reference_s_for_every_character() -> None:
    characters = [chr(point) for point in range(0x30000)]
    lines = ["".join(characters[at : at + 64]) for at in range(0, len(characters), 64)]
    matchers = Matchers()
    asked = [text([line]) for line in lines]
    matchers.add(asked)
    rows = [(0, json.dumps(line)[1:-1].encode(), ESCAPED) for line in lines]
    held, bad = _match(matchers, rows)
    assert bad == []
    assert held == [[at] for at in range(len(lines))]


def test_what_is_not_asked_of_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match="not a test of one value"):
        Matchers().add([Null()])


def test_bytes_that_are_not_there_are_refused() -> None:
    matchers = Matchers()
    matchers.add([text(["a"])])
    for row in ([1, 0, 1, 0], [-1, 0, 1, 0], [0, 60, 8, 0], [0, -1, 2, 0], [0, 3, -1, 0]):
        with pytest.raises(ValueError, match="each needs a field"):
            matchers.match(np.zeros(64, np.uint8), np.array([row]))


def test_fields_may_be_added_between_matches() -> None:
    matchers = Matchers()
    for number in range(40):
        matchers.add([text([Wild.MANY, f"needle{part}-{number}", Wild.MANY]) for part in range(50)])
        held, _ = _match(matchers, [(field, f"a NEEDLE7-{field} b".encode(), PLAIN) for field in range(number + 1)])
        assert held == [[7]] * (number + 1)


@pytest.mark.slow
def test_all_public_rules_on_values_of_real_logs(data: Path) -> None:
    rules = load_rules([data / "sigma" / "sigma_all_rules.zip"]).rules
    asked: dict[str, dict[Test, None]] = {}
    for rule in rules:
        for field, test in _tests(rule.condition):
            asked.setdefault(field, {})[test] = None
    values: dict[str, dict[str, None]] = {}
    for archive in sorted((data / "otrf" / "atomic" / "windows").rglob("*.zip"))[::3]:
        for field, value in _values(archive):
            if field in asked and len(values.setdefault(field, {})) < 200:
                values[field][value] = None
    assert {"CommandLine", "Image", "TargetObject"} <= values.keys()
    matchers = Matchers()
    for field, several in values.items():
        number = matchers.add(list(asked[field]))
        held, bad = _match(matchers, [(number, _written(value, ascii_only=False), ESCAPED) for value in several])
        assert bad == []
        for one, value in zip(held, several, strict=True):
            assert one == _asked(list(asked[field]), value), (field, value)


def _tests(condition: Condition) -> Iterator[tuple[str, Test]]:
    match condition:
        case Atom(str(field), test) if not isinstance(test, Null | Present | SameAs):
            yield field, test
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _tests(child)
        case Negation(child):
            yield from _tests(child)
        case _:
            return


def _values(archive: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(archive) as members:
        for name in members.namelist():
            for line in members.read(name).splitlines()[:2000] if name.endswith(".json") else []:
                for field, value in json.loads(line.decode("utf-8", "replace"), strict=False).items() if line.startswith(b'{"') else ():
                    if isinstance(value, str | int):
                        yield field, str(value)
