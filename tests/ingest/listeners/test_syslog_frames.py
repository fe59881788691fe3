from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.listeners.syslog_frames import Frames, one_message


def _messages(data: bytes, pieces: Iterable[int] = (), most: int = 64) -> tuple[list[bytes], int]:
    frames, found, at = Frames(most), [], 0
    for size in (*pieces, len(data)):
        found += frames.feed(data[at : at + size])
        at += size
    return [*found, *filter(None, (frames.end(),))], frames.cut


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (b"<13>a\n<13>b\r\n\n<13>c\n", [b"<13>a", b"<13>b", b"<13>c"]),
        (b"5 <13>a5 <13>b", [b"<13>a", b"<13>b"]),
        (b"5 <13>a\n<13>line\n5 <13>b<13>last", [b"<13>a", b"<13>line", b"<13>b", b"<13>last"]),
        (b"9 <13>a\nb\n\n", [b"<13>a#012b"]),
        (b"2026 was a year\n7\n8 \n12 days\n", [b"2026 was a year", b"7", b"8 ", b"12 days"]),
        (b"<13>a\0\n", [b"<13>a"]),
        (b"99 <13>cut off", [b"99 <13>cut off"]),
        (b"", []),
    ],
)
def test_both_framings_told_apart_frame_by_frame(data: bytes, messages: list[bytes]) -> None:
    assert _messages(data) == (messages, 0)
    assert _messages(data, [1] * len(data)) == (messages, 0)


def test_what_is_too_long_is_cut_and_counted_and_harms_nothing_behind_it() -> None:
    long = b"<13>" + b"x" * 100
    assert _messages(long + b"\n<13>b\n") == ([long[:64], b"<13>b"], 1)
    assert _messages(b"104 " + long + b"5 <13>b") == ([long[:64], b"<13>b"], 1)
    for size in (1, 7, 70):
        assert _messages(long + b"\n<13>b\n", [size] * 200) == ([long[:64], b"<13>b"], 1)
        assert _messages(b"104 " + long + b"5 <13>b", [size] * 200) == ([long[:64], b"<13>b"], 1)


def _framed(messages: list[tuple[bytes, bool]]) -> bytes:
    return b"".join(b"%d %s" % (len(text), text) if counted else text + b"\n" for text, counted in messages)


@given(
    st.lists(st.tuples(st.binary(max_size=40).map(lambda text: b"<1>" + text.replace(b"\n", b"")), st.booleans())),
    st.lists(st.integers(1, 9)),
)
def test_messages_come_out_however_they_are_framed_and_cut(messages: list[tuple[bytes, bool]], pieces: list[int]) -> None:
    assert _messages(_framed(messages), pieces) == ([one_message(text) for text, _ in messages], 0)


@given(
    st.lists(st.sampled_from([b"\n", b"<", b"9", b"0", b" ", b"3 <", b"x" * 70, b"\r", b"\0", b"\xff"])).map(b"".join),
    st.lists(st.integers(1, 9)),
)
def test_no_bytes_break_it_and_pieces_do_not_matter(data: bytes, pieces: list[int]) -> None:
    messages, cut = _messages(data, pieces)
    assert (messages, cut) == _messages(data)
    for message in messages:
        assert message
        assert b"\n" not in message
        assert not message.endswith(b"\r")
        assert len(message) <= 64 * 4


def test_what_is_held_between_pieces_is_one_frame_at_most() -> None:
    frames = Frames(100)
    for piece in (b"999999999 <", b"x" * 50, b"\n", b"7" * 500):
        for _ in range(100):
            list(frames.feed(piece))
            assert len(frames._left) <= 600
