"""Make `content/attack.yml` from MITRE's STIX bundle: ids, names, tactics and successors, nothing else of it.

Run: `python scripts/attack_table.py enterprise-attack.json.gz 18.1 > attack.yml`, then put it in `src/watchkeeper/content`.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from watchkeeper.content import document

HEAD = """\
# ATT&CK enterprise techniques: id: [name, [tactics]], and what replaced revoked ids. Made by scripts/attack_table.py; don't edit.
# © 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.
# Copyright 2015-2025, The MITRE Corporation. MITRE ATT&CK and ATT&CK are registered trademarks of The MITRE Corporation.
# LICENSE: The MITRE Corporation (MITRE) hereby grants you a non-exclusive, royalty-free license to use ATT&CK® for research, development,
# and commercial purposes. Any copy you make for such purposes is authorized provided that you reproduce MITRE's copyright designation and
# this license in any such copy. (https://attack.mitre.org/resources/legal-and-branding/terms-of-use/)
"""

Techniques = dict[str, tuple[str, list[str]]]


def main(bundle: Path, version: str) -> None:
    """Write the table to standard output."""
    objects = json.loads(gzip.decompress(bundle.read_bytes()))["objects"]
    patterns = [item for item in objects if item["type"] == "attack-pattern"]
    changes = document("attack_changes.yml")
    techniques = live(patterns, changes)
    replaced = flattened(revoked(patterns, objects) | changes["replaced"], techniques)
    sys.stdout.write(HEAD)
    sys.stdout.write(f'version: "{changes["version"]}"\nbundle: "{version}"\ntechniques:\n')
    sys.stdout.writelines(
        f"  {key}: [{json.dumps(name, ensure_ascii=False)}, [{', '.join(tactics)}]]\n"
        for key, (name, tactics) in sorted(techniques.items())
    )
    sys.stdout.write("replaced:\n")
    sys.stdout.writelines(f"  {old}: {new}\n" for old, new in sorted(replaced.items()))


def external_id(item: dict[str, Any]) -> str:
    """Give a technique's id."""
    return next(ref["external_id"] for ref in item["external_references"] if ref["source_name"] == "mitre-attack")


def live(patterns: list[dict[str, Any]], changes: dict[str, Any]) -> Techniques:
    """Give the techniques that are in use today, with the changes that the bundle does not have yet."""
    kept = [item for item in patterns if not item.get("revoked") and not item.get("x_mitre_deprecated")]
    old = {external_id(item): (item["name"], [phase["phase_name"] for phase in item["kill_chain_phases"]]) for item in kept}
    moved = set(changes["moved_to_defense_impairment"])
    new = {key: (name, current(tactics, impairs=key in moved)) for key, (name, tactics) in old.items() if key not in changes["replaced"]}
    return new | {key: (name, list(tactics)) for key, (name, tactics) in changes["added"].items()}


def current(tactics: list[str], *, impairs: bool) -> list[str]:
    """Name tactics as they are named today: defense evasion has become two."""
    evasion = "defense-impairment" if impairs else "stealth"
    return [evasion if name == "defense-evasion" else name for name in tactics]


def revoked(patterns: list[dict[str, Any]], objects: list[dict[str, Any]]) -> dict[str, str]:
    """Give the successor of each technique that was revoked."""
    ids = {item["id"]: external_id(item) for item in patterns}
    links = [item for item in objects if item["type"] == "relationship" and item["relationship_type"] == "revoked-by"]
    return {ids[link["source_ref"]]: ids[link["target_ref"]] for link in links if link["source_ref"] in ids and link["target_ref"] in ids}


def flattened(replaced: dict[str, str], techniques: Techniques) -> dict[str, str]:
    """Follow chains of successors to one that lives; an id that lives itself (the bundle reuses some) is left out."""
    ends: dict[str, str] = {}
    for old in replaced.keys() - techniques.keys():
        end, seen = replaced[old], {old}
        while end in replaced and end not in techniques and end not in seen:
            seen.add(end)
            end = replaced[end]
        if end in techniques:
            ends[old] = end
    return ends


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
