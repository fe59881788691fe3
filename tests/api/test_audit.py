"""The log can be read page by page, a tenant's own by its admin."""

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient
from tests.api.conftest import NOW

from watchkeeper.model.audit import Happened
from watchkeeper.store.people import People


def test_pages_go_back_to_the_first_entry(client: TestClient, bearer: Callable[..., dict[str, str]], people: People) -> None:
    for number in range(5):
        tenant = "acme" if number % 2 else "other"
        people.audit.record(Happened(time=NOW + timedelta(seconds=number), tenant=tenant, who="w", what="x", on=str(number)))
    everywhere = bearer("admin", "*")
    found: list[str] = []
    before: int | None = None
    while True:
        asked = {"tenant": "*", "limit": 2} | ({"before": before} if before else {})
        page = client.get("/api/audit", headers=everywhere, params=asked).json()
        found += [one["on"] for one in page["entries"] if one["what"] == "x"]
        before = page["before"]
        if before is None:
            break
    assert found == ["4", "3", "2", "1", "0"]
    ours = client.get("/api/audit", headers=bearer("admin", "acme")).json()["entries"]
    assert {one["tenant"] for one in ours} == {"acme"}
    head = client.get("/api/audit/head", headers=everywhere).json()
    assert head == people.audit.head().model_dump()
