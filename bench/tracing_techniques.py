"""Labelled techniques: is one of a set's labels, its parent or one below it among what the first incident names, which is eight at most?

Labels are `attack_mappings` of the recordings' own metadata; the product never reads them.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from techniques import family
from tracing_case import Case, share

MOST_NAMED = 8


@dataclass(frozen=True)
class Named:
    """What the first incident of one set names."""

    name: str
    held_out: bool
    labels: tuple[str, ...]
    named: int
    """Techniques that the first incident names."""
    hit: tuple[str, ...]
    """Labels that are among them."""
    signals: int

    @property
    def right(self) -> bool:
        """Say whether a label is among them, and they are few."""
        return bool(self.hit) and self.named <= MOST_NAMED

    @property
    def line(self) -> str:
        """What a person reads of it."""
        said = "silent" if not self.signals else "right" if self.right else "hit, but too many" if self.hit else "wrong"
        return f"techniques {said}: {self.named} named, {len(self.hit)} of {len(self.labels)} labels {list(self.labels)[:4]}"


def labelled(otrf: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Give every recording at hand that the metadata label, with its labels."""
    at_hand = {path.relative_to(otrf / "atomic").as_posix(): path for path in sorted((otrf / "atomic").rglob("*.zip"))}
    for path in sorted((otrf / "atomic" / "_metadata").glob("*.yaml")):
        told = yaml.safe_load(path.read_text("utf-8"))
        links = dict.fromkeys(str(file["link"]).strip().rpartition("/datasets/atomic/")[2] for file in told["files"])
        yield from ((at_hand[link], labels(told)) for link in links if link in at_hand)
    for path in sorted((otrf / "compound" / "_metadata").glob("*.yaml")):
        yield otrf / "compound" / path.stem, labels(yaml.safe_load(path.read_text("utf-8")))


def labels(told: dict[str, Any]) -> tuple[str, ...]:
    """Give the labels that one file of metadata states."""
    both = ((one["technique"], one.get("sub-technique")) for one in told["attack_mappings"])
    return tuple(dict.fromkeys(f"{technique}.{below}" if below else str(technique) for technique, below in both))


def named(evidence: Path, wanted: tuple[str, ...], case: Case, *, held_out: bool) -> Named:
    """Score one set."""
    said = (case.trace or case.first)["techniques"] if case.first else []
    families = {known for technique in said for known in family(technique)}
    hit = tuple(label for label in wanted if family(label) & families)
    return Named(PurePosixPath(evidence.name).stem, held_out, wanted, len(said), hit, len(case.signals))


def figures(found: list[Named]) -> dict[str, Any]:
    """Give the figures of the exam over these sets."""
    heard = [one for one in found if one.signals]
    return {
        "sets": len(found),
        "with_signals": len(heard),
        "labelled_among_at_most_eight": share(sum(one.right for one in heard), len(heard)),
        "labelled_among_any_number": share(sum(bool(one.hit) for one in heard), len(heard)),
        "sets_that_name_at_most_eight": share(sum(one.named <= MOST_NAMED for one in heard), len(heard)),
        "labels_found": share(sum(len(one.hit) for one in heard), sum(len(one.labels) for one in heard)),
    }


def plain(one: Named) -> dict[str, Any]:
    """Give one set's figures for machines."""
    return asdict(one) | {"right": one.right}
