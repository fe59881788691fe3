"""The oracle: what must never happen, judged from outside. It watches the places and hears what people say, and knows nothing of the rules.

It shares no code with the invariants: groups of the company's things stand in a table, levels and limits are read from the policy as data.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from tests.brain.ethics.conftest import REMEMBERED, World, same

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Kept, Ledger, RecordsWanted
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.proposal import ActionRecord, Approval, Proposal

ORDER = ("L0", "L1", "L2", "L3", "L4", "L5")
PEOPLE = frozenset({"ann", "bea", "cem"})
GROUPS = {
    "dc1": "domain-controllers", "vault": "protected", "mail1": "shared", "crm": "critical", "pc1": "workstations", "pc2": "workstations",
    "pc3": "protected", "box": "other", "joe": "people", "adm-kim": "administrators", "ceo": "protected", "svc": "other",
    "administrator": "administrators", "stranger": "other",
}  # fmt: skip
PROTECTED = frozenset({"vault", "pc3", "ceo"})
CROWN = frozenset({"dc1", "adm-kim", "administrator", "stranger", "svc"})
"""What may be a domain controller or the last administrator; of the last two nobody said what they are."""
KINDS = {"e1": "windows/Sysmon", "e2": "intel", "e3": "windows/Sysmon"}
ACCOUNTS = {"joe": "on 512", "adm-kim": "on 66048", "ceo": "on 512", "svc": "off"}
"""What accounts said before anything was done: one was switched off already, by somebody else."""
LIVE = ("in-force", "verified", "ineffective")
NAMES = (
    "one function", "intent first", "as approved", "catalogue", "own policy", "brake", "dry run", "excepted", "addresses", "evidence",
    "rate", "level L2", "protected", "denied", "two people", "crown", "irreversible", "two kinds", "radius", "objects", "ends by itself",
    "said no", "level", "confidence", "own wish", "at most once", "fail closed", "undo spares others", "verified is true", "demotes",
    "rolled back", "expires", "levels by people", "policy by people", "nobody undoes", "list", "former first", "brought back",
)  # fmt: skip


class OutOfReachError(Exception):
    """The facts cannot be looked up: of a kind that nothing expects."""


@dataclass(frozen=True)
class Moment:
    """What was the case when a transaction was opened."""

    now: datetime
    words: dict[str, tuple[Approval, ...]]
    brakes: dict[str, Brake]
    judged: dict[str, float]
    broken: bool
    levels: tuple[LevelSet, ...]
    changes: tuple[PolicyChange, ...]
    noes: tuple[tuple[datetime, str, frozenset[str], str], ...]


@dataclass
class Oracle:
    """Watches one run."""

    world: World
    ledger: Ledger
    violations: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    words: dict[str, tuple[Approval, ...]] = field(default_factory=dict)
    noes: list[tuple[datetime, str, frozenset[str], str]] = field(default_factory=list)
    """What people denied or took back: when, which action, on what, by whose id."""
    done: dict[str, tuple[datetime, str, int, bool]] = field(default_factory=dict)
    """What places were asked to do: when, which action, how many objects, from a verified list."""
    effects: Counter[str] = field(default_factory=Counter)
    moments: dict[int, Moment] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    attempts: list[tuple[str, str, datetime, bool]] = field(default_factory=list)
    facts_are_broken: bool = False
    depth: int = 0
    raced: bool = False
    allowed: set[str] = field(default_factory=set)
    seen_levels: int = -1

    @property
    def about(self) -> Circumstances:
        """The facts, which may be out of reach."""
        facts = self.world.about

        def within_reach(look_up: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def looked_up(wanted: Any) -> Any:
                if self.facts_are_broken:
                    raise OutOfReachError("the facts are out of reach")
                return look_up(wanted)

            return looked_up

        return replace(facts, asset_of=within_reach(facts.asset_of), kinds_of=within_reach(facts.kinds_of))

    def wrong(self, name: str, said: str) -> None:
        assert name in NAMES
        self.violations[name] += 1
        self.told.append(f"{name}: {said}")

    def opened(self, kept: Kept) -> None:
        """Remember what is the case as a transaction begins: nothing that happens after it can be asked of it."""
        brakes = {brake.scope: brake for brake in kept.brakes()}
        self.moments[self.depth] = Moment(
            self.world.now,
            dict(self.words),
            brakes,
            dict(self.world.judged),
            self.facts_are_broken,
            kept.levels(),
            kept.changes(),
            tuple(self.noes),
        )

    @contextmanager
    def expects(self, *what: str) -> Iterator[None]:
        """Let places be used by what is called here."""
        before = self.allowed
        self.allowed = before | set(what)
        try:
            yield
        finally:
            self.allowed = before

    @contextmanager
    def hears(self, said: Approval) -> Iterator[None]:
        """Hear a person; a word that was taken, or that may have been taken, was said."""
        self.proposed(said.proposal)
        before = self._record(said.proposal)
        words = self.words.get(said.proposal, ())
        if said.agrees:
            self.words[said.proposal] = (*words, said)
        try:
            yield
        except (ValueError, LookupError):
            self.words[said.proposal] = tuple(word for word in self.words.get(said.proposal, ()) if word is not said)
            raise
        finally:
            self._hear_no(said, before)

    def _hear_no(self, said: Approval, before: ActionRecord | None) -> None:
        after = self._record(said.proposal)
        if said.agrees or after is None or before is None or after.state != "denied":
            return
        if before.state != "denied" and after.ended_by == f"person:{said.by.strip().lower()}":
            self.words[said.proposal] = (*self.words.get(said.proposal, ()), said)
            self.noes.append((self.world.now, after.proposal.action, things(after.proposal), after.id))

    def proposed(self, id_: str) -> None:
        """Notice that a proposal became another one: what was said of it was said of something else."""
        record = self._record(id_)
        if record and self.digests.get(id_) != record.proposal.digest:
            self.digests[id_] = record.proposal.digest
            self.words.pop(id_, None)

    def at_place(self, point: str, job: Job) -> None:
        """Judge what a place is asked."""
        if point == "do":
            self._judge(job)
        elif point == "did":
            self.effects[job.key] = sum(done.key == job.key for done in self.world.place.done)
            if self.effects[job.key] > 1:
                self.wrong("at most once", job.key)
        elif point == "undo":
            self._judge_undo(job)

    def _judge(self, job: Job) -> None:
        record = self._record(job.key)
        if "do" not in self.allowed:
            self.wrong("one function", job.action)
        if record is None or record.state != "doing":
            self.wrong("intent first", job.action)
            return
        if job.action in REMEMBERED and not (record.reference and record.reference == job.reference):
            self.wrong("former first", job.action)
        asked = record.proposal
        if (job.targets, job.arguments, job.action, job.tenant) != (asked.targets, asked.arguments, asked.action, asked.tenant):
            self.wrong("as approved", job.action)
        for name in dict.fromkeys(Judgement(self, asked, self.moments[self.depth]).violations()):
            self.wrong(name, f"{asked.action} on {[one.value for one in asked.targets[:3]]} by {asked.asked_by!r}: {record.ruling.outcome}")
        listed = bool(asked.arguments.get("verified_list"))
        self.done.setdefault(job.key, (self.moments[self.depth].now, asked.action, count(asked), listed))

    def _judge_undo(self, job: Job) -> None:
        if not self.allowed:
            self.wrong("one function", "undo")
        if self.raced:
            return
        taken = things_of(job.targets)
        with self.ledger.alone() as kept:
            others = kept.records(RecordsWanted(states=LIVE, actions=(job.action,)))
        for other in others:
            held = [one for one in other.proposal.targets if other.id in self.world.place.in_force.get((job.action, same(one)), set())]
            mine = {name: value for name, value in job.arguments.items() if name != "verified_list"}
            theirs = {name: value for name, value in other.proposal.arguments.items() if name != "verified_list"}
            if other.id != job.key and mine == theirs and things_of(tuple(held)) & taken:
                self.wrong("undo spares others", job.action)

    @contextmanager
    def takes_back(self, id_: str, by: str) -> Iterator[None]:
        """Watch somebody take something back."""
        before, class_before = self._record(id_), self._class_levels()
        alone = before is not None and not self.agreeing(before.proposal) and not before.proposal.asked_by.startswith("person:")
        try:
            with self.expects("undo"):
                yield
        finally:
            after = self._record(id_)
            begun = before and after and before.state in (*LIVE, "doing") and after.ended_by == by and not before.ended_by
            if begun and before and by not in ("person:ann", "person:bea", "system"):
                self.wrong("nobody undoes", by)
            if begun and before and by.startswith("person:"):
                self.noes.append((self.world.now, before.proposal.action, things(before.proposal), before.id))
                changes = self.world.catalogue[before.proposal.action].changes_state
                if alone and changes and not self.raced and not self.facts_are_broken:
                    self._must_be_demoted(before.proposal, class_before)

    def _must_be_demoted(self, asked: Proposal, before: dict[tuple[str, str], int]) -> None:
        after = self._class_levels()
        for group in groups_of(asked):
            level = before.get((asked.action, group))
            if level is not None and level > 2 and after[asked.action, group] >= level:
                self.wrong("demotes", f"{asked.action} on {group}")

    def _class_levels(self) -> dict[tuple[str, str], int]:
        with self.ledger.alone() as kept:
            levels, policy = kept.levels(), policy_at(kept.changes(), self.world.now)
        classes = {(level.action, group["name"]) for level in levels for group in policy["groups"] if level.action != "*"}
        return {(action, group): class_level(policy, levels, action, group) for action, group in classes}

    def looked(self, record: ActionRecord, *, told: bool) -> None:
        """What is called verified has to be there."""
        if record.state == "verified" and told and not self.raced:
            held = all(self.world.place.holds(record.proposal.action, one) for one in record.proposal.targets)
            if not held:
                self.wrong("verified is true", record.proposal.action)

    def agreeing(self, asked: Proposal, words: tuple[Approval, ...] | None = None) -> set[str]:
        """Give the people who agreed to exactly this, without who asked."""
        said = self.words.get(asked.id, ()) if words is None else words
        people = {word.by.strip().lower() for word in said if word.agrees and word.digest == asked.digest} & PEOPLE
        return people - {asked.asked_by.removeprefix("person:")}

    def after_step(self) -> None:
        """Look whether levels and policy are as people made them."""
        with self.ledger.alone() as kept:
            levels, changes = kept.levels(), kept.changes()
        if self.seen_levels >= 0:
            for number, told in enumerate(levels[self.seen_levels :], self.seen_levels):
                self._judge_level(told, levels[:number], changes)
        self.seen_levels = len(levels)
        for change in changes:
            if change.state == "in-force" and change.id != "0" * 32 and not self._is_by_people(change, changes):
                self.wrong("policy by people", f"{change.asked_by!r}, {change.agreed_by!r}")

    def _judge_level(self, told: LevelSet, before: tuple[LevelSet, ...], changes: tuple[PolicyChange, ...]) -> None:
        policy = policy_at(changes, self.world.now)
        groups = [group["name"] for group in policy["groups"]] if told.group == "*" else [told.group]
        if ORDER.index(told.level) <= 2 and told.group == "*":
            return
        was = min(class_level(policy, before, told.action, group, capped=False) for group in groups)
        if ORDER.index(told.level) <= was or (told.by != "system" and ORDER.index(told.level) <= 2):
            return
        same = [
            one
            for one in changes
            if one.level and (one.level.action, one.level.group, one.level.level) == (told.action, told.group, told.level)
        ]
        if told.by == "system" or not any(one.state == "in-force" and self._is_by_people(one, changes) for one in same):
            self.wrong("levels by people", f"{told.by!r}: {told.action} on {told.group} to {told.level}")

    def _is_by_people(self, change: PolicyChange, changes: tuple[PolicyChange, ...]) -> bool:
        asked = [one for one in self.attempts if one[0].strip().lower() == change.asked_by.strip().lower() and one[1] != change.id]
        first = change.asked_by.strip().lower()
        if first not in PEOPLE or not asked:
            return False
        second = {by.strip().lower() for by, what, _, _ in self.attempts if what == change.id} & PEOPLE - {first}
        waited = change.begins is not None and change.begins - change.made >= timedelta(hours=24)
        free = change.level is not None and ORDER.index(change.level.level) <= 2
        begins, number = change.begins or change.made, changes.index(change)
        earlier = tuple(one for at, one in enumerate(changes) if one.begins and (one.begins < begins or at < number))
        before = policy_at(earlier, begins) if change.policy else {}
        stricter = bool(change.policy) and is_stricter(change.policy, before)
        return bool(second) or (any(alone for *_, alone in asked) and (waited or stricter)) or free

    def in_the_end(self) -> None:
        """What had an end has ended, and nothing is in force that nobody knows of."""
        with self.ledger.alone() as kept:
            records = kept.records(RecordsWanted(most=5_000))
        live = {record.id: record for record in records if record.state in (*LIVE, "doing", "undoing")}
        for record in live.values():
            if record.expires is not None and record.expires <= self.world.now:
                self.wrong("expires", f"{record.proposal.action} is {record.state}: {record.said}")
        known = {(one.proposal.action, thing) for one in live.values() for thing in things(one.proposal)}
        for action, target in self.world.place.in_force:
            is_judged = self.world.catalogue[action].undoable and action not in REMEMBERED
            if is_judged and not {(action, thing) for thing in things_of((target,))} <= known:
                self.wrong("rolled back", f"{action} on {target.value}")
        for target, value in self.world.place.values.items():
            if value != ACCOUNTS.get(target.value, "on") and ("disable_account", target.value) not in known:
                self.wrong("brought back", f"{target.value} is {value!r}")

    def _record(self, id_: str) -> ActionRecord | None:
        with self.ledger.alone() as kept:
            return kept.record(id_)


@dataclass
class Judgement:
    """One use of a place, held against what people said and what is true."""

    oracle: Oracle
    asked: Proposal
    moment: Moment

    def violations(self) -> Iterator[str]:
        traits = self.oracle.world.catalogue.get(self.asked.action)
        if traits is None:
            yield "catalogue"
            return
        yield from self._whatever_people_say()
        words = self.moment.words.get(self.asked.id, ())
        people = len(self.oracle.agreeing(self.asked, words))
        if any(not word.agrees and word.digest == self.asked.digest for word in words):
            yield "denied"
        one = list(self._for_one())
        two = list(self._for_two())
        if people < 1:
            yield from one
        if people < 2:
            yield from two
        if one and people < 2 and traits.changes_state and self._policy_wants_two():
            yield "two people"

    def _whatever_people_say(self) -> Iterator[str]:
        asked, policy = self.asked, self._policy
        if asked.action in ("raise_level", "set_policy") or any("policy.yml" in one.value for one in asked.targets):
            yield "own policy"
        if self._is_over_rate():
            yield "rate"
        yield from self._of_the_moment()
        yield from self._of_what_is_shown()
        if any(overlap(one.value, name) for one in asked.targets for name in policy["never"]):
            yield "excepted"
        if any(one.kind == "address" and is_odd(one) for one in asked.targets):
            yield "addresses"

    def _of_the_moment(self) -> Iterator[str]:
        if any(brake.on for brake in self.moment.brakes.values()):
            yield "brake"
        if any(brake.dry_run for brake in self.moment.brakes.values()):
            yield "dry run"
        if self.moment.broken:
            yield "fail closed"

    def _of_what_is_shown(self) -> Iterator[str]:
        asked = self.asked
        if not self._kinds and not asked.asked_by.startswith("person:"):
            yield "evidence"
        if asked.asked_by.partition(":")[0] not in ("playbook", "person", "model"):
            yield "evidence"
        if asked.arguments.get("verified_list") and not self._listed:
            yield "list"
        level = min(self._ceiling, self._sure)
        if level < 2 and level < self._alone_from:
            yield "level L2"

    def _for_two(self) -> Iterator[str]:
        limits, changes = self._policy["approvals"], self._traits.changes_state
        if changes and names_of(self.asked) & PROTECTED:
            yield "protected"
        if changes and (self._radius is None or self._radius > limits["one_person_radius"]):
            yield "radius"
        if not self._listed and count(self.asked) > limits["one_person_objects"]:
            yield "objects"

    def _for_one(self) -> Iterator[str]:
        asked, traits, changes = self.asked, self._traits, self._traits.changes_state
        level = min(self._ceiling, self._sure)
        if level < self._alone_from:
            yield "level" if self._ceiling < self._alone_from else "confidence"
        if changes and (names_of(asked) & CROWN):
            yield "crown"
        if changes and not (traits.undoable and asked.undoable):
            yield "irreversible"
        if len(self._kinds) < (2 if changes else 1):
            yield "two kinds"
        name = ORDER[level]
        if changes and (self._radius is None or self._radius > self._policy["radius"].get(name, 0)):
            yield "radius"
        if changes and not self._listed and count(asked) > self._policy["objects"].get(name, 0):
            yield "objects"
        if traits.expiry_seconds is not None and not (asked.expiry_seconds and 0 < asked.expiry_seconds <= traits.expiry_seconds):
            yield "ends by itself"
        if changes and asked.asked_by.startswith("person:"):
            yield "own wish"
        since = self.moment.now - timedelta(hours=self._policy["approvals"]["same_again_hours"])
        if any(at > since and action == asked.action and on & things(asked) for at, action, on, _ in self.moment.noes):
            yield "said no"

    def _policy_wants_two(self) -> bool:
        groups = {group["name"]: group for group in self._policy["groups"]}
        return (
            any(groups[name]["approvals"] > 1 for name in groups_of(self.asked))
            or self.asked.action in self._policy["approvals"]["two_people"]
        )

    @property
    def _policy(self) -> dict[str, Any]:
        return policy_at(self.moment.changes, self.moment.now)

    @property
    def _traits(self) -> Any:
        return self.oracle.world.catalogue[self.asked.action]

    @property
    def _alone_from(self) -> int:
        return ORDER.index(self._traits.alone_from)

    @property
    def _kinds(self) -> set[str]:
        return {KINDS[one] for one in self.asked.evidence if one in KINDS}

    @property
    def _listed(self) -> bool:
        return self.asked.arguments.get("verified_list") == "feed" and self.oracle.world.lists["feed"] >= set(self.asked.targets)

    @property
    def _ceiling(self) -> int:
        policy = self._policy
        levels = [class_level(policy, self.moment.levels, self.asked.action, group) for group in groups_of(self.asked)]
        night = policy["hours"] and not 8 <= self.moment.now.hour < 18 and not self.asked.asked_by.startswith("person:")
        return min([*levels, 2 if night else 5])

    @property
    def _sure(self) -> int:
        told, kept = self.asked.confidence, self.moment.judged.get(self.asked.incident)
        if self.asked.asked_by.startswith("person:"):
            return 5
        if self.asked.asked_by.startswith("model:") and kept is None:
            told = 0.0
        sure = min(told, 1.0 if kept is None else kept) if 0 <= told <= 1 else 0.0
        return max([1, *(ORDER.index(level) for level, least in self._policy["confidence"].items() if sure >= least)])

    @property
    def _radius(self) -> int | None:
        told = self.asked.blast_radius
        groups = {group["name"]: group for group in self._policy["groups"]}
        if told is None or told < 0 or any(wide(one) for one in self.asked.targets):
            return None
        if any(groups[name]["felt_by_all"] for name in groups_of(self.asked)):
            return None
        return max(told, len(names_of(self.asked)))

    def _is_over_rate(self) -> bool:
        rates, before = self._policy["rates"], [one for key, one in self.oracle.done.items() if key != self.asked.id]
        if self._listed:
            return self._is_more([one for one in before if one[3]], rates["verified_list"])
        single = [one for one in before if not one[3]]
        of_action = rates["actions"].get(self.asked.action, rates["actions"]["*"])
        same = [one for one in single if one[1] == self.asked.action]
        return self._is_more(same, of_action) or self._is_more(single, rates["total"])

    def _is_more(self, before: list[tuple[datetime, str, int, bool]], rate: dict[str, int]) -> bool:
        def within(hours: int) -> int:
            return sum(objects for at, _, objects, _ in before if at > self.moment.now - timedelta(hours=hours))

        mine = count(self.asked)
        return within(1) + mine > rate["hour"] or within(24) + mine > rate["day"]


def policy_at(changes: tuple[PolicyChange, ...], now: datetime) -> dict[str, Any]:
    """Give the policy, as data, that people last brought into force."""
    begun = [one for one in changes if one.policy and one.state in ("in-force", "announced") and one.begins and one.begins <= now]
    return max(enumerate(begun), key=lambda pair: (pair[1].begins or now, pair[0]))[1].policy


def is_stricter(policy: dict[str, Any], before: dict[str, Any]) -> bool:
    """Say whether one of the policies of these runs asks for no less than another."""
    surer = policy["confidence"]["L3"] >= before["confidence"]["L3"]
    return surer and policy["rates"]["total"]["hour"] <= before["rates"]["total"]["hour"] and set(policy["never"]) >= set(before["never"])


def class_level(policy: dict[str, Any], levels: tuple[LevelSet, ...], action: str, group: str, *, capped: bool = True) -> int:
    """Give how far people and demotions let a class go."""
    fits = [line for line in policy["levels"] if {action, "*"} & set(line.get("actions", ["*"]))]
    level = ORDER.index(fits[0]["level"])
    for told in sorted(levels, key=lambda one: one.time):
        if (told.action, told.group) == (action, group):
            level = ORDER.index(told.level)
        elif told.action in ("*", action) and told.group in ("*", group):
            level = min(level, ORDER.index(told.level))
    most = next((ORDER.index(one["most"]) for one in policy["groups"] if one["name"] == group), 0)
    return min(level, most) if capped else level


def names_of(asked: Proposal) -> set[str]:
    """Give the company's own things that a proposal acts on; what it calls a host or a user is one, known or not."""
    values = {one.value.split(":")[0] if one.kind in ("process", "file") else one.value for one in asked.targets if one.kind != "address"}
    values |= {asked.arguments["host"]} if "host" in asked.arguments else set()
    inside = {one.value for one in asked.targets if one.kind == "address" and not is_outside(one)}
    return {value.strip().lower().split(".")[0] for value in values if value != "77 x"} | inside


def groups_of(asked: Proposal) -> set[str]:
    found = {GROUPS.get(name, "other") for name in names_of(asked)}
    if any(one.kind in ("process", "file") for one in asked.targets):
        found.add("other")
    if any(one.kind == "address" and is_outside(one) for one in asked.targets):
        found.add("outside")
    return found


@lru_cache(maxsize=1 << 14)
def net(value: str) -> Any:
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return None


def wide(one: Entity) -> bool:
    found = net(one.value) if one.kind == "address" else None
    return found is not None and found.num_addresses > 1


def is_odd(one: Entity) -> bool:
    return not wide(one) and (net(one.value) is None or overlap(one.value, "127.0.0.0/8"))


def is_outside(one: Entity) -> bool:
    return any(overlap(one.value, known) and not overlap(one.value, "10.0.0.0/8") for known in ("203.0.113.0/24", "198.51.100.0/24"))


def overlap(value: str, name: str) -> bool:
    mine, theirs = net(value), net(name)
    if mine is None or theirs is None:
        return value.strip().lower().split(".")[0] == name and net(value) is None
    return mine.version == theirs.version and mine.overlaps(theirs)


def count(asked: Proposal) -> int:
    return sum(min(net(one.value).num_addresses, 1 << 20) if wide(one) else 1 for one in asked.targets)


def things(asked: Proposal) -> frozenset[str]:
    return things_of(asked.targets)


def things_of(targets: tuple[Entity, ...]) -> frozenset[str]:
    return frozenset(one.value.lower().removesuffix("/32") for one in targets)
