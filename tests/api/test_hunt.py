"""Questions in SQL over the API: answered, bounded, written down, refused, stopped; hunts asked of a case."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.autopilot.sql_desk import MOST_OF_ONE, BusyError, Question, SqlDesk
from watchkeeper.lake import EventTable, Limits, Questions
from watchkeeper.model.stored import STORED_SCHEMA
from watchkeeper.store import Store
from watchkeeper.store.people import People

Ask = Callable[..., Any]
Bearer = Callable[..., dict[str, str]]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _event(number: int, tenant: str = "default") -> dict[str, object]:
    given = {
        "_tenant": tenant, "_day": date(2026, 11, 26), "_id": f"{number:032x}", "_time": NOON, "_host": f"ws{number % 3}",
        "_source": "edge", "_row": number, "_raw": "{}", "_received": NOON, "_product": "windows", "_service": "security",
        "_event_type": "4624", "user.name": "=cmd()",
    }  # fmt: skip
    return {name: given.get(name) for name in STORED_SCHEMA.names}


@pytest.fixture
def sql(tmp_path: Path) -> SqlDesk:
    rows = [*(_event(number) for number in range(30)), *(_event(number, "acme") for number in range(100, 105))]
    EventTable(tmp_path / "lake").append(pa.Table.from_pylist(rows, schema=STORED_SCHEMA), "test", 1)
    return SqlDesk(Questions(tmp_path / "lake"))


@pytest.fixture
def hunting(people: People, store: Store, sql: SqlDesk) -> TestClient:
    return TestClient(build(Platform(people=people, stores=store.of, sql=sql)))


def _ask(client: TestClient, headers: dict[str, str], query: str, code: int = 200, **more: object) -> Any:
    answer = client.post("/api/hunt", headers=headers, json={"sql": query, **more})
    assert answer.status_code == code, answer.text
    return answer.json()


def test_a_question_is_answered_over_the_own_events_alone(hunting: TestClient, bearer: Bearer) -> None:
    counted = _ask(hunting, bearer("analyst", days=900), "SELECT _host, count(*) AS n FROM events GROUP BY _host ORDER BY _host")
    assert [column["name"] for column in counted["columns"]] == ["_host", "n"]
    assert counted["rows"] == [["ws0", 10], ["ws1", 10], ["ws2", 10]]
    assert _ask(hunting, bearer("analyst", "acme", days=900), "SELECT count(*) FROM events")["rows"] == [[5]]


def test_what_may_not_be_asked_is_refused_plainly(hunting: TestClient, bearer: Bearer) -> None:
    who = bearer("analyst", days=900)
    for query in ("DROP TABLE events", "SELECT * FROM read_csv('/etc/passwd')", "SELECT nothing FROM events", "SELECT"):
        assert _ask(hunting, who, query, 400)["detail"], query
    assert _ask(hunting, who, "SELECT _id FROM events", rows=7)["more"]
    assert _ask(hunting, who, "SELECT 1", 422, rows=100_000)
    assert hunting.post("/api/hunt", headers=bearer("viewer", days=900), json={"sql": "SELECT 1"}).status_code == 403


def test_an_entitys_events_are_given_newest_first(hunting: TestClient, bearer: Bearer) -> None:
    who = bearer("analyst", days=900)
    told = hunting.get("/api/entities/host/events?value=WS1&limit=4", headers=who).json()
    assert {row[2] for row in told["rows"]} == {"ws1"}
    assert len(told["rows"]) == 4
    assert len(hunting.get("/api/entities/user/events?value=%3Dcmd()", headers=who).json()["rows"]) == 30
    assert hunting.get("/api/entities/hash/events", params={"value": "x' OR ''='"}, headers=who).json()["rows"] == []
    assert hunting.get("/api/entities/task/events?value=x", headers=who).status_code == 400


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_rows_are_written_down(hunting: TestClient, bearer: Bearer, form: str) -> None:
    asked = {"sql": 'SELECT _id, "user.name" FROM events ORDER BY _id', "form": form, "rows": 20}
    told = hunting.post("/api/hunt/export", headers=bearer("analyst", days=900), json=asked)
    assert (told.status_code, told.headers["x-more"]) == (200, "true"), told.text
    if form == "parquet":
        assert pq.read_table(io.BytesIO(told.content)).num_rows == 20
    else:
        assert len(told.text.splitlines()) == 20 + (form == "csv")
    if form == "csv":
        assert told.text.splitlines()[1].endswith(",'=cmd()")


def test_so_many_ask_at_once_and_each_can_be_stopped(sql: SqlDesk) -> None:
    def question(name: str) -> Question:
        return Question("SELECT 1", "default", "ann", name, Limits())

    with sql._counted(question("a")), sql._counted(question("b")):
        assert MOST_OF_ONE == 2
        with pytest.raises(BusyError, match="2 of them yours"):
            sql.ask(question("c"))
    assert sql.ask(question("a")).rows.num_rows == 1
    assert not sql.stop("default", "ann", "a")


def test_hunts_are_listed_and_asked_of_a_case(ask: Ask) -> None:
    every = ask("GET", "hunts?limit=500")["items"]
    assert len(every) > 5
    told = ask("POST", f"hunts/{every[0]['name']}", lang="zh")
    assert told["hunt"]["name"] == every[0]["name"]
    assert "no hunt is called 'nonesuch'" in ask("POST", "hunts/nonesuch", 400, lang="en")["detail"]
