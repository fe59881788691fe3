"""Kinds follow the mapping; what their tables cannot hold is left to the readers."""

from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.hot.kinds import COLUMNS, Kinds
from watchkeeper.ingest.hot.names import Names
from watchkeeper.ingest.hot.values import Values


def _kinds() -> Kinds:
    values = Values(1 << 8)
    return Kinds(Names(values.secret), values)


def test_a_kind_has_candidates_for_what_its_events_say() -> None:
    kinds = _kinds()
    kinds.learn(kernels.FLAT, b"Security", b"4624")
    assert [source.event_type for source in kinds.sources] == ["4624"]
    assert kinds.classes == [3002]
    begin, end = kinds.columns_at[0, COLUMNS.index("user.name") : COLUMNS.index("user.name") + 2]
    assert len(kinds.candidates[begin:end]) == 2  # TargetUserName, TargetOutboundUserName
    begin, end = kinds.columns_at[0, COLUMNS.index("reg_key.path") : COLUMNS.index("reg_key.path") + 2]
    assert [program for _, program, _, _ in kinds.candidates[begin:end].tolist()] == [kernels.COPY]


def test_names_that_are_no_plain_text_are_no_kind() -> None:
    kinds = _kinds()
    for channel in (b"a\\u0041", b"\xff", b"x" * 600):
        kinds.learn(kernels.FLAT, channel, b"1")
    assert kinds.sources == []


def test_unnamed_data_of_winlogbeat_is_the_readers() -> None:
    kinds = _kinds()
    kinds.learn(kernels.NESTED, b"Windows PowerShell", b"800")
    kinds.learn(kernels.FLAT, b"Windows PowerShell", b"800")
    assert len(kinds.sources) == 1
    assert kinds.flags[0] == kernels.WANTS_DATA
