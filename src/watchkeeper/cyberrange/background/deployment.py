"""Deployment: the management agent inventories every machine and installs packages. Owns the rollouts of the day."""

import base64

from watchkeeper.cyberrange.background.helpdesk import entries_of
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.recipe import play as play_recipe
from watchkeeper.cyberrange.tables import words
from watchkeeper.cyberrange.world import World


def play(world: World) -> None:
    """Run the agent's encoded scripts on some machines every two hours, and a few rollouts, each over several hosts in half an hour."""
    rng = world.stream("deployment")
    watched = rng.sample(sorted(world.machines), len(world.machines) // 3)
    for name in watched:
        phase = rng.uniform(0, 7200)
        while phase < world.seconds:
            _inventory(world, name, phase, rng.choice(words("duties", "agent_scripts")))
            phase += 7200
    for _ in range(max(2, round(world.seconds / 4800))):
        start = rng.uniform(0, world.seconds * 0.9)
        errand, known = (
            rng.choice(entries_of("deployment")),
            {"package": rng.choice(words("names", "packages")), "vendor": rng.choice(words("names", "vendors"))},
        )
        for name in rng.sample(sorted(world.machines), rng.randrange(2, 9)):
            play_recipe(world, _seat(world, name), errand, start + rng.uniform(0, 1800), known)


def _inventory(world: World, name: str, when: float, script: str) -> None:
    encoded = base64.b64encode(script.encode("utf-16-le")).decode()
    command = f"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}"
    play_recipe(
        world,
        _seat(world, name),
        [{"start": "powershell", "command": command, "life": 9}, {"start": "conhost", "chain": True}, {"script": script}],
        when,
    )


def _seat(world: World, name: str) -> Seat:
    machine = world.machines[name]
    return Seat(machine, machine.boot["agent"], machine.system)
