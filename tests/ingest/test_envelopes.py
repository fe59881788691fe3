"""What collectors put around records."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.envelopes import listed, unwrapped
from watchkeeper.ingest.jsonstream import Json

INNER: dict[str, Json] = {"action": "x"}
_JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["detail", "message", "items", "integration", "x"]), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "record",
    [
        {"detail-type": "x", "detail": INNER},
        {"_index": "x", "_source": INNER},
        {"message": json.dumps(INNER)},
        {"result": {"_raw": json.dumps(INNER)}},
        {"rule_id": "5710", "all_fields": INNER},
        {"integration": "github", "github": INNER},
        {"category": "kube-audit-admin", "properties": {"log": json.dumps(INNER)}},
    ],
    ids=["eventbridge", "elasticsearch", "text", "splunk", "shuffle", "wazuh", "aks"],
)
def test_the_record_is_found_within(record: dict[str, Json]) -> None:
    assert INNER in list(unwrapped(record))


def test_text_that_is_no_object_is_no_record() -> None:
    assert not list(unwrapped({"message": "{not json}", "detail": "[1]", "integration": 7, "data": None}))


def test_envelopes_within_envelopes_have_an_end() -> None:
    record: dict[str, Json] = INNER
    for _ in range(30):
        record = {"detail": record}
    assert len(list(unwrapped(record))) == 4


def test_a_document_lists_records() -> None:
    assert listed({"kind": "EventList", "items": [INNER]}) == [INNER]
    assert listed({"hits": {"total": 1, "hits": [INNER]}}) == [INNER]
    assert listed({"items": [INNER, 1]}) == []
    assert listed({"items": []}) == []


@given(st.dictionaries(st.sampled_from(["detail", "message", "items", "integration", "x"]), _JSON))
def test_nothing_breaks_them(record: dict[str, Json]) -> None:
    assert all(isinstance(one, dict) for one in [*unwrapped(record), *listed(record)])
