from datetime import UTC, datetime

from watchkeeper.evidence import refusal
from watchkeeper.evidence.stating import statement, statements
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource

SYSMON = "Microsoft-Windows-Sysmon/Operational"


def written(at: int, path: str, image: str = "C:\\a.exe") -> Event:
    source = LogSource(product="windows", service=SYSMON, event_type="11")
    fields: dict[str, str | tuple[str, ...]] = {"Image": image, "TargetFilename": path}
    moment = datetime(2024, 3, 5, 9, 0, at, tzinfo=UTC)
    return Event(id=f"e{at}", time=moment, host="ws7", source="a", row=at, logsource=source, fields=fields)


def test_several_events_say_together_what_all_of_them_show() -> None:
    events = [written(at, f"C:\\stage\\{at % 2}\\{at}.zip") for at in range(5)]
    below, ending = statement("files.written", events), statement("files.written.ending", events)
    assert below is not None
    assert ending is not None
    assert below.arguments == {"image": "C:\\a.exe", "folder": "C:\\stage\\", "count": "5", "host": "ws7"}
    assert (ending.arguments["ending"], ending.arguments["count"], ending.arguments["folders"]) == (".zip", "5", "2")
    known = {event.id: event for event in events}
    assert (refusal(below, known), refusal(ending, known)) == (None, None)


def test_what_is_not_the_same_of_all_is_not_said() -> None:
    one, other = written(1, "C:\\x\\1.zip"), written(2, "C:\\x\\2.zip", "C:\\b.exe")
    assert statement("files.written", [one, other]) is None
    assert statement("file.written", [one, one]) is None
    assert statement("files.written", []) is None
    assert {claim.predicate for claim in statements(("file.written", "file.deleted"), [one])} == {"file.written"}
