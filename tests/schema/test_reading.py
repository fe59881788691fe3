"""One event read alone says what the view of a whole table says of it."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.model.batch import RESERVED, Batch, Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import Reading, view

CASES = sorted((Path(__file__).parent.parent / "cases" / "schema").iterdir())
DERIVED = ("_", "time", "raw_data", "metadata.version", "class_uid", "category", "type_", "activity_id", "severity")
"""What the view adds to what mappings say."""


def seen(source: LogSource, row: dict[str, Value]) -> dict[str, object]:
    kinds = zip(RESERVED.names, RESERVED.types, strict=True)
    reserved = [pa.array([0 if kind == pa.int64() else None if name == "_time" else ""], kind) for name, kind in kinds]
    native = [pa.array([value], pa.string() if isinstance(value, str) else pa.list_(pa.string())) for value in row.values()]
    table = pa.table([*reserved, *native], names=[*RESERVED.names, *row])
    return {name: value for name, value in view(Batch(source, table)).to_pylist()[0].items() if value is not None}


def as_texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values if one is not None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_event_read_alone_says_what_the_view_says(case: Path) -> None:
    for line in (case / "events.jsonl").read_text("utf-8").splitlines():
        event = json.loads(line)
        source = LogSource(product=event["product"], service=event["service"], event_type=event["event_type"])
        whole, alone = seen(source, event["fields"]), Reading(source, event["fields"])
        assert alone.class_name == whole["class_name"]
        for path, value in whole.items():
            if path != "class_name" and not path.startswith(DERIVED) and not path.endswith("_id"):
                assert tuple(text.lower() for text in alone.texts(path)) == tuple(text.lower() for text in as_texts(value)), (path, line)


def test_what_an_event_does_not_say_is_nothing() -> None:
    alone = Reading(LogSource(product="linux", service="sshd", event_type="failed"), {"user": "-", "src_ip": "198.51.100.4"})
    assert (alone.text("user.name"), alone.texts("no.such.thing")) == ("", ())
    assert (alone.class_name, alone.text("status"), alone.text("src_endpoint.ip")) == ("Authentication", "Failure", "198.51.100.4")
