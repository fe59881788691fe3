import gzip
import io

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.bounds import Budget
from watchkeeper.ingest.streams import DamagedError, guarded, gunzip, unzstd

PACKERS = {"gzip": (gzip.compress, gunzip), "zstd": (zstandard.compress, unzstd)}


@pytest.mark.parametrize("kind", PACKERS)
@given(parts=st.lists(st.binary(min_size=1, max_size=5_000), min_size=1, max_size=4))
def test_several_members_are_one_stream(kind: str, parts: list[bytes]) -> None:
    pack, unpack = PACKERS[kind]
    budget = Budget(1_000)
    assert unpack(io.BytesIO(b"".join(map(pack, parts))), budget).read() == b"".join(parts)
    assert budget.expanded == sum(map(len, parts))


@pytest.mark.parametrize("kind", PACKERS)
def test_a_truncated_stream_gives_what_came_before_and_then_says_so(kind: str) -> None:
    pack, unpack = PACKERS[kind]
    lines = b"".join(b"line %d\n" % number for number in range(200_000))
    stream = unpack(io.BytesIO(pack(lines)[:-20]), Budget(1_000))
    found: list[bytes] = []
    with pytest.raises(DamagedError, match="too early"):
        found.extend(stream)
    assert len(found) > 100_000
    assert lines.startswith(b"".join(found))


@pytest.mark.parametrize("kind", PACKERS)
@given(noise=st.binary(min_size=1, max_size=200))
def test_noise_is_damage_or_nothing(kind: str, noise: bytes) -> None:
    pack, unpack = PACKERS[kind]
    try:
        assert unpack(io.BytesIO(pack(b"good\n") + noise), Budget(1_000)).readline() == b"good\n"
    except DamagedError:
        return


def test_every_failure_to_read_is_damage() -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(DamagedError, match="Input/output error"):
        guarded(Broken(), lambda _: None).read(1)
