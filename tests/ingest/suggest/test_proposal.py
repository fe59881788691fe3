"""Proposals: what is made of a sample can be used as it stands, and nothing of a log becomes more than text."""

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.ingest.own_sources import parse
from watchkeeper.ingest.suggest import Sample, propose
from watchkeeper.ingest.trial import read_by, tried

DOORS = [
    f"2026-03-02 10:{at % 60:02}:00,{at:03} {('INFO', 'WARN')[at % 2]} [door-{at % 4}] keeper"
    f" - user u{at} opened it from 203.0.113.{at % 200} port {4000 + at}"
    for at in range(60)
]
PAIRS = [
    f'when=2026-03-02T10:00:{at % 60:02}Z unit=door{at} caller=198.51.100.{at} said="opened by u{at}" code={200 + at}' for at in range(60)
]
COLUMNS = ["stamp;badge;from;site", *(f"2026-03-02 10:00:{at % 60:02};B{at};198.51.100.{at};north" for at in range(60))]
BADGES = [
    json.dumps(
        {"product": "badger", "event": {"kind": ("in", "out")[at % 2]}, "at": 1_772_445_600_000 + at, "client": {"ip": f"198.51.100.{at}"}}
    )
    for at in range(60)
]
INSIDE = [f"Mar  2 09:00:{at % 60:02} web01 badger[7]: {line}" for at, line in enumerate(BADGES)]


def _tried(lines: list[str], program: str = "") -> tuple[str, list[Any]]:
    """Make a proposal from the first half and read the second by it."""
    half = len(lines) // 2
    proposal = propose(Sample("a.log", "a", program, lines[:half]))
    assert proposal is not None
    assert tried(parse(proposal.text, "a"), lines[half:]).share == 1
    return proposal.text, [row for row, _ in read_by(parse(proposal.text, "a"), lines[half:])]


def test_lines_of_words_become_patterns() -> None:
    text, rows = _tried(DOORS)
    assert all(row.time is not None for row in rows)
    assert rows[0].time.minute == 30
    fields = rows[0].fields
    assert (fields["user"], fields["src_ip"], fields["src_port"], fields["level"]) == ("u30", "203.0.113.30", "4030", "INFO")
    assert "_time" not in fields
    assert "# Proposed from 30 records of a.log: reads 100.0% of them" in text


def test_pairs_columns_and_json_behind_a_header_become_their_steps() -> None:
    text, rows = _tried(PAIRS)
    assert "pairs" in yaml.safe_load(text)["steps"][0]
    assert (rows[0].time.second, rows[0].fields["caller"]) == (30, "198.51.100.30")
    text, rows = _tried(COLUMNS)
    assert yaml.safe_load(text)["steps"][0]["columns"] == {"names": ["stamp", "badge", "from", "site"], "separator": ";"}
    assert (rows[0].fields["from"], rows[0].time.hour) == ("198.51.100.29", 10)
    text, rows = _tried(INSIDE, "badger")
    assert yaml.safe_load(text)["recognise"] == [{"programs": ["badger"]}]
    assert rows[0].fields["client.ip"] == "198.51.100.30"


def test_records_become_a_format_by_what_is_constant_and_what_is_always_there() -> None:
    text, rows = _tried(BADGES)
    found = yaml.safe_load(text)
    assert (found["name"], found["product"], found["time"]) == ("badger", "badger", [{"field": "at", "unit": "ms"}])
    assert found["marks"][0]["product"] == "^badger$"
    assert rows[0].time.year == 2026
    assert "#   client.ip  100%  address, elsewhere called src_ip  198.51.100.0 |" in text


def test_a_name_of_ours_is_not_taken() -> None:
    proposal = propose(Sample("sshd.log", "sshd", "", DOORS))
    assert proposal is not None
    assert proposal.name == "sshd_own"
    assert yaml.safe_load(proposal.named("mine"))["name"] == "mine"


def test_what_has_nothing_in_common_is_not_proposed() -> None:
    assert propose(Sample("x", "x", "", ["?", "!", "..."])) is None
    assert propose(Sample("x", "x", "", [])) is None


@pytest.mark.parametrize(
    "hostile",
    [
        "2026-03-02 10:00:00 INFO [a] user {evil} from 203.0.113.9",
        "2026-03-02 10:00:00 INFO !!python/object/apply:os.system [{evil}] from 203.0.113.9",
        "when=2026-03-02T10:00:00Z a={evil} b=1 c=2",
        '{{"product": "{evil}", "a": "{evil}", "when": "2026-03-02T10:00:00Z"}}',
        "{evil};b;203.0.113.9;c;d",
    ],
)
@pytest.mark.parametrize(
    "evil", ["(a+)+$", "\x1b[2J\x1b]0;x\x07", "\u202eabc", "\x85# x\u2028y", "\nname: x", "*anchor &a", "}}{{", "\\", "門"]
)
def test_nothing_of_a_log_becomes_more_than_text(hostile: str, evil: str) -> None:
    lines = [hostile.replace("{evil}", evil).replace("{{", "{").replace("}}", "}")] * 10
    proposal = propose(Sample(f"{evil}.log", evil, "", lines))
    if proposal is None:
        return
    assert all(character.isprintable() or character == "\n" for character in proposal.text)
    assert yaml.safe_load(proposal.text) == proposal.document
    comments = proposal.text.partition("\n\n")[0].splitlines()
    assert all(line.startswith("#") for line in comments)
    parse(proposal.text, "x")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), min_size=1, max_size=12), st.sampled_from(["", "appd"]))
def test_any_lines_give_a_proposal_that_can_be_used_or_none(lines: list[str], program: str) -> None:
    proposal = propose(Sample("x", "x", program, lines))
    if proposal is not None:
        assert tried(parse(proposal.text, "x"), lines).read == proposal.trial.read
        assert yaml.safe_load(proposal.text) == proposal.document


def test_long_lines_and_many_kinds_of_them_take_bounded_time() -> None:
    started = time.monotonic()
    for lines in (["a[" * 50_000] * 40, ['"' * 100_000] * 40, ["1." * 100_000] * 40, [f"{at} " * 400 + "x" * at for at in range(2_000)]):
        propose(Sample("x", "x", "", lines))
    assert time.monotonic() - started < 60
