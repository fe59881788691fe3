"""Software counts where evidence names it plainly, and not where a word merely looks like it."""

from collections.abc import Callable

import pytest

from watchkeeper.attack import Catalogue
from watchkeeper.model.entity import Entity
from watchkeeper.model.impact import WatchItem, Watchlist
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.tracing.outlook.software import software_in


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("HackTool - Mimikatz Execution", {"S0002"}),
        ("HackTool:Win32/Mimikatz!MTB", {"S0002"}),
        ("Lace Tempest Cobalt Strike Download", {"S0154"}),
        ("MimikatzLike behaviour", set()),
        ("mimikatz in a sentence", set()),
        ("Suspicious Net use", set()),
        ("Apache Spark Shell Command Injection", set()),
        ("Cobalt mine", set()),
    ],
)
def test_titles(incident: Callable[..., Incident], catalogue: Catalogue, title: str, found: set[str]) -> None:
    assert set(software_in(incident((), titles=(title,)), catalogue)) == found


@pytest.mark.parametrize(
    ("file", "found"), [("mimikatz.exe", {"S0002"}), ("net.exe", set()), ("notmimikatz.exe", set()), ("spark.exe", set())]
)
def test_programs_of_the_attack(incident: Callable[..., Incident], catalogue: Catalogue, file: str, found: set[str]) -> None:
    item = WatchItem(
        entity=Entity(kind="file", value=file), why=Note(code="watch.program"), sightings=0, first_seen=None, last_seen=None, hosts=()
    )
    given = incident(()).model_copy(update={"watchlist": Watchlist(items=(item,), why=())})
    assert software_in(given, catalogue) == dict.fromkeys(found, file)


def test_what_named_it_first_is_told(incident: Callable[..., Incident], catalogue: Catalogue) -> None:
    assert software_in(incident((), titles=("Mimikatz Use", "Mimikatz Driver")), catalogue) == {"S0002": "Mimikatz Use"}
