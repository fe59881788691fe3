"""A bundle becomes a catalogue; what cannot count is counted, whatever a hostile file says."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.compressed import read_whole
from watchkeeper.attack import stix
from watchkeeper.attack.stix import flattened, read_bundle

Bundle = Callable[..., bytes]


def thing(kind: str, number: int, key: str, name: str, **more: Any) -> dict[str, Any]:
    """One object with an ATT&CK id."""
    references = [{"source_name": "a report"}, {"source_name": "mitre-attack", "external_id": key}]
    return {
        "type": kind,
        "id": f"{kind}--{number}",
        "name": name,
        "modified": "2025-01-01T00:00:00.000Z",
        "external_references": references,
    } | more


def link(kind: str, source: str, target: str, **more: Any) -> dict[str, Any]:
    """One relation."""
    name = f"relationship--{kind} {source} {target}"
    return {"type": "relationship", "id": name, "relationship_type": kind, "source_ref": source, "target_ref": target} | more


def test_who_uses_what_and_who_is_behind_what(bundle: Bundle) -> None:
    found = read_bundle(bundle()).catalogue
    assert (found.version, [row.id for row in found.techniques]) == ("18.1", ["T9001", "T9002"])
    larks, owls = found.groups
    assert (larks.name, larks.aliases, larks.techniques, larks.software) == ("Larks", ("Morning Birds",), ("T9001",), ("S9001",))
    assert (owls.techniques, owls.software) == ((), ())
    assert (found.campaigns[0].techniques, found.campaigns[0].groups) == (("T9002",), ("G9001",))
    assert found.software[0].aliases == ("Pipe",)


def test_replaced_techniques_lead_to_the_one_in_use_through_others(bundle: Bundle) -> None:
    assert read_bundle(bundle()).catalogue.replaced == {"T9003": "T9001", "T9004": "T9001"}


def test_what_is_no_longer_in_use_is_counted(bundle: Bundle) -> None:
    left_out = read_bundle(bundle(link("uses", "intrusion-set--2", "attack-pattern--5"))).left_out
    assert (left_out[stix.REVOKED], left_out[stix.DEPRECATED], left_out[stix.LOOSE]) == (2, 1, 1)


def test_successors_in_a_circle_are_given_up_and_counted(bundle: Bundle) -> None:
    read = read_bundle(
        bundle(
            link("revoked-by", "attack-pattern--4", "attack-pattern--3"),
            without="relationship--revoked-by attack-pattern--4 attack-pattern--1",
        )
    )
    assert (read.catalogue.replaced, read.left_out[stix.LOST]) == ({}, 2)


def test_of_two_versions_of_an_object_the_newer_counts(bundle: Bundle) -> None:
    newer = thing("intrusion-set", 1, "G9001", "Skylarks", modified="2026-01-01T00:00:00.000Z")
    older = thing("intrusion-set", 1, "G9001", "Eggs", modified="2020-01-01T00:00:00.000Z")
    read = read_bundle(bundle(newer, older))
    assert (read.catalogue.groups[0].name, read.left_out[stix.OLDER]) == ("Skylarks", 2)


def test_an_attack_id_belongs_to_one_object(bundle: Bundle) -> None:
    read = read_bundle(bundle(thing("intrusion-set", 7, "G9001", "Impostors", modified="2020-01-01T00:00:00.000Z")))
    assert ([group.name for group in read.catalogue.groups], read.left_out[stix.TWICE]) == (["Larks", "Owls"], 1)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (thing("intrusion-set", 9, "G9009", "x", aliases="not a list"), stix.MALFORMED),
        (thing("intrusion-set", 9, "G9009", "x", revoked="no"), stix.MALFORMED),
        ({"type": "campaign", "id": 7}, stix.MALFORMED),
        ([], stix.MALFORMED),
        ("text", stix.MALFORMED),
        (thing("intrusion-set", 9, "G9009", ""), stix.NAMELESS),
        (thing("intrusion-set", 9, "T9001", "wrong kind of id"), stix.NAMELESS),
        (thing("intrusion-set", 9, "G９００９", "digits of another script"), stix.NAMELESS),
        (thing("attack-pattern", 9, "T9009", "x", x_mitre_domains=["mobile-attack"]), stix.ELSEWHERE),
        (link("uses", "intrusion-set--1", "attack-pattern--77"), stix.LOOSE),
        (link("uses", "intrusion-set--2", "attack-pattern--1", x_mitre_deprecated=True), stix.LOOSE),
    ],
)
def test_what_is_wrong_is_left_out_counted_and_harms_nothing_else(bundle: Bundle, wrong: Any, reason: str) -> None:
    plain, read = read_bundle(bundle()), read_bundle(bundle(wrong))
    assert read.catalogue == plain.catalogue
    assert read.left_out - plain.left_out == Counter({reason: 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no STIX bundle"),
        (b"[" * 100_000, "no STIX bundle"),
        (b'{"type": "report", "objects": []}', "its type is 'report'"),
        (b'{"type": "bundle", "objects": {}}', "no STIX bundle"),
        (b'{"type": "bundle", "objects": []}', "no technique of ATT&CK enterprise"),
        (
            b'{"type": "bundle", "objects": [{"type": "attack-pattern", "id": "x", "a": ' + b"[" * 5000 + b"]" * 5000 + b"}]}",
            "no technique|no STIX",
        ),
    ],
)
def test_a_file_that_is_something_else_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_bundle(content)


def test_more_objects_than_are_looked_at_are_refused(monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> None:
    monkeypatch.setattr(stix, "MOST_OBJECTS", 3)
    with pytest.raises(ValueError, match="more than 3"):
        read_bundle(bundle())


def test_texts_are_cut(bundle: Bundle) -> None:
    long = thing("intrusion-set", 9, "G9009", "n" * 10_000, aliases=[f"{'a' * 1000}{number}" for number in range(1000)])
    group = read_bundle(bundle(long)).catalogue.groups[-1]
    assert (len(group.name), max(map(len, group.aliases)), len(group.aliases) <= 100) == (200, 200, True)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")))
def test_successors_end_and_live(steps: dict[str, str], live: set[str]) -> None:
    ends = flattened(steps, live)
    assert set(ends.values()) <= live
    assert not live.intersection(ends)


def test_the_published_bundle_is_read_whole(data: Path) -> None:
    content = read_whole(data / "attack" / "enterprise-attack.json.gz", stix.MOST_BYTES)
    read = read_bundle(content, "18.1")
    found = read.catalogue
    assert found.version == "18.1"
    assert (len(found.techniques), len(found.groups), len(found.software), len(found.campaigns)) == (691, 172, 784, 52)
    assert sum(len(one.groups) for one in found.campaigns) == 25
    live = [one for one in json.loads(content)["objects"] if one["type"] == "relationship" and one["relationship_type"] == "uses"]
    kept = sum(len(one.techniques) + len(one.software) for one in (*found.groups, *found.software, *found.campaigns))
    assert kept + read.left_out[stix.LOOSE] <= len(live)
    assert kept > 0.95 * len(live)
    assert set(read.left_out) <= {stix.REVOKED, stix.DEPRECATED, stix.LOOSE, stix.LOST}
