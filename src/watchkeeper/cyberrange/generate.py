"""Generate: one day of the company, written to disk. Owns the order of things; evidence and truth lie in separate folders."""

from pathlib import Path
from random import Random

import yaml

from watchkeeper.cyberrange.background import ACTORS
from watchkeeper.cyberrange.scenarios import SCENARIOS, Story
from watchkeeper.cyberrange.world import World, build


def generate(scenario: str, seed: int, out: Path, *, hosts: int = 40, hours: float = 8, later: int = 0) -> None:
    """Write `evidence/` (Windows NDJSON a host, Zeek JSON), `assets.yml` and `truth/` under `out`; same arguments, same bytes.

    The background is the same for a seed whatever the scenario. So many days `later` it is the same company at another day's work; the
    attacker of a scenario comes back with the same infrastructure and tools, on other machines at another hour.

    Raises:
        KeyError: there is no scenario of that name.
        ValueError: there are too many hosts.
    """
    attack = SCENARIOS[scenario]
    world = build(seed, hosts, hours, later)
    world.returning = Random(f"{seed}/attack/{scenario}") if later else None
    for play in ACTORS:
        play(world)
    story = attack(world, world.stream(f"attack/{scenario}"))
    world.journal.write(out, world.stream("numbers"))
    (out / "assets.yml").write_text(_assets(world), "utf-8")
    (out / "truth" / "story.yml").write_text(_story(scenario, seed, later, story), "utf-8")


def _assets(world: World) -> str:
    assets = [
        {
            "name": host.name.lower(),
            "owner": host.owner.name if host.owner else "IT operations",
            "role": host.role,
            "criticality": host.criticality,
            "protected": host.protected,
            "addresses": [host.address],
        }
        for host in world.company.hosts
    ]
    return "# synthetic: true\n" + yaml.safe_dump({"assets": assets}, allow_unicode=True, sort_keys=False)


def _story(scenario: str, seed: int, later: int, story: Story | None) -> str:
    told: dict[str, object] = {**({"later": later} if later else {}), **(story.told() if story else {})}
    return yaml.safe_dump({"synthetic": True, "scenario": scenario, "seed": seed, **told}, allow_unicode=True, sort_keys=False)
