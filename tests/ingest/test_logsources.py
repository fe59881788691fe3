"""Log sources named by records."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.logsources import log_source


def test_equal_names_share_one_object() -> None:
    assert log_source("zeek", "conn") is log_source("zeek", "conn")


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_name_becomes_valid_text(name: str) -> None:
    source = log_source("suricata", name, name)
    assert len(source.service.encode()) <= 512
    assert source.model_validate_json(source.model_dump_json()) == source
