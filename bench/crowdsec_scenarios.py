"""How many attacks in CrowdSec's sample logs are found: is every address that a scenario asserts named by a signal of ours?

make bench-crowdsec_scenarios
python bench/crowdsec_scenarios.py [--data DATA] [--only FOLDER] [--signals] [--json OUT], where DATA is the folder that holds `sources/`
and `sigma/` (default $WATCHKEEPER_DATA)

An attack signal is one of a correlation, or of a rule or another product's alert of level medium or above. Cost is what else they say:
attack signals that name no asserted address, in the folders with an attack and in those that assert none. SigmaHQ's rules are counted
beside ours.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pyarrow as pa

from watchkeeper.content import folder
from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

ASSERTED = re.compile(r'Overflow\.Sources\["((?:[^"\\]|\\.)*)"\]')
ATTACK_LEVELS = frozenset(("medium", "high", "critical"))
WANTED = 0.7
"""In so many of the folders every asserted address must be named."""
OTHER_FILES = frozenset(("config.yaml", "parser.assert", "scenario.assert"))


@dataclass
class Told:
    """What attack signals say in one folder."""

    titles: Counter[str] = field(default_factory=Counter[str])
    """Titles of those that name an asserted address."""
    others: Counter[str] = field(default_factory=Counter[str])
    """Titles of those that name none."""
    named: set[str] = field(default_factory=set[str])
    """Asserted addresses that are named."""


@dataclass
class Folder:
    """One folder of sample logs."""

    name: str
    addresses: set[str]
    """Addresses that its scenarios assert."""
    others: set[str]
    """What they assert that is no address: users, programs, process ids."""
    none: bool
    """Whether it asserts that there is no attack, as beside a list of those who are let be."""
    events: int = 0
    skipped: Counter[str] = field(default_factory=Counter[str])
    products: Counter[str] = field(default_factory=Counter[str])
    """Events by product and service."""
    in_fields: set[str] = field(default_factory=set[str])
    """Asserted addresses that stand in a field of their own of some event."""
    told: dict[str, Told] = field(default_factory=dict[str, Told])
    """By set of rules."""

    def found(self, *sets: str) -> bool:
        """Say whether the sets of rules together name every asserted address."""
        return self.addresses <= set[str]().union(*(self.told[name].named for name in sets if name in self.told))

    def why(self) -> str:
        """Say what is missing where not all is found."""
        missing = self.addresses - self.told["ours"].named
        if not self.events:
            return f"no reader ({', '.join(self.skipped) or 'nothing read'})"
        if unread := missing - self.in_fields:
            return f"no field has {len(unread)} of {len(self.addresses)}: {', '.join(self.products)}"
        return f"no rule names {len(missing)} of {len(self.addresses)}: {', '.join(self.products)}"


def canonical(text: str) -> str | None:
    """Give an address in its usual spelling; none if it is none."""
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return None


def addresses(texts: Iterable[str]) -> set[str]:
    return {found for text in texts if (found := canonical(text))}


def folders(archive: Path) -> Iterator[tuple[Folder, Mapping[str, bytes]]]:
    """Yield each folder that has assertions on scenarios, with its log files."""
    with zipfile.ZipFile(archive) as packed:
        names = [name for name in packed.namelist() if not name.endswith("/")]
        for asserted in sorted(name for name in names if name.endswith("/scenario.assert")):
            path = asserted.rpartition("/")[0]
            text = packed.read(asserted).decode()
            keys = set(ASSERTED.findall(text))
            logs = [name for name in names if name.startswith(f"{path}/") and name.rpartition("/")[2] not in OTHER_FILES]
            known = addresses(keys)
            others = {key for key in keys if canonical(key) is None}
            one = Folder(path.rpartition("/")[2], known, others, none="len(results) == 0" in text)
            yield one, {name.rpartition("/")[2]: packed.read(name) for name in logs}


def run(one: Folder, logs: Mapping[str, bytes], detectors: Mapping[str, tuple[Detector, RuleSet]]) -> None:
    """Read a folder's logs and note what every set of rules says of them."""
    with tempfile.TemporaryDirectory() as place:
        for name, data in logs.items():
            (Path(place) / name).write_bytes(data)
        items = list(read([Path(place)]))
    batches = [item for item in items if isinstance(item, Batch)]
    for item in items:
        if not isinstance(item, Batch):
            one.skipped.update(item.skipped or ([item.error] if item.error else ()))
    for batch in batches:
        one.events += batch.table.num_rows
        one.products[f"{batch.logsource.product}/{batch.logsource.service}"] += batch.table.num_rows
        one.in_fields |= one.addresses & addresses(values(batch))
    for name, (detector, rules) in detectors.items():
        correlations = {correlation.id for correlation in rules.correlations}
        told = one.told[name] = Told()
        for signals in [*map(detector.signals, batches), detector.finish()]:
            tell(told, one, signals, correlations)


def values(batch: Batch) -> Iterator[str]:
    """Yield every text value of the native fields."""
    for name in batch.table.column_names:
        if not name.startswith("_"):
            for value in batch.table.column(name).to_pylist():
                yield from (value,) if isinstance(value, str) else value or ()


def tell(told: Told, one: Folder, signals: pa.Table, correlations: set[str]) -> None:
    """Note what attack signals say."""
    for signal in signals.to_pylist():
        if signal["level"] in ATTACK_LEVELS or (signal["rule"] in correlations and signal["level"] != "informational"):
            named = addresses(pair["value"] for pair in [*signal["entities"], *signal["matches"]]) & one.addresses
            told.named |= named
            (told.titles if named else told.others)[f"{signal['level']}: {signal['title']}"] += 1


def unasked(done: list[Folder], *, none: bool) -> list[Folder]:
    """Give the folders without an attack that anybody asserts: those that assert that there is none, or those that assert nothing."""
    return [one for one in done if not one.addresses and not one.others and one.none is none]


def summary(done: list[Folder]) -> Iterator[str]:
    """Yield the figures."""
    attacks = [one for one in done if one.addresses]
    for title, sets in {"ours": ["ours"], "SigmaHQ's": ["sigmahq"], "both": ["ours", "sigmahq"]}.items():
        hits = sum(one.found(*sets) for one in attacks)
        beside = sum(one.told[name].others.total() for one in attacks for name in sets)
        loud = {none: sum(one.told[name].others.total() for one in unasked(done, none=none) for name in sets) for none in (True, False)}
        yield (
            f"{title:9} {hits}/{len(attacks)} folders with every asserted address named ({hits / max(len(attacks), 1):.1%}); cost: "
            f"{beside:,} attack signals that name no asserted address there, {loud[True]:,} in the {len(unasked(done, none=True))} folders "
            f"that assert that there is no attack, {loud[False]:,} in the {len(unasked(done, none=False))} that assert nothing"
        )
    beyond = [one.name for one in done if one.others and not one.addresses]
    yield f"not judged: {len(beyond)} folders that assert users, programs or process ids alone ({', '.join(beyond)})"


def scenarios(data: Path, only: str = "") -> list[Folder]:
    """Run the exam."""
    paths = {"ours": folder("rules"), "sigmahq": data / "sigma" / "sigma_all_rules.zip"}
    loaded = {name: load_rules([path]) for name, path in paths.items()}
    detectors = {name: (Detector(rules), rules) for name, rules in loaded.items()}
    done: list[Folder] = []
    for one, logs in folders(data / "sources" / "crowdsec-logs.zip"):
        if only in ("", one.name):
            run(one, logs, detectors)
            done.append(one)
    return done


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--only", default="", help="one folder")
    options.add_argument("--signals", action="store_true", help="print what is said in each folder")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    done = scenarios(chosen.data, chosen.only)
    for one in done:
        state = "found" if one.found("ours") else "missed"
        if one.addresses:
            print(
                f"{state:7} {one.name}"
                + ("" if state == "found" else f": {one.why()}")
                + ("; SigmaHQ finds it" if one.found("sigmahq") else "")
            )
        if chosen.signals or not one.addresses:
            for told in (one.told["ours"].titles, one.told["ours"].others):
                print("".join(f"          {one.name}: {count:,} {title}\n" for title, count in told.most_common()), end="")
    print("\n".join(summary(done)))
    if chosen.json:
        figures = [msgspec.to_builtins(one, order="sorted") | {"found": one.found("ours")} for one in done]
        chosen.json.write_text(json.dumps(figures, indent=1), "utf-8")
    attacks = [one for one in done if one.addresses]
    return 0 if chosen.only or sum(one.found("ours") for one in attacks) >= WANTED * len(attacks) else 1


if __name__ == "__main__":
    sys.exit(main())
