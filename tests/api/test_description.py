"""The description of the API is true: it is what `docs/openapi.json` says, whole, and what any request gets is in it."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from watchkeeper.api.description import description
from watchkeeper.api.resources import RESOURCES

DOCS = Path(__file__).parents[2] / "docs" / "openapi.json"
SECONDS = float(os.environ.get("WATCHKEEPER_FUZZ_SECONDS", "20"))
NOT_OURS = {"/health/ready"}
"""It answers 503 by right."""
OURS = {(method.lower(), route.path) for router in RESOURCES for route in router.routes for method in route.methods}


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_published_description_is_generated() -> None:
    assert DOCS.read_text("utf-8") == description(), "run `make docs`"


def test_every_route_says_what_it_does_gives_and_refuses() -> None:
    described = json.loads(description())
    names = [operation["operationId"] for _, _, operation in _operations(described)]
    assert len(set(names)) == len(names)
    for path, method, operation in _operations(described):
        if (method, path) in OURS:
            what = f"{method} {path}"
            assert operation["summary"], what
            assert operation["description"].endswith("."), what
            assert {"400", "401", "403", "404", "503"} <= operation["responses"].keys(), what
            content = operation["responses"].get("200", operation["responses"].get("201"))["content"]
            assert all("$ref" in one["schema"] or one["schema"]["type"] == "string" for one in content.values()), what


def test_every_body_has_an_example() -> None:
    described = json.loads(description())
    for path, method, operation in _operations(described):
        for one in operation.get("requestBody", {}).get("content", {}).values() if (method, path) in OURS else ():
            schema = (
                described["components"]["schemas"][one["schema"]["$ref"].rpartition("/")[2]] if "$ref" in one["schema"] else one["schema"]
            )
            told = [schema, *schema.get("properties", {}).values()]
            plain = all(part.get("type") == "boolean" or "default" in part for part in schema.get("properties", {}).values())
            assert plain or any("examples" in part for part in told), f"{method} {path}"


@pytest.mark.slow
def test_any_request_gets_an_answer_as_described(investigated: Path, answering: TestClient, bearer: Callable[..., dict[str, str]]) -> None:
    answering.app.state.listeners._stopping = lambda: True
    schema = schemathesis.openapi.from_dict(answering.app.openapi())
    headers = bearer("admin", "*")
    operations = [found.ok() for found in schema.get_all_operations()]
    asked = [one for one in operations if one.path not in NOT_OURS]
    ends = time.monotonic() + SECONDS
    counts = dict.fromkeys((one.label for one in asked), 0)
    rounds = 0
    while time.monotonic() < ends or rounds == 0:
        for operation in asked:
            _ask(operation, answering, headers, counts, rounds)
        rounds += 1
    assert all(counts.values())


def _ask(operation: Any, client: TestClient, headers: dict[str, str], counts: dict[str, int], number: int) -> None:
    checks = [not_a_server_error]
    if (operation.method.lower(), operation.path) in OURS:
        checks += [status_code_conformance, content_type_conformance, response_schema_conformance]

    @seed(number)
    @settings(
        max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        mine = headers | ({"Content-Type": case.media_type} if case.media_type else {})
        sent = {name: value for name, value in case.as_transport_kwargs("http://testserver", mine).items() if name != "cookies"}
        if isinstance(sent.get("data"), str | bytes):
            sent["content"] = sent.pop("data")
        answer = client.request(**sent)
        counts[operation.label] += 1
        case.validate_response(schemathesis.Response.from_httpx(answer, verify=True), checks=checks)

    ask()
