"""Lines of words."""

import re2

from watchkeeper.ingest.suggest.prose import prose_in


def test_lines_without_time_are_recognised_by_their_first_word() -> None:
    found = prose_in([f"%DOOR-{at}-1200{at}: was opened by u{at} from 203.0.113.{at}" for at in range(9)], "")
    assert found is not None
    assert found.recognise == [{"message": r"^%DOOR-\d+-\d+:"}]


def test_what_only_begins_with_a_time_is_general() -> None:
    lines = ["2026-03-02 10:00:00 went out", "2026-03-02 10:00:01 b 7", "2026-03-02 10:00:02 (x) came from 203.0.113.9"]
    found = prose_in(lines * 3, "")
    assert found is not None
    assert found.general
    assert found.time == [{"text": "{_time}", "format": "iso"}]
    assert all(re2.search(str(found.recognise[0]["message"]), line) for line in lines)


def test_messages_of_a_program_need_no_other_sign() -> None:
    found = prose_in(["in by bob", "out", "user eve out"], "badger")
    assert found is not None
    assert found.recognise == [{"programs": ["badger"]}]
    assert prose_in(["?", "!"], "") is None
