"""Samples of what nobody knows."""

from pathlib import Path

import pytest

from watchkeeper.ingest.suggest.sample import FEWEST_OF_PROGRAM, MOST_RECORDS, sampled, sampled_file, samples

HEADER = "Mar  2 09:00:00 web01"


def test_files_that_a_reader_knows_are_passed_over_and_unknown_programs_are_found(tmp_path: Path) -> None:
    (tmp_path / "doors.log").write_text("door opened\n" * 3)
    (tmp_path / "server.log").write_text("2026-03-02 10:00:00 INFO door opened\n" * FEWEST_OF_PROGRAM)
    (tmp_path / "zeek.log").write_text("#separator \\x09\n#fields\ta\n1\n")
    lines = [
        f"{HEADER} sshd[1]: Connection from 203.0.113.9 port 1",
        *([f"{HEADER} badger[7]: in"] * FEWEST_OF_PROGRAM),
        f"{HEADER} rare: x",
    ]
    (tmp_path / "syslog").write_text("\n".join(lines))
    (tmp_path / "image.bin").write_bytes(bytes(range(256)))
    found = {sample.name: sample for sample in samples([tmp_path])}
    assert {name: (sample.program, len(sample.records)) for name, sample in found.items()} == {
        "doors": ("", 3),
        "badger": ("badger", FEWEST_OF_PROGRAM),
        "server": ("", FEWEST_OF_PROGRAM),
    }
    own = tmp_path / "own"
    own.mkdir()
    (own / "b.yml").write_text("{name: b, product: b, about: b, documentation: b, recognise: [{programs: [badger]}]}")
    assert {sample.name for sample in samples([tmp_path / "syslog"], (own,))} == set()


def test_a_sample_is_bounded_and_a_document_is_opened() -> None:
    assert len(sampled("x", "x.log", ("a" for _ in range(MOST_RECORDS + 10))).records) == MOST_RECORDS
    assert sampled("x", "x.log", ["a" * 20_000_000, "b"]).records == ["a" * 20_000_000]
    assert sampled("x", "x.json", ['{"events": [{"a": 1}, {"a": 2}]}']).records == ['{"a":1}', '{"a":2}']
    assert sampled("x", "x.y.log", ['{"a": 1}']).name == "x"


def test_a_file_to_try_a_source_on_is_read_as_lines_or_records(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a":\n1}]')
    assert sampled_file(path, as_lines=False) == ['{"a":\n1}']
    assert sampled_file(path, as_lines=True) == ['[{"a":', "1}]"]
    path.write_text("")
    with pytest.raises(ValueError, match=r"no record in 'a\.json'"):
        sampled_file(path, as_lines=True)
