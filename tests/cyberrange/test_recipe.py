import pytest

from watchkeeper.content import document
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.recipe import play
from watchkeeper.cyberrange.world import World, build


@pytest.fixture(scope="module")
def world() -> World:
    return build(4, 20, 3)


def _acts() -> list[tuple[str, list]]:
    listed = []
    for name in ("attack", "routines", "duties"):
        for kit, ways in document(f"range/{name}.yml").items():
            for number, way in enumerate(ways):
                acts = way.get("do") if isinstance(way, dict) else way
                if isinstance(acts, list):
                    listed.append((f"{name}/{kit}/{number}", acts))
    return listed


@pytest.mark.parametrize("acts", [acts for _, acts in _acts()], ids=[name for name, _ in _acts()])
def test_every_recipe_of_the_content_can_be_played(acts: list, world: World) -> None:
    machine = world.first("web")
    machine.boot["explorer"] = machine.boot["svchost"]
    seat = Seat(machine, machine.boot["services"], machine.logon(world.company.people[0], 1, elevated=False))
    known = dict.fromkeys(("implant", "drop", "stage", "task", "payload", "note", "encoded", "maker", "newuser"), "x") | {
        "c2": "c2.example",
        "c2ip": "45.1.2.3",
    }
    playing = play(world, seat, acts, 100.0, known)
    assert playing.when > 100.0
    assert not {value for value in playing.known.values() if "<" in value}


def test_a_chained_process_is_the_child_of_the_one_before(world: World) -> None:
    machine = world.first("mail")
    seat = Seat(machine, machine.boot["services"], machine.system)
    cmd = play(world, seat, [{"start": "cmd", "command": "cmd.exe /c whoami", "stay": True}], 10).process
    both = play(world, seat, [{"start": "cmd", "stay": True}, {"start": "whoami", "command": "whoami", "chain": True}], 20)
    assert cmd.command == "cmd.exe /c whoami"
    assert both.process.image == program("whoami").image
    assert both.acting.process == both.process


def test_an_unknown_act_is_an_error(world: World) -> None:
    machine = world.first("mail")
    with pytest.raises(KeyError):
        play(world, Seat(machine, machine.boot["services"], machine.system), [{"dance": "tango"}], 10)
