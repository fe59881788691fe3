"""Zeek's TSV against small logs and the logs of RITA's own tests."""

import io
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.ingest.zeek_tsv import zeek_tsv

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "zeek_tsv"
HEADER = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tt\n"


def _read(text: str | bytes) -> list[Row | Skipped]:
    return list(zeek_tsv.rows(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def _rows(text: str | bytes) -> list[Row]:
    return [row for row in _read(text) if isinstance(row, Row)]


def test_a_header_may_change_midway_and_damaged_lines_are_counted() -> None:
    found = _read((CASES / "header_changes" / "input.log").read_bytes())
    assert [item.reason if isinstance(item, Skipped) else item.logsource.service for item in found] == [
        "conn", "conn", "fewer values than the header names", "more values than the header names",
        "dns", "fewer values than the header names",
    ]  # fmt: skip
    rows = [item for item in found if isinstance(item, Row)]
    assert rows[1].fields["tunnel_parents"] == ["Cp1", "Cp,2"]
    assert rows[1].host == "10.20.0.8", "the responder is the organisation's own host"
    assert rows[2].fields["answers"] == ["192.0.2.1", "192.0.2.2"]
    assert rows[2].fields["query"] == "café.example"


def test_separators_come_from_the_header() -> None:
    first, second = _rows((CASES / "other_separator" / "input.log").read_bytes())
    assert first.fields["tags"] == ["a", "b"]
    assert first.time is not None
    assert first.time.isoformat() == "2026-03-02T09:00:00.500000+00:00"
    assert second.fields == {"name": "", "tags": []}
    assert second.time is None


def test_unset_is_left_out_and_empty_is_kept() -> None:
    [row] = _rows(HEADER + "#fields\ta\tb\tc\td\n#types\tstring\tstring\tset[string]\tbool\n-\t(empty)\t(empty)\tT\n")
    assert row.fields == {"b": "", "c": [], "d": "true"}


def test_data_before_a_header_is_skipped() -> None:
    assert _read("1\t2\n" + HEADER + "#fields\ta\n#types\tstring\nx\n")[0] == Skipped("line before a #fields header")


def test_a_header_without_types_reads_text() -> None:
    [row] = _rows("#separator \\x09\n#fields\tts\tflag\n1.5\tT\n")
    assert row.fields == {"ts": "1.5", "flag": "T"}


def test_only_a_zeek_header_is_recognised() -> None:
    assert zeek_tsv.sniff(b"#separator \\x09\n#path\tconn\n#fields\tts\n")
    assert zeek_tsv.sniff(b"\xef\xbb\xbf#fields\tts\n1\n")
    assert not zeek_tsv.sniff(b"# fields of gold\n")
    assert not zeek_tsv.sniff(b"1517336042.0\tCi85\t10.0.0.1\n")
    assert not zeek_tsv.sniff(b"")


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n\\"), min_size=1), st.booleans())))
def test_text_and_booleans_survive(values: list[tuple[str, bool]]) -> None:
    kept = [(text, flag) for text, flag in values if text not in {"-", "(empty)"} and not text.startswith(("#", "\ufeff"))]
    lines = "".join(f"{text}\t{'T' if flag else 'F'}\n" for text, flag in kept)
    rows = _rows(HEADER + "#fields\ta\tb\n#types\tstring\tbool\n" + lines)
    assert [(row.fields["a"], row.fields["b"]) for row in rows] == [(text, str(flag).lower()) for text, flag in kept]


def test_every_record_of_ritas_logs_is_accounted_for(data: Path) -> None:
    with zipfile.ZipFile(data / "zeek" / "rita.zip") as archive:
        logs = {name: archive.read(name) for name in archive.namelist() if name.endswith(".log")}
    for name, text in logs.items():
        expected = name not in {"text_file/conn.log", "truncated/conn_top.log", "truncated/conn_json.log"}
        assert zeek_tsv.sniff(text[:HEAD_BYTES]) is expected, name
        if expected:
            lines = sum(1 for line in text.splitlines() if line.strip() and not line.startswith(b"#"))
            skipped = [item for item in _read(text) if isinstance(item, Skipped)]
            assert len(_read(text)) == lines, name
            assert len(skipped) <= 1, name
