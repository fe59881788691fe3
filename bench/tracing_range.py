"""The range, traced: the entry, the attack's logged steps, and the hosts that it touched, against the range's own truth.

A step is what the attacker did on one host by one technique (`truth/attack_events.jsonl`). The entry is right if an edge at it cites an
event of the earliest logged step (`tied`), or if it is the process on the host that the story begins with (`named`).
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from range import member, watchkeeper
from tracing_case import Case, Told, drawn, investigated, share, short
from tracing_claims import checked

MOST_OTHERS = 2
Place = tuple[str, int]


@dataclass(frozen=True)
class Played:
    """How one intrusion was traced."""

    scenario: str
    seed: int
    entry: str
    """`tied`, `named`, `wrong`, or `none` where nothing was traced."""
    entry_node: str
    asked: str
    """Host and process that the story begins with."""
    steps: int
    in_graph: int
    followed: int
    """Steps with an event that the graph or the trace's list of events holds."""
    nodes: int
    touched: int
    unconfirmed: tuple[str, ...]
    """Touched hosts that are not confirmed."""
    unnamed: tuple[str, ...]
    """Touched hosts that none of the three sets holds."""
    others: tuple[str, ...]
    """Hosts that are confirmed but were not touched."""
    claims: int
    refused: int
    seconds: float

    @property
    def impact_right(self) -> bool:
        """Say whether the three sets hold every touched host, and few others are confirmed."""
        return not self.unnamed and len(self.others) <= MOST_OTHERS

    @property
    def line(self) -> str:
        """What a person reads of it."""
        return (
            f"{self.scenario:20} seed {self.seed}: entry {self.entry} ({self.entry_node!r}; began with {self.asked!r})"
            f"  steps {self.in_graph}/{self.steps} in the graph, {self.followed} followed  {self.nodes} nodes"
            f"  hosts {self.touched}: unconfirmed {list(self.unconfirmed)}, in no set {list(self.unnamed)}, others {list(self.others)}"
            f"  claims {self.claims}, {self.refused} refused  {self.seconds} s"
        )


def played(scenario: str, seed: int) -> Played:
    """Make the evidence, run the product over it, and score what it says."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "range"
        watchkeeper("range", "generate", "--scenario", scenario, "--seed", str(seed), "--out", str(place))
        case = investigated(place / "evidence", Path(folder), "--assets", str(place / "assets.yml"), "--keep", "all")
        return scored(scenario, seed, place / "truth", case)


def scored(scenario: str, seed: int, truth: Path, case: Case) -> Played:
    """Score a case against the truth that the range wrote."""
    story = yaml.safe_load((truth / "story.yml").read_text("utf-8"))
    trace = case.trace or {"nodes": [], "edges": [], "events": [], "entry": None}
    steps = steps_of(truth)
    graph = _stand(case, drawn(trace))
    wide = graph | _stand(case, trace["events"])
    hosts = {name: {short(one["entity"]["value"]) for one in found} for name, found in _touched(case.first).items()}
    touched = set(story["hosts"])
    claims, refused = checked(case)
    node = next((node for node in trace["nodes"] if node["id"] == trace["entry"]), {"kind": "-", "label": "-", "host": ""})
    return Played(
        scenario=scenario,
        seed=seed,
        entry=entry(case, trace, node, steps[0], story["entry"]),
        entry_node=f"{node['kind']} {node['label']}",
        asked=f"{story['entry']['host']} {_base(story['entry']['process'])}",
        steps=len(steps),
        in_graph=sum(bool(step & graph) for step in steps),
        followed=sum(bool(step & wide) for step in steps),
        nodes=len(trace["nodes"]),
        touched=len(touched),
        unconfirmed=tuple(sorted(touched - hosts["confirmed"])),
        unnamed=tuple(sorted(touched - hosts["confirmed"] - hosts["probable"] - hosts["possible"])),
        others=tuple(sorted(hosts["confirmed"] - touched)),
        claims=claims,
        refused=sum(refused.values()),
        seconds=case.seconds,
    )


def steps_of(truth: Path) -> list[set[Place]]:
    """Give where the events of each logged step stand, earliest step first."""
    found: dict[tuple[str, str, str], set[Place]] = {}
    for event in map(json.loads, (truth / "attack_events.jsonl").read_text("utf-8").splitlines()):
        found.setdefault((event["step"], event["technique"], event["host"]), set()).add((event["file"], event["row"]))
    return list(found.values())


def entry(case: Case, trace: Told, node: Told, earliest: set[Place], began: dict[str, str]) -> str:
    """Judge the entry."""
    if trace["entry"] is None:
        return "none"
    edges = [edge for edge in trace["edges"] if trace["entry"] in {edge["source"], edge["target"]}]
    if any(_stand(case, edge["evidence"]) & earliest for edge in edges):
        return "tied"
    same = node["kind"] == "process" and short(node["host"]) == began["host"] and _base(node["label"]) == _base(began["process"])
    return "named" if same else "wrong"


def _stand(case: Case, ids: Iterable[str]) -> set[Place]:
    return {(member(case.sources[id_]), case.places[id_][1]) for id_ in ids if id_ in case.sources}


def _touched(first: Told | None) -> dict[str, list[Told]]:
    impact = (first or {}).get("impact") or {}
    return {
        name: [one for one in impact.get(name, []) if one["entity"]["kind"] == "host"] for name in ("confirmed", "probable", "possible")
    }


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].lower()


def figures(found: list[Played]) -> dict[str, Any]:
    """Give the figures of the exam over these runs."""
    return {
        "runs": len(found),
        "entry_right": share(sum(one.entry in {"tied", "named"} for one in found), len(found)),
        "entries": dict(Counter(one.entry for one in found)),
        "steps_in_graph": share(sum(one.in_graph for one in found), sum(one.steps for one in found)),
        "steps_followed": share(sum(one.followed for one in found), sum(one.steps for one in found)),
        "runs_with_80_percent_in_graph": share(sum(one.in_graph >= 0.8 * one.steps for one in found), len(found)),
        "runs_with_80_percent_followed": share(sum(one.followed >= 0.8 * one.steps for one in found), len(found)),
        "impact_right": share(sum(one.impact_right for one in found), len(found)),
        "touched_hosts_unconfirmed": share(sum(len(one.unconfirmed) for one in found), sum(one.touched for one in found)),
        "touched_hosts_in_no_set": share(sum(len(one.unnamed) for one in found), sum(one.touched for one in found)),
        "other_hosts_confirmed": sum(len(one.others) for one in found),
        "claims": sum(one.claims for one in found),
        "claims_refused": sum(one.refused for one in found),
    }


def plain(one: Played) -> dict[str, Any]:
    """Give one run's figures for machines."""
    return asdict(one) | {"impact_right": one.impact_right}
