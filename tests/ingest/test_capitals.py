"""Names that lost their capitals."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.content import document
from watchkeeper.ingest.capitals import recased
from watchkeeper.ingest.jsonstream import Json


def test_names_get_their_capitals_back_at_any_depth() -> None:
    record: dict[str, Json] = {
        "eventsource": "iam.amazonaws.com",
        "eventname": "x",
        "useridentity": {"username": "maria", "other": [{"accountid": "1"}]},
    }
    assert list(recased(record)) == [
        {"eventSource": "iam.amazonaws.com", "eventName": "x", "userIdentity": {"userName": "maria", "other": [{"accountId": "1"}]}}
    ]


def test_a_record_with_capitals_or_with_few_known_names_is_left() -> None:
    assert not list(recased({"eventsource": "x", "eventname": "y", "awsRegion": "z"}))
    assert not list(recased({"eventsource": "x", "eventname": "y"}))
    assert not list(recased({}))


def test_nesting_has_an_end() -> None:
    deep: Json = {"eventname": "x"}
    for _ in range(100):
        deep = {"requestparameters": deep}
    [found] = recased({"eventsource": "x", "eventname": "y", "useridentity": deep})
    assert found["eventName"] == "y"


@given(
    st.dictionaries(st.sampled_from(["eventtype", "displaymessage", "published", "logname", "id", "creationtime", "workload"]), st.text())
)
def test_no_value_is_lost(record: dict[str, Json]) -> None:
    assert all(sorted(map(str, one.values())) == sorted(map(str, record.values())) for one in recased(record))


def test_the_names_listed_have_capitals_and_stand_once() -> None:
    for names in document("capitals.yml").values():
        assert all(name != name.lower() for name in names)
        assert len({name.lower() for name in names}) == len(names)
