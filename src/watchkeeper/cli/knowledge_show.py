"""`watchkeeper knowledge show`, `technique` and `group`. Owns how what is known of ATT&CK is told."""

from collections.abc import Iterable
from pathlib import Path

import typer

from watchkeeper.attack import Catalogue, Known, current_id, parent, tactic_name, version
from watchkeeper.attack import technique as known_technique
from watchkeeper.attack.techniques import built_in_is_newer
from watchkeeper.autopilot.knowledge import attack_spoken, origin_of_attack
from watchkeeper.cli.content_told import as_json, tell
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.settings import read_settings

_NOTHING = "nothing is imported; `watchkeeper knowledge import enterprise-attack.json` imports groups, software and campaigns"
_MOST = 12


def show(into: Path | None, how: str) -> None:
    """Say what is in force."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        folder = read_settings(rules=into).rules
        origin = origin_of_attack(folder)
        with attack_spoken(None):
            built_in = version()
        with attack_spoken(folder) as found:
            spoken = version()
    counts = _counts(found) if found else {}
    if how == "json":
        as_json({"built_in": built_in, "spoken": spoken, "imported": origin, "version": found.version if found else "", "counts": counts})
        return
    tell(f"built-in table: ATT&CK {built_in}, ids, names and tactics")
    if found is None or origin is None:
        tell(_NOTHING)
        return
    tell(f"imported: ATT&CK {found.version or 'of a version that is not known'}, newest object of {found.modified or 'unknown time'}")
    tell("  " + ", ".join(f"{count:,} {what}" for what, count in counts.items()))
    tell(f"  from {origin.file}, SHA-256 {origin.digest}, in force since {origin.installed:%Y-%m-%d %H:%M} UTC")
    tell(f"where both know an id, {'the built-in table' if built_in_is_newer(found) else 'the imported one'} wins")


def technique(key: str, into: Path | None) -> None:
    """Say what an id means; exit code 1 if ATT&CK has no such technique."""
    with plain_errors(), attack_spoken(read_settings(rules=into).rules) as found:
        known = known_technique(key)
        if known is None:
            tell(f"ATT&CK {version()} has no technique {key!r} in use")
            raise typer.Exit(1)
        above = known_technique(parent(known.id) or "")
        tell(f"{known.id} {f'{above.name}: ' if above else ''}{known.name}")
        if known.id != key.strip().upper():
            tell(f"  {key.strip().upper()} was replaced by it")
        tell(f"  serves {', '.join(tactic_name(name, 'en') for name in known.tactics)}")
        if found is None:
            tell(_NOTHING)
            return
        for what, users in (("groups", found.groups), ("campaigns", found.campaigns), ("software", found.software)):
            names = [one.name for one in users if known.id in map(current_id, one.techniques)]
            tell(f"  used by {len(names):,} of {len(users):,} {what}" + (f": {_few(names)}" if names else ""))


def group(name: str, into: Path | None) -> None:
    """Say what is known of a name; exit code 1 if nothing is."""
    with plain_errors(), attack_spoken(read_settings(rules=into).rules) as found:
        if found is None:
            raise ValueError(_NOTHING)
        one = found.named(name)
        if one is None:
            tell(f"ATT&CK {found.version} knows no group, campaign or software {name!r}".replace("  ", " "))
            raise typer.Exit(1)
        _tell_known(one, found)


def _tell_known(one: Known, found: Catalogue) -> None:
    tell(f"{one.id} {one.name}" + (f", also {', '.join(one.aliases)}" if one.aliases else ""))
    names = {other.id: other.name for other in (*found.groups, *found.software, *found.campaigns)}
    if one.groups:
        tell(f"  attributed to {', '.join(names.get(key, key) for key in one.groups)}")
    campaigns = [other.name for other in found.campaigns if one.id in other.groups]
    if campaigns:
        tell(f"  campaigns: {', '.join(campaigns)}")
    if one.software:
        tell(f"  {len(one.software):,} software: {', '.join(names.get(key, key) for key in one.software)}")
    tell(f"  {len(one.techniques):,} techniques:")
    for key in sorted(dict.fromkeys(map(current_id, one.techniques))):
        known = known_technique(key)
        tell(f"    {key} {known.name if known else 'which is no longer in use'}")


def _counts(found: Catalogue) -> dict[str, int]:
    return {
        "techniques": len(found.techniques),
        "replaced ids": len(found.replaced),
        "groups": len(found.groups),
        "software": len(found.software),
        "campaigns": len(found.campaigns),
        "uses": sum(len(one.techniques) + len(one.software) for one in (*found.groups, *found.software, *found.campaigns)),
        "attributions": sum(len(one.groups) for one in found.campaigns),
    }


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:_MOST]) + (f" and {len(listed) - _MOST:,} more" if len(listed) > _MOST else "")
