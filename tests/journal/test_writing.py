"""A partition: what was appended is there, whatever happens to the file's end or middle."""

import random
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.journal import Frames, Partition, trim
from watchkeeper.journal.frame import MARK, Frame, packed
from watchkeeper.journal.segments import segments

KEY = bytes(range(32))
ENTRIES = st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=400)), min_size=1, max_size=8)


def _all(folder: Path, after: int = -1) -> list[tuple[int, bytes, bytes]]:
    frames = Frames(folder, KEY, after)
    found = [tuple(one) for one in frames.new()]
    frames.close()
    return found


@settings(max_examples=60, deadline=None)
@given(groups=st.lists(ENTRIES, min_size=1, max_size=6), segment_bytes=st.integers(1, 2_000))
def test_what_was_appended_is_read_in_order_over_segments_and_openings(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[tuple[bytes, bytes]]], segment_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("partition")
    for group in groups:
        partition = Partition(folder, KEY, segment_bytes=segment_bytes)
        partition.append(group)
        partition.close()
    everything = [(number, *entry) for number, entry in enumerate(entry for group in groups for entry in group)]
    assert _all(folder) == everything
    middle = len(everything) // 2
    assert _all(folder, middle - 1) == everything[middle:]


@settings(max_examples=80, deadline=None)
@given(entries=ENTRIES, tail=st.binary(max_size=200), cut=st.integers(0, 300))
def test_a_torn_tail_is_cut_off_and_nothing_whole_with_it(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[bytes, bytes]], tail: bytes, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("partition")
    partition = Partition(folder, KEY)
    partition.append(entries)
    partition.close()
    torn = packed(Frame(len(entries), b"head", b"body" * 50), KEY)
    with segments(folder)[-1].open("ab") as file:
        file.write(tail + torn[: min(cut, len(torn) - 1)])
    partition = Partition(folder, KEY)
    assert partition.cut_bytes == len(tail) + min(cut, len(torn) - 1)
    partition.append([(b"", b"after")])
    partition.close()
    assert [body for _, _, body in _all(folder)] == [*(body for _, body in entries), b"after"]


@pytest.mark.parametrize("seed", range(12))
def test_damage_in_the_middle_costs_the_frames_it_hits_and_is_counted(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    partition = Partition(tmp_path, KEY, segment_bytes=5_000)
    for number in range(40):
        partition.append([(b"%d" % number, chance.randbytes(300))])
    partition.close()
    whole = _all(tmp_path)
    path = chance.choice(segments(tmp_path))
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data) - 8)
    data[at : at + 8] = bytes(8)
    path.write_bytes(data)
    frames = Frames(tmp_path, KEY)
    left = [tuple(one) for one in frames.new()]
    assert set(left) <= set(whole)
    assert len(left) >= len(whole) - 2
    frames.close()
    partition = Partition(tmp_path, KEY)
    partition.close()
    assert frames.damaged_bytes + partition.cut_bytes > 0  # the last frame of all is cut off like one that was never finished


def test_a_stranger_s_bytes_never_pass_for_a_frame(tmp_path: Path) -> None:
    forged = packed(Frame(7, b"forged", b"forged"), bytes(32))
    partition = Partition(tmp_path, KEY)
    partition.append([(b"", forged * 3), (b"", MARK * 100)])
    partition.close()
    path = segments(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[30] ^= 1  # the frame around it is damaged: what stands in it is looked at
    path.write_bytes(data)
    assert _all(tmp_path) == [(1, b"", MARK * 100)]


def test_a_reader_follows_a_writer(tmp_path: Path) -> None:
    partition = Partition(tmp_path, KEY, segment_bytes=300)
    frames = Frames(tmp_path, KEY)
    seen: list[int] = []
    for _ in range(30):
        partition.append([(b"", b"x" * 100)])
        seen += [one.sequence for one in frames.new()]
    assert seen == list(range(30))
    assert frames.damaged_bytes == 0
    partition.close()
    frames.close()


def test_what_the_lake_holds_is_trimmed_and_numbers_go_on(tmp_path: Path) -> None:
    partition = Partition(tmp_path, KEY, segment_bytes=300)
    for _ in range(30):
        partition.append([(b"", b"x" * 100)])
    partition.close()
    assert trim(tmp_path, 14) > 0
    assert [number for number, _, _ in _all(tmp_path, 14)] == list(range(15, 30))
    assert trim(tmp_path, 29, keep_seconds=60) == 0
    trim(tmp_path, 29)
    partition = Partition(tmp_path, KEY)
    assert partition.append([(b"", b"")]) == [30]
    partition.close()


def test_after_a_power_cut_no_number_is_given_that_a_reader_knows(tmp_path: Path) -> None:
    Partition(tmp_path, KEY).close()
    partition = Partition(tmp_path, KEY, least=100)
    assert partition.append([(b"", b"")]) == [100]
    partition.close()
    assert [number for number, _, _ in _all(tmp_path, 99)] == [100]


_FULL = """
import resource, signal, sys
from pathlib import Path
from watchkeeper.journal import Partition
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
partition = Partition(Path(sys.argv[1]), bytes(range(32)))
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
kept, refused = [], 0
for number in range(40):
    try:
        kept += partition.append([(b"", b"%03d" % number * 100)])
    except OSError:
        refused += 1
    if number == 30:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
print(refused, *kept)
"""


def test_what_finds_no_room_is_refused_whole_and_later_there_may_be_room(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    refused, *kept = (int(word) for word in done.stdout.split())
    assert refused
    assert [number for number, _, _ in _all(tmp_path)] == kept
    assert all(body == b"%03d" % number * 100 for number, _, body in _all(tmp_path))
    assert kept[-1] == 39


_TAKEN_BACK = """
import resource, signal, sys
from pathlib import Path
from watchkeeper.journal import Frames, Partition
from watchkeeper.journal.frame import Frame, packed
from watchkeeper.journal.segments import segments
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, key = Path(sys.argv[1]), bytes(range(32))
partition, frames = Partition(folder, key), Frames(folder, key)
partition.append([(b"", b"kept")])
path = segments(folder)[-1]
path.open("ab").write(packed(Frame(1, b"", b"half of what was written before the disk was full" * 20), key))
seen = [frame.sequence for frame in frames.new()]
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    partition.append([(b"", b"x" * 1000)])
except OSError:
    pass
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
after = partition.append([(b"", b"a"), (b"", b"b")])
print(*seen, *(frame.sequence for frame in frames.new()), "|", *after)
"""


def test_a_reader_that_saw_what_was_taken_back_misses_nothing_that_comes_after(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _TAKEN_BACK, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "0 1 2 3 | 2 3\n"


def test_a_reader_misses_nothing_while_segments_change_under_it(tmp_path: Path) -> None:
    partition, frames, seen = Partition(tmp_path, KEY, segment_bytes=300), Frames(tmp_path, KEY), list[int]()
    writing = Thread(target=lambda: [partition.append([(b"", b"x" * 90)]) for _ in range(600)])
    writing.start()
    while writing.is_alive():
        seen += [one.sequence for one in frames.new()]
    seen += [one.sequence for one in frames.new()]
    assert seen == list(range(600))
    assert frames.damaged_bytes == 0
    partition.close()
    frames.close()


def test_heads_behind_a_damaged_place_are_found(tmp_path: Path) -> None:
    partition = Partition(tmp_path, KEY)
    for number in range(9):
        partition.append([(b"%d" % number, b"x" * 100)])
    partition.close()
    path = segments(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[4 * (len(data) // 9)] ^= 255
    path.write_bytes(data)
    assert [head for _, head in Frames(tmp_path, KEY).heads()] == [b"0", b"1", b"2", b"3", b"5", b"6", b"7", b"8"]
