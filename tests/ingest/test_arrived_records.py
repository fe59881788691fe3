"""One record in JSON is read for itself."""

from datetime import UTC, datetime

from watchkeeper.ingest.arrived_records import completed, line_reader, read
from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Row
from watchkeeper.ingest.text import text

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _record(written: str) -> Record:
    found = decode_text(written)
    assert isinstance(found, Record)
    return found


def test_a_record_says_who_read_it() -> None:
    reads = line_reader(text, NOW)
    assert read(_record('{"ts":1600000000.5,"_path":"conn","uid":"C1"}'), reads).reader == "zeek_json"
    assert read(_record('{"EventID":4688,"Provider":"x"}'), reads).reader == "windows_json"
    assert read(_record('{"message":"Jan  1 10:00:00 h su: x"}'), reads).reader == "text"
    assert read(_record('{"what":"else"}'), reads).reader == ""


def test_time_and_host_of_the_envelope_only_fill_what_is_missing() -> None:
    bare = Row(log_source("x"), None, "", {}, "")
    beside = completed(bare, {"@timestamp": "2020-01-01T00:00:00Z", "host": {"name": "h"}})
    assert (beside.time, beside.host) == (datetime(2020, 1, 1, tzinfo=UTC), "h")
    assert completed(bare, {"time": 1_577_836_800_000}).time == datetime(2020, 1, 1, tzinfo=UTC)
    assert completed(bare, {"time": "no", "host": 7}) == bare
    own = Row(log_source("x"), NOW, "own", {}, "")
    assert completed(own, {"time": 1, "host": "other"}) == own
