import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.ingest.jsonstream import Record
from watchkeeper.ingest.reader import Row
from watchkeeper.ingest.windows_json import row, rows, sniff


@pytest.mark.parametrize(
    ("head", "is_windows"),
    [
        (b'{"EventID":1,"Channel":"x"}', True),
        (b'\xef\xbb\xbf [\n{"winlog":{"event_id":1}}', True),
        (b'{"@timestamp":"x","event":{"code":1},"winlog":{}}', True),
        (b'{"EventID":1,"other":"product"}', False),
        (b'{"ts":1,"id.orig_h":"10.0.0.1"}', False),
        (b"EventID,Channel\n1,x", False),
        (b"", False),
    ],
)
def test_it_is_recognised_by_an_event_id_and_a_channel_or_provider(head: bytes, is_windows: bool) -> None:
    assert sniff(head) is is_windows


def test_a_shape_that_guarantees_utc_is_not_set_by_others() -> None:
    found = row(Record({"winlog": {"event_id": 1, "channel": "c"}, "@timestamp": "2024-03-05T08:15:01.25Z"}, "raw"))
    assert isinstance(found, Row)
    assert found.time == datetime(2024, 3, 5, 8, 15, 1, 250_000, tzinfo=UTC)


def test_hostile_records_cost_themselves_alone(split: Any) -> None:
    good = b'{"EventID":1,"Channel":"c","Computer":"a","Text":"%b"}\n'
    text = (
        good % b"before"
        + good % (b"x" * 1_000_000)
        + good % b"nul\0byte"
        + b'{"EventID":' * 5_000
        + b"\n"
        + good % b"\xff"
        + b'{"EventID":[],"Channel":{}}\n'
    )
    found, skipped = split(rows(io.BytesIO(text + good % b"after")))
    assert [fields["Text"][:8] for fields in (one.fields for one in found)] == ["before", "xxxxxxxx", "nul\0byte", "�", "after"]
    assert len(skipped) >= 2


@pytest.mark.parametrize("campaign", ["01", "02", "03", "04"])
@pytest.mark.slow
def test_a_local_clock_is_set_to_utc_by_the_events_that_tell_both(data: Path, campaign: str) -> None:
    (archive,) = (data / "otrf" / "compound" / f"LSASS_campaign_{campaign}").glob("*memory_dump.zip")
    with zipfile.ZipFile(archive) as opened, opened.open(opened.namelist()[0]) as stream:
        times = [one.time for one in rows(stream) if isinstance(one, Row) and one.time is not None]
    assert max(times) - min(times) < max(times).replace(hour=23) - max(times).replace(hour=0)
    assert (max(times) - min(times)).total_seconds() < 6 * 3_600
