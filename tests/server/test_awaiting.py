"""A process that starts while its database is away waits for it and says so."""

from pathlib import Path

from watchkeeper.server.awaiting import awaited
from watchkeeper.server.vitals import Pulse


def test_it_is_opened_once_it_answers_and_until_then_said_what_is_waited_for(tmp_path: Path) -> None:
    place, pulse, said = tmp_path / "state", Pulse(tmp_path, "keeper"), list[str]()
    place.write_text("no folder yet")

    def stopping() -> bool:
        said.append(pulse.vitals().hindered)
        if len(said) == 3:
            place.unlink()
        return False

    store = awaited(place, pulse, stopping, 0.0)
    assert store is not None
    store.close()
    assert [bool(one) for one in said] == [False, True, True]
    assert pulse.vitals().hindered == ""


def test_who_is_told_to_stop_waits_no_longer(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    assert awaited(tmp_path / "state", Pulse(tmp_path, "keeper"), lambda: True) is None
