"""What a correlator keeps: bytes that another goes on from, and a clear refusal of other bytes."""

import pytest

from watchkeeper.baseline import Baseline
from watchkeeper.correlation.kept import Kept


def test_nothing_kept_reads_back_as_nothing() -> None:
    nothing = Kept.nothing(Baseline.empty())
    assert Kept.from_bytes(nothing.to_bytes()).to_bytes() == nothing.to_bytes()


@pytest.mark.parametrize("content", [b"", b"\x00", b"not what was kept", Kept.nothing(Baseline.empty()).to_bytes()[:-3]])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="this is not what a correlator"):
        Kept.from_bytes(content)
