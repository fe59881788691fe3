"""A question asked column by column gets for each event the answer it would get by itself."""

from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.tracing.columns import Question
from watchkeeper.tracing.fact import text

SOURCE = LogSource(product="windows", service="Security", event_type="4624")
words = st.sampled_from(["", "-", "a", "b"])
rows = st.lists(st.fixed_dictionaries({}, optional={"A": words, "B": words, "C": words, "D": st.lists(words, max_size=2)}), max_size=12)
QUESTIONS: dict[str, Callable[[Event], object]] = {
    "the first that says something": lambda event: text(event, "A", "B"),
    "another field where one is a": lambda event: text(event, "C") if text(event, "A") == "a" else event.host,
    "several values": lambda event: text(event, "D") or event.fields.get("D"),
    "everything": lambda event: tuple(sorted(event.fields.items())),
    "how many": lambda event: bool(event.fields),
    "what tells events apart": lambda event: (event.id, event.row, event.source, event.logsource.service),
    "presence": lambda event: "B" in event.fields,
}


def _batch(native: list[dict[str, str | list[str]]]) -> Batch:
    count = len(native)
    columns = {
        "_id": [f"{place:032x}" for place in range(count)],
        "_time": pa.array([datetime(2025, 3, 1, second=place % 50, tzinfo=UTC) for place in range(count)], pa.timestamp("us", tz="UTC")),
        "_host": [f"ws{place % 2}" for place in range(count)],
        "_source": ["a.log"] * count,
        "_row": pa.array(range(count), pa.int64()),
        "_raw": [""] * count,
    }
    table = pa.table(columns, schema=RESERVED)
    for name in dict.fromkeys(name for row in native for name in row):
        column = pa.array([row.get(name) for row in native], pa.list_(pa.string()) if name == "D" else pa.string())
        table = table.append_column(name, column)
    return Batch(SOURCE, table)


def _events(batch: Batch) -> list[Event]:
    told = batch.table.select(RESERVED.names).to_pylist()
    return [
        Event(
            id=row["_id"], time=row["_time"], host=row["_host"], source=row["_source"], row=row["_row"], logsource=SOURCE,
            fields={name: value if isinstance(value, str) else tuple(value) for name, value in fields.items()},
        )
        for row, fields in zip(told, batch.rows(), strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
@given(batches=st.lists(rows, max_size=3))
def test_each_event_gets_its_own_answer(name: str, batches: list[list[dict[str, str | list[str]]]]) -> None:
    question = Question(QUESTIONS[name])
    for native in batches:
        batch = _batch(native)
        answers, which = question.of(batch)
        assert [answers[place] for place in which.tolist()] == [QUESTIONS[name](event) for event in _events(batch)]


def test_events_alike_are_asked_once() -> None:
    asked: list[str] = []

    def ask(event: Event) -> str:
        asked.append(event.host)
        return text(event, "A")

    question = Question(ask)
    question.of(_batch([{"A": "a"}]))
    asked.clear()
    question.of(_batch([{"A": "a", "B": str(place)} for place in range(20)]))
    assert sorted(asked) == ["ws0", "ws1"]


def test_a_question_that_reads_very_many_fields_is_asked_of_every_event() -> None:
    native: list[dict[str, str | list[str]]] = [{f"F{number}": str(place) for number in range(30)} for place in range(3)]
    question = Question(lambda event: [text(event, f"F{number}") for number in range(30)])
    answers, which = question.of(_batch(native))
    assert [answers[place][29] for place in which.tolist()] == ["0", "1", "2"]
