"""A walk as text: each thing under the one it hangs on, values harmless, in both languages; and as a picture."""

from datetime import UTC, datetime

import pytest

from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Node, NodeKind
from watchkeeper.model.walk import Branch, Walk
from watchkeeper.reporting.tree import drawn, tree

NINE = datetime(2024, 3, 5, 9, 0, tzinfo=UTC)


def _branch(id_: str, above: str | None, kind: str, label: str, thing: NodeKind = "process", **details: str) -> Branch:
    node = Node(id=id_, kind=thing, label=label, host="ws7", time=NINE, details=details, alerted=False, tactic="")
    return Branch(
        node=node, above=above, kind=kind, acted=False, time=NINE, event="e" * 32 if above else "", alike=3 if kind == "wrote" else 0
    )


WALK = Walk(
    events=("a1",),
    back=(),
    forward=(
        _branch("n1", None, "", "a.exe", pid="7", command="a.exe \x1b[31mred"),
        _branch("n2", "n1", "started", "b.exe", pid="8", command="b.exe /x"),
        _branch("n3", "n2", "wrote", "c.txt", "file", path=r"C:\c.txt"),
        _branch("n4", "n1", "started", "d.exe"),
    ),
    notes=(Note(code="walk.deeper.forward", arguments={"count": "4"}),),
    read=12,
)


def test_things_stand_under_what_they_hang_on() -> None:
    lines = list(tree(WALK, "en"))
    assert lines[0] == "What it did"
    assert lines[1] == "a.exe (pid 7) @ws7  2024-03-05 09:00:00"
    assert lines[3].startswith("├─ → started b.exe (pid 8) @ws7  2024-03-05 09:00:00  [eeeeeeeeeeee]")
    assert lines[4] == "│  │   b.exe /x"
    assert lines[5].startswith("│  └─ → wrote ")
    assert lines[5].endswith("and 3 more like it")
    assert lines[6].startswith("└─ → started d.exe")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_from_a_log_steers_the_terminal(language: Language) -> None:
    assert not any("\x1b" in line for line in tree(WALK, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_cut_is_said_last(language: Language) -> None:
    assert "4" in list(tree(WALK, language))[-1]


def test_the_picture_holds_every_thing() -> None:
    picture = str(drawn(WALK, "en"))
    assert picture.startswith("<svg")
    assert all(label in picture for label in ("a.exe", "b.exe", "c.txt", "d.exe"))
