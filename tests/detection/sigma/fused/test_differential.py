"""The fast engine against the reference: the same hits on random rules and events, on real ones, and on those of an adversary."""

import os
import resource
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.detection.lines import LineDetector
from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Null, Regex, Wild
from watchkeeper.detection.sigma.rule import Rule, SigmaSource
from watchkeeper.detection.sigma.text import text
from watchkeeper.model.batch import Batch

Scene = Any
Scenes = Callable[[Random], Scene]
EXAMPLES = int(os.environ.get("WATCHKEEPER_FUZZ_EXAMPLES", "4000"))
"""Examples of the long differential test."""
MOST_BYTES = int(os.environ.get("WATCHKEEPER_COMPARED_BYTES", "40000000"))
"""How much of each corpus both engines are compared on; the reference takes ten minutes for all of both."""
TINY = 64
"""Places of a table that is soon full."""
ENDS = (b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\n \t\n")
seeds = st.integers(0, 2**64 - 1)
often = settings(
    max_examples=2_000, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)  # a smaller seed is no simpler scene: `smallest` simplifies


def found(detector: LineDetector, data: bytes) -> list[tuple[int, int, int]]:
    return list(zip(*(column.tolist() for column in detector.hits(data)), strict=True))


def joined(random: Random, lines: Sequence[bytes]) -> bytes:
    data = b"".join(line + random.choice(ENDS) for line in lines)
    return data.rstrip(b"\r\n \t") if random.random() < 0.2 else data


def difference(rules: Sequence[Rule], lines: Sequence[bytes], seed: int) -> str:
    """Say what the engines do not agree on; empty if they agree on everything, three times over, in any order."""
    random, ruleset = Random(seed), RuleSet(tuple(rules))
    reference = LineDetector(ruleset, "windows", "reference")
    fused = LineDetector(ruleset, "windows", "fused", table_places=random.choice((TINY, TINY, 4096)))
    for turn in range(3):
        data = joined(random, lines)
        wanted, got = found(reference, data), found(fused, data)
        if wanted != got:
            return f"turn {turn}: the reference finds {wanted}, the fast engine {got} in {data!r}"
        if (reference.events, reference.malformed) != (fused.events, fused.malformed):
            counts = f"{(reference.events, reference.malformed)}, the fast engine {(fused.events, fused.malformed)}"
            return f"turn {turn}: the reference counts {counts} in {data!r}"
        lines = random.sample(lines, len(lines))
    return ""


def simpler(condition: Condition) -> Iterator[Condition]:
    """Yield conditions with one part less."""
    match condition:
        case AllOf(children) | AnyOf(children):
            yield from children
            for place, child in enumerate(children):
                rest = (children[:place], children[place + 1 :])
                if len(children) > 1:
                    yield type(condition)((*rest[0], *rest[1]))
                yield from (type(condition)((*rest[0], one, *rest[1])) for one in simpler(child))
        case Negation(child):
            yield child
            yield from (Negation(one) for one in simpler(child))
        case _:
            return


def smaller(rules: Sequence[Rule], lines: Sequence[bytes]) -> Iterator[tuple[Sequence[Rule], Sequence[bytes]]]:
    for place in range(len(lines) if len(lines) > 1 else 0):
        yield rules, [*lines[:place], *lines[place + 1 :]]
    for place, rule in enumerate(rules):
        if len(rules) > 1:
            yield [*rules[:place], *rules[place + 1 :]], lines
        for condition in simpler(rule.condition):
            yield [*rules[:place], replace(rule, condition=condition), *rules[place + 1 :]], lines


def smallest(rules: Sequence[Rule], lines: Sequence[bytes], seed: int) -> str:
    """Take away what the difference does not need, and say what is left."""
    left = next((one for one in smaller(rules, lines) if difference(*one, seed)), None)
    if left is not None:
        return smallest(*left, seed)
    asked = "\n".join(f"{rule.source} {rule.condition}" for rule in rules)
    return f"{difference(rules, lines, seed)}\nwith the rules\n{asked}\nseed {seed}"


def assert_the_same(scene: Scenes, seed: int) -> None:
    made = scene(Random(seed))
    if difference(made.rules, made.lines, seed):
        pytest.fail(smallest(made.rules, made.lines, seed))


@often
@given(seeds)
def test_lines_mean_the_same_to_both_engines(scene: Scenes, seed: int) -> None:
    assert_the_same(scene, seed)


@pytest.mark.slow
@settings(often, max_examples=EXAMPLES)
@given(seeds)
def test_lines_mean_the_same_to_both_engines_at_length(scene: Scenes, seed: int) -> None:
    assert_the_same(scene, seed)


@settings(often, max_examples=100)
@given(seeds)
def test_batches_mean_the_same_to_both_engines(scene: Scenes, batch: Callable[..., Batch], seed: int) -> None:
    made = scene(Random(seed))
    ruleset = RuleSet(made.rules)
    reference, fused = Detector(ruleset, engine="reference"), Detector(ruleset, engine="fused")
    kinds = dict.fromkeys((event.channel, event.number) for event in made.events)
    batches = [
        batch([event.fields for event in made.events if (event.channel, event.number) == kind], "windows", *kind) for kind in kinds
    ] * 2
    for one in batches:
        assert fused.signals(one).equals(reference.signals(one)), f"seed {seed}"
    assert fused.problems == reference.problems


@settings(often, max_examples=20)
@given(seeds)
def test_tables_that_are_full_and_fields_that_never_repeat_change_nothing(scene: Scenes, seed: int) -> None:
    random = Random(seed)
    made = [scene(random) for _ in range(3)]
    rules = tuple(replace(rule, id=f"{number}-{rule.id}") for number, one in enumerate(made) for rule in one.rules)
    lines = [line for one in made for line in one.lines if len(line) < 2_000]
    crowd = [several(line, random) for _ in range(40) for line in lines]
    ruleset = RuleSet(rules)
    fused = LineDetector(ruleset, "windows", "fused", table_places=1024)
    reference = LineDetector(ruleset, "windows", "reference")
    for start in range(0, len(crowd), 200):
        data = b"\n".join(crowd[start : start + 200]) + b"\n"
        assert found(fused, data) == found(reference, data), f"seed {seed}"


def several(line: bytes, random: Random) -> bytes:
    """Give the line, nearly always with a number in a few of its values that no other line has."""
    for _ in range(random.choice((0, 1, 3))):
        at = line.find(b'"', random.randint(0, len(line)))
        line = line[: at + 1] + b"%x" % random.getrandbits(40) + line[at + 1 :] if at >= 0 else line
    return line


@settings(often, max_examples=100)
@given(seeds)
def test_rules_as_people_write_them_mean_the_same(scene: Scenes, written: Callable[[Random], RuleSet], seed: int) -> None:
    random = Random(seed)
    rules = written(random).rules
    if rules and difference(rules, scene(random).lines, seed):
        pytest.fail(smallest(rules, scene(random).lines, seed))


def rule(field: str, value: str) -> Rule:
    return Rule("r", "Rule", "high", SigmaSource("windows"), Atom(field, text((value,))), (), (), "rules.yml")


def line(value: str, event_id: int = 1) -> bytes:
    return b'{"EventID":%d,"CommandLine":"%s"}\n' % (event_id, value.encode())


@pytest.mark.parametrize("engine", ["fused", "reference"])
def test_a_malformed_line_is_counted_and_costs_only_itself(engine: Any) -> None:
    detector = LineDetector(RuleSet((rule("CommandLine", "evil"),)), "windows", engine)
    deep, wide = b'{"a":' * 30 + b"1" + b"}" * 30, b"{" + b",".join(b'"f%d":1' % number for number in range(5_000)) + b"}"
    bad = (b'{"CommandLine":"evil"', b"[1]", b"evil", b'{"CommandLine":"evil"} {}', b"\xff\xfe", deep, wide)
    data = b"".join(one + b"\n" + line("evil") + b"\n \r\n" for one in bad)
    assert [data[begin : begin + size] for begin, size, _ in found(detector, data)] == [line("evil").rstrip()] * len(bad)
    assert (detector.events, detector.malformed) == (len(bad), len(bad))


def test_event_ids_without_end_change_nothing() -> None:
    ruleset = RuleSet((rule("CommandLine", "evil"),))
    data = b"".join(line(("evil", "good")[number % 2], number) for number in range(2_500))
    fused, reference = (LineDetector(ruleset, "windows", engine) for engine in ("fused", "reference"))
    assert found(fused, data) == found(reference, data)


def test_a_keyword_is_found_in_a_kind_that_came_after_one_told_in_two_ways() -> None:
    keyword = Atom(None, text((Wild.MANY, "evil", Wild.MANY)))
    ruleset = RuleSet((replace(rule("F", ""), source=SigmaSource("windows", "process_creation"), condition=keyword),))
    data = b'{"F":"x","ProcessId":"1"}\n{"EventID":"","F":"x"}\n{"EventID":4688,"Channel":"Security","F":"some evil"}\n'
    fused, reference = (LineDetector(ruleset, "windows", engine) for engine in ("fused", "reference"))
    assert len(found(reference, data)) == 1
    assert found(fused, data) == found(reference, data)


LARGE = {
    "many short lines": b"".join(b'{"F":"%x"}\n' % number for number in range(70_000)),
    "the same line": b'{"F":"a77"}\n' * 40_000,
    "empty objects": b"{}\n" * 40_000,
    "a long array": b'{"F":[' + b'"a",' * 300_000 + b'"77"]}\n{"F":"77"}\n',
    "a long array of different values": b'{"F":[' + b"".join(b'"%x",' % number for number in range(100_000)) + b'"77"]}\n{"F":"77"}\n',
    "a long value": b'{"F":"77' + b"x" * 3_000_000 + b'77"}\n{"F":"77"}\n',
    "many fields": b"".join(b"{" + b",".join(b'"F%d":"%d"' % (at, row % 100 + at) for at in range(60)) + b"}\n" for row in range(5_000)),
    "blank lines": b"\n" * 2_000_000 + b'{"F":"77"}\n' + b" " * 2_000_000 + b'\n{"F":"77"}',
    "arrays of objects": b'{"F":["x",{"a":"77"}]}\n' * 3_000,
    "broken lines": b'{"F":"77"\n' * 10_000,
    "quotes": b'"' * 1_500_000 + b'\n{"F":"77"}\n',
    "backslashes": b'{"F":"' + b"\\" * 1_500_000 + b'77"}\n{"F":"77"}\n',
}
"""What is larger than what the engine has room for at a time."""


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_or_much_means_the_same(name: str) -> None:
    asked = [
        Atom("F", text((Wild.MANY, "77"))),
        Atom("F.a", text(("77",))),
        Atom("F", Null()),
        Atom("F", Regex("^7+x*7+$")),
        Atom(None, text((Wild.MANY, "a77", Wild.MANY))),
    ]
    asked += [Atom(f"F{at}", text((Wild.MANY, "7"))) for at in range(60 if name == "many fields" else 0)]
    ruleset = RuleSet(tuple(replace(rule("F", ""), id=f"r{place}", condition=atom) for place, atom in enumerate(asked)))
    fused, reference = (LineDetector(ruleset, "windows", engine) for engine in ("fused", "reference"))
    wanted = found(reference, LARGE[name])
    assert wanted or name == "broken lines"
    assert found(fused, LARGE[name]) == wanted
    assert found(fused, LARGE[name]) == wanted
    assert (fused.events, fused.malformed) == (2 * reference.events, 2 * reference.malformed)


KNOWN = np.frombuffer(b"a known key, six words of it, an odd number, each.."[:48], np.uint64) | np.uint64(1)
"""A key that somebody knows, of letters, so that what is made from it can stand in JSON."""


def prepared(beginning: str) -> str:
    """Give a value that whoever knows the key can prepare: its second block takes away all that the hash knows of the first one."""
    return beginning.ljust(16)[:16] + KNOWN[2:4].tobytes().decode() + "and the same end"


def test_who_knows_another_key_cannot_hide_a_value_behind_another() -> None:
    ruleset = RuleSet((rule("CommandLine", prepared("evil")),))
    told, own = (LineDetector(ruleset, "windows", "fused") for _ in range(2))
    secret(told)[:] = KNOWN
    data = line(prepared("good")) + line(prepared("evil"))
    assert found(told, data) == [], "the values do not collide under the key they were made for, so this test tests nothing"
    assert len(found(own, data)) == 1


def test_every_engine_has_its_own_key() -> None:
    program = "from watchkeeper.detection.sigma.fused.tables import Tables; print(Tables(64).secret.tobytes().hex())"
    keys = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    ruleset = RuleSet((rule("CommandLine", "evil"),))
    keys += [secret(LineDetector(ruleset, "windows", "fused")).tobytes().hex() for _ in range(2)]
    assert len(set(keys)) == len(keys)
    assert all(len(set(np.frombuffer(bytes.fromhex(key), np.uint64).tolist())) == 6 for key in keys)


def secret(detector: LineDetector) -> np.ndarray[Any, Any]:
    return tables(detector).secret


def tables(detector: LineDetector) -> Any:
    lines: Any = detector._fused
    return lines._engine.tables


def test_a_flood_of_unique_values_takes_no_more_memory() -> None:
    ruleset = RuleSet(tuple(replace(rule("CommandLine", f"evil {number}"), id=f"r{number}") for number in range(50)))
    detector = LineDetector(ruleset, "windows", "fused", table_places=1 << 12)
    sizes: list[int] = []
    memory: list[int] = []
    for turn in range(40):
        hits = found(detector, b"".join(line(f"{turn} {number:x} evil", number % 7) for number in range(5_000)) + line("evil 7"))
        assert len(hits) == 1
        sizes.append(sum(array.nbytes for array in vars(tables(detector)).values() if isinstance(array, np.ndarray)))
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert sizes[-1] == sizes[4]
    assert memory[-1] - memory[9] < 16 * 1024, "more than 16 MiB for 150,000 unique values"


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["real", "stress"])
def test_the_engines_agree_on_every_real_event(data: Path, corpus: str) -> None:
    made = runpy.run_path(str(Path(__file__).parents[4] / "bench" / "sigma_corpus.py"))
    rules = load_rules([data / "sigma" / "sigma_all_rules.zip"])
    fused, reference = (LineDetector(rules, "windows", engine) for engine in ("fused", "reference"))
    hits = 0
    with made[corpus]().open("rb") as file:
        while (piece := b"".join(file.readlines(4 * 1024 * 1024))) and file.tell() < MOST_BYTES:
            wanted = found(reference, piece)
            assert found(fused, piece) == wanted
            hits += len(wanted)
    assert hits > 100
    assert (fused.events, fused.malformed) == (reference.events, reference.malformed)
