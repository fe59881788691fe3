"""Invariants: what has to hold before an action may be done, each a small function that says what stands against it. Owns the list.

Policy may ask for more than they do, never for less.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from watchkeeper.brain.ethics.levels import is_at_least
from watchkeeper.brain.ethics.matter import MOST_RECORDS, Matter
from watchkeeper.brain.ethics.rates import over_rate
from watchkeeper.brain.ethics.touching import Touched, is_same_but_targets, meet
from watchkeeper.model.asset_role import ADMIN_ROLES, CROWN_ROLES
from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import IN_FORCE, LIST
from watchkeeper.model.spelling import Network, network_of, plain

Demand = Literal["refuse", "two", "one"]
"""What it takes where an invariant does not hold: nothing helps; two people; one person."""
_CROWN = frozenset({*CROWN_ROLES, *ADMIN_ROLES})
_CROWN_NAMES = frozenset({"administrator", "root", "krbtgt", "admin"})
_ASKING = frozenset({"playbook", "person", "model"})
_ACCOUNTS = ("user", "account")
_OF_POLICY = ("policy", "level", "brake", "promote", "approval")
_OWN_FILES = ("policy.yml", "response.yml", "audit.anchor")


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that has to hold."""

    demand: Demand
    """What it takes where it does not."""
    against: Callable[[Matter], Note | None]
    """Says what stands against the proposal; none if it holds."""

    @property
    def name(self) -> str:
        """What it is called: the name of its function."""
        return self.against.__name__


def in_catalogue(matter: Matter) -> Note | None:
    """Nothing is done that the closed catalogue does not have."""
    return None if matter.traits else Note(code="ethics.not-in-catalogue", arguments={"action": matter.proposal.action})


def leaves_policy(matter: Matter) -> Note | None:
    """No action changes what may be done, nor the files that say so."""
    told = matter.traits.openc2[1].lower() if matter.traits else ""
    of_policy = any(word in told or word in matter.proposal.action.lower() for word in _OF_POLICY)
    values = (*(target.value for target in matter.proposal.targets), *matter.proposal.arguments.values())
    own = next((name for value in values for name in _OWN_FILES if value.strip().lower().endswith(name)), "")
    return Note(code="ethics.own-policy", arguments={"action": matter.proposal.action}) if of_policy or own else None


def brake_is_off(matter: Matter) -> Note | None:
    """While the brake is on, nothing is done."""
    brake = next((brake for brake in matter.brakes if brake.on), None)
    return Note(code="ethics.brake", arguments={"by": brake.by, "why": brake.why or "-"}) if brake else None


def no_dry_run(matter: Matter) -> Note | None:
    """In a dry run everything is decided and nothing is done."""
    dry = matter.acting and any(brake.dry_run for brake in matter.brakes)
    return Note(code="ethics.dry-run", arguments={"action": matter.proposal.action}) if dry else None


def has_means(matter: Matter) -> Note | None:
    """Somebody configured a place where it is carried out."""
    missing = matter.traits is not None and matter.means is None
    return Note(code="ethics.no-means", arguments={"action": matter.proposal.action}) if missing else None


def is_not_excepted(matter: Matter) -> Note | None:
    """Nothing is done to what the policy excepts for ever."""
    found = next((thing.entity.value for thing in matter.touched for name in matter.policy.never if _is_named(thing, name)), "")
    return Note(code="ethics.excepted", arguments={"target": found}) if found else None


def is_addressed(matter: Matter) -> Note | None:
    """An address is one, and no loopback, multicast or unspecified one."""
    wrong = next((target.value for target in matter.proposal.targets if target.kind == "address" and not _can_be_blocked(target.value)), "")
    return Note(code="ethics.no-address", arguments={"target": wrong[:80]}) if wrong else None


def list_is_verified(matter: Matter) -> Note | None:
    """A list that is named came signed by a trusted key, and every target stands on it."""
    named = matter.proposal.arguments.get(LIST, "")
    return Note(code="ethics.not-listed", arguments={"list": named[:80]}) if named and not matter.is_listed else None


def says_who_asks(matter: Matter) -> Note | None:
    """Who asks is a playbook, a person or a model, by name."""
    kind, _, name = matter.proposal.asked_by.partition(":")
    known = kind in _ASKING and bool(name.strip())
    return None if known else Note(code="ethics.nobody-asks", arguments={"by": matter.proposal.asked_by[:80]})


def has_evidence(matter: Matter) -> Note | None:
    """What no person asks for rests on events that are there; text that a model wrote is none."""
    by_person = matter.proposal.is_by_hand
    return None if matter.kinds or by_person else Note(code="ethics.no-evidence", arguments={"by": matter.proposal.asked_by[:80]})


def is_within_rate(matter: Matter) -> Note | None:
    """No more is done in a while than the policy says, whoever approved it."""
    if len(matter.others) + 1 >= MOST_RECORDS:
        return Note(code="ethics.rate", arguments={"what": matter.proposal.action, "most": str(MOST_RECORDS), "hours": "24"})
    return over_rate(matter)


def is_news(matter: Matter) -> Note | None:
    """What is in force already is not done again."""
    if matter.traits is None or not matter.traits.changes_state:
        return None
    same = [other.proposal for other in matter.alike if other.state in IN_FORCE and is_same_but_targets(other.proposal, matter.proposal)]
    held = frozenset[Entity](plain(target) for proposal in same for target in proposal.targets)
    return Note(code="ethics.already") if held.issuperset(map(plain, matter.proposal.targets)) else None


def is_more_than_a_suggestion(matter: Matter) -> Note | None:
    """Below L2 nothing is done, approved or not; at the level from which it runs alone it runs."""
    enough = is_at_least(matter.level, "L2") or (matter.traits is not None and is_at_least(matter.level, matter.traits.alone_from))
    return None if enough else Note(code="ethics.only-suggested", arguments={"level": matter.level})


def spares_protected(matter: Matter) -> Note | None:
    """Protected assets need two people."""
    name = next((thing.asset.name for thing in matter.touched if thing.asset and thing.asset.protected), "")
    return Note(code="ethics.protected", arguments={"asset": name}) if name and _changes(matter) else None


def is_countable(matter: Matter) -> Note | None:
    """What more feel than one person may answer for, or nobody can count, needs two people."""
    too_many = matter.radius is None or matter.radius > matter.policy.approvals.one_person_radius
    said = {"radius": "?" if matter.radius is None else str(matter.radius), "most": str(matter.policy.approvals.one_person_radius)}
    return Note(code="ethics.radius-of-two", arguments=said) if too_many and _changes(matter) else None


def is_no_mass(matter: Matter) -> Note | None:
    """More objects than one person may answer for need two people, unless they stand on a verified list."""
    most = matter.policy.approvals.one_person_objects
    said = {"objects": str(matter.objects), "most": str(most)}
    return Note(code="ethics.objects-of-two", arguments=said) if matter.objects > most and not matter.is_listed else None


def spares_the_crown(matter: Matter) -> Note | None:
    """Domain controllers and administrators, of whom one may be the last, are never acted on alone; nor accounts that nobody knows."""
    name = next((thing.entity.value for thing in matter.touched if is_crown(thing)), "")
    return Note(code="ethics.crown", arguments={"asset": name}) if name and _changes(matter) else None


def level_allows(matter: Matter) -> Note | None:
    """Alone it runs only at its own level, or above."""
    enough = matter.traits is not None and is_at_least(matter.level, matter.traits.alone_from)
    said = {"level": matter.level, "needed": matter.traits.alone_from if matter.traits else "?"}
    return None if enough else Note(code="ethics.level", arguments=said)


def can_be_undone(matter: Matter) -> Note | None:
    """What cannot be taken back needs approval, and what nobody has the means to take back is no different."""
    undoable = matter.proposal.undoable and matter.traits is not None and matter.traits.undoable
    undoable = undoable and matter.means is not None and matter.means.undo is not None
    return Note(code="ethics.no-undo") if _changes(matter) and not undoable else None


def ends_by_itself(matter: Matter) -> Note | None:
    """What has an end by its nature ends then, or people say otherwise."""
    most = matter.traits.expiry_seconds if matter.traits else None
    asked = matter.proposal.expiry_seconds
    longer = most is not None and (asked is None or not 0 < asked <= most)
    return Note(code="ethics.no-end", arguments={"seconds": str(most)}) if longer else None


def is_felt_by_few(matter: Matter) -> Note | None:
    """Its blast radius is within its level's limit; what is unknown is not."""
    most = matter.policy.radius.get(matter.level, 0)
    said = {"radius": "?" if matter.radius is None else str(matter.radius), "most": str(most), "level": matter.level}
    within = matter.radius is not None and matter.radius <= most
    return None if within or not _changes(matter) else Note(code="ethics.radius", arguments=said)


def is_small(matter: Matter) -> Note | None:
    """It has no more objects than its level's limit, unless they stand on a verified list."""
    most = matter.policy.objects.get(matter.level, 0)
    said = {"objects": str(matter.objects), "most": str(most), "level": matter.level}
    within = matter.objects <= most or matter.is_listed or not _changes(matter)
    return None if within else Note(code="ethics.objects", arguments=said)


def has_two_kinds(matter: Matter) -> Note | None:
    """Alone it runs on independent kinds of evidence only, two at least; what changes nothing runs on one."""
    needed = max(2, matter.policy.kinds) if _changes(matter) else 1
    said = {"kinds": ", ".join(sorted(matter.kinds)) or "-", "needed": str(needed)}
    return None if len(matter.kinds) >= needed else Note(code="ethics.kinds", arguments=said)


def is_nobodys_own_wish(matter: Matter) -> Note | None:
    """What a person asks for, another person approves: to name a person makes nothing easier."""
    by_person = matter.proposal.is_by_hand and _changes(matter)
    return Note(code="ethics.own-wish", arguments={"by": matter.proposal.asked_by.partition(":")[2]}) if by_person else None


def no_person_said_no(matter: Matter) -> Note | None:
    """What a person denied or took back is not done again alone."""
    since = matter.now - timedelta(hours=matter.policy.approvals.same_again_hours)
    ended = [other for other in matter.alike if other.state in ("denied", "undone", "undoing") and other.changed >= since]
    by_people = [other for other in ended if other.ended_by.startswith("person:") and meet(matter.proposal.targets, other.proposal.targets)]
    return Note(code="ethics.said-no", arguments={"by": by_people[0].ended_by.partition(":")[2]}) if by_people else None


INVARIANTS = (
    Invariant("refuse", in_catalogue),
    Invariant("refuse", leaves_policy),
    Invariant("refuse", brake_is_off),
    Invariant("refuse", no_dry_run),
    Invariant("refuse", has_means),
    Invariant("refuse", is_not_excepted),
    Invariant("refuse", is_addressed),
    Invariant("refuse", list_is_verified),
    Invariant("refuse", says_who_asks),
    Invariant("refuse", has_evidence),
    Invariant("refuse", is_within_rate),
    Invariant("refuse", is_news),
    Invariant("refuse", is_more_than_a_suggestion),
    Invariant("two", spares_protected),
    Invariant("two", is_countable),
    Invariant("two", is_no_mass),
    Invariant("one", spares_the_crown),
    Invariant("one", can_be_undone),
    Invariant("one", has_two_kinds),
    Invariant("one", is_felt_by_few),
    Invariant("one", is_small),
    Invariant("one", ends_by_itself),
    Invariant("one", is_nobodys_own_wish),
    Invariant("one", no_person_said_no),
    Invariant("one", level_allows),
)
"""Every invariant, what weighs most first."""


def is_crown(thing: Touched) -> bool:
    """Say whether something could be a domain controller or the last administrator, or is an account that no person told of."""
    if thing.names & _CROWN_NAMES or (thing.asset is not None and thing.asset.role in _CROWN):
        return True
    return thing.entity.kind in _ACCOUNTS and (thing.asset is None or thing.asset.learnt or not thing.asset.role)


def _changes(matter: Matter) -> bool:
    return matter.traits is None or matter.traits.changes_state


def _is_named(thing: Touched, name: str) -> bool:
    mine, theirs = network_of(thing.entity.value), network_of(name)
    if mine is None or theirs is None:
        addresses = [network_of(address) for address in thing.asset.addresses] if thing.asset and theirs else []
        return name.strip().lower() in thing.names or any(_overlap(address, theirs) for address in addresses)
    return _overlap(mine, theirs)


def _overlap(one: Network | None, other: Network | None) -> bool:
    return one is not None and other is not None and one.version == other.version and one.overlaps(other)


def _can_be_blocked(value: str) -> bool:
    network = network_of(value)
    if network is None:
        return False
    return not (network.is_loopback or network.is_multicast or network.is_unspecified or network.is_link_local)
