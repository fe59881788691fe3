"""Hunt files: a YAML document with the hunt, then the Sigma rules and correlations that it asks with. Owns reading and checking them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Any, cast

from pydantic import ValidationError

from watchkeeper.attack import current_id, parent, technique
from watchkeeper.detection.sigma import Rule, RuleSet, load_rules
from watchkeeper.detection.sigma.documents import Document, documents, parsed
from watchkeeper.detection.sigma.files import Unread, rule_files
from watchkeeper.detection.sigma.places import line_of
from watchkeeper.model.hunt import Check, Every, Hunt

_MOST_SAID = 3
_KINDS = ("every", "rare", "first", "regular")


@dataclass(frozen=True, slots=True)
class Asked:
    """A hunt with the rules of its file, by what they are for."""

    hunt: Hunt
    path: str
    asking: frozenset[str]
    """Ids of the rules and correlations whose signals are findings, or are stacked."""
    checking: dict[str, tuple[str, ...]]
    """Name in a check to the ids of the rules meant."""


@dataclass(frozen=True, slots=True)
class Hunts:
    """Hunts ready to be run."""

    asked: tuple[Asked, ...]
    """By name."""
    rules: RuleSet
    """The rules of all of them."""

    def chosen(self, names: Collection[str]) -> "Hunts":
        """Give some of the hunts with their rules.

        Raises:
            ValueError: there is none of that name.
        """
        known = {one.hunt.name: one for one in self.asked}
        for name in names:
            if name not in known:
                near = get_close_matches(name, known, 1)
                said = f"did you mean {near[0]!r}?" if near else "`watchkeeper hunt list` lists them"
                raise ValueError(f"no hunt is called {name!r}; {said}")
        return self._only([one for one in self.asked if one.hunt.name in names])

    def about(self, asked: str) -> "Hunts":
        """Give the hunts for a technique, its sub-techniques and its parent.

        Raises:
            ValueError: there is none.
        """
        today = current_id(asked)
        family = {today, parent(today) or today}
        found = [
            one for one in self.asked if any({now, parent(now) or now} & family for now in map(current_id, one.hunt.techniques))
        ]  # fmt: skip
        if not found:
            raise ValueError(f"no hunt is about {asked!r}; `watchkeeper hunt list` lists them with their techniques")
        return self._only(found)

    def _only(self, asked: Sequence[Asked]) -> "Hunts":
        paths = {one.path for one in asked}
        rules = tuple(rule for rule in self.rules.rules if rule.path in paths)
        correlations = tuple(one for one in self.rules.correlations if one.path in paths)
        return Hunts(tuple(asked), replace(self.rules, rules=rules, correlations=correlations))


def load_hunts(paths: Sequence[Path]) -> Hunts:
    """Load hunts from folders, files and zips; of two with one name that of the earlier path counts, so that a person's own go first.

    A mistake in any of them stops the loading, for who hunts with half of a question is misled.

    Raises:
        OSError: a path cannot be read.
        ValueError: a hunt is not as it must be; the message names file, line and key.
    """
    found: dict[str, Asked] = {}
    rules: list[RuleSet] = []
    for path in paths:
        here = _of_path(path)
        rules.append(here.rules)
        for one in here.asked:
            found.setdefault(one.hunt.name, one)
    asked = tuple(found[name] for name in sorted(found))
    return Hunts(asked, _together(rules, {one.path for one in asked}))


def _of_path(path: Path) -> Hunts:
    given, ruleset = list(_documents(path)), load_rules([path])
    _check(ruleset, {document.file.path for document in given})
    found: dict[str, Asked] = {}
    for document in given:
        one = _asked(_hunt(document), document, ruleset)
        if (known := found.setdefault(one.hunt.name, one)) is not one:
            raise ValueError(f"{one.path}: {known.path} is a hunt of the name {one.hunt.name!r} too; rename one of the files")
    asked = tuple(found.values())
    return Hunts(asked, _with_stacks(ruleset, asked))


def _together(rulesets: Sequence[RuleSet], paths: Collection[str]) -> RuleSet:
    """Give the rules of the hunts that count, which stand in these files."""
    return RuleSet(
        rules=tuple(rule for one in rulesets for rule in one.rules if rule.path in paths),
        unbounded=tuple(dict.fromkeys(rule for one in rulesets for rule in one.unbounded)),
        correlations=tuple(rule for one in rulesets for rule in one.correlations if rule.path in paths),
    )


def _check(ruleset: RuleSet, files: Collection[str]) -> None:
    """Let nothing run of which a rule cannot; that an id is used twice is no harm."""
    about = (problem for problem in ruleset.problems if any(file in problem for file in files))
    wrong = [problem for problem in about if "has another rule of this id" not in problem]
    if wrong:
        raise ValueError("; ".join(wrong[:_MOST_SAID]) + (f" (and {len(wrong) - _MOST_SAID} more)" if len(wrong) > _MOST_SAID else ""))


def _documents(path: Path) -> Iterator[Document]:
    for file in rule_files(path):
        read = file if isinstance(file, Unread) else parsed(file)
        if isinstance(read, Unread):
            raise ValueError(f"{read.path}{f', line {read.line}' if read.line else ''}: {read.reason}")  # noqa: TRY004 -- a file, not a type, is wrong
        found = [document for document in documents(read) if document.is_hunt]
        if len(found) != 1:
            raise ValueError(f"{read.path}: it holds {len(found)} hunts; a file holds one, under the key `hunt`, with its rules after it")
        yield found[0]


def _hunt(document: Document) -> Hunt:
    content: Any = document.content["hunt"]
    name = PurePath(document.file.path.rpartition("!")[2]).stem
    told = cast("dict[str, object]", content) if isinstance(content, dict) else {}
    try:
        hunt = Hunt.model_validate({"name": name, **told})
    except ValidationError as error:
        raise ValueError(_told(document, error)) from error
    unknown = [one for one in hunt.techniques if technique(one) is None]
    if unknown:
        line = line_of(document, "hunt", "techniques")
        raise ValueError(f"{document.file.path}, line {line}: ATT&CK has no technique {unknown[0]!r}; correct its id")
    return hunt


def _told(document: Document, error: ValidationError) -> str:
    """Say the first mistakes by file, line and key."""
    said: list[str] = []
    for one in error.errors(include_url=False)[:_MOST_SAID]:
        keys = [str(part) for part in one["loc"] if not isinstance(part, int) and part not in _KINDS]
        key = ".".join(str(part) for part in one["loc"]) or "hunt"
        near = get_close_matches(keys[-1], Hunt.model_fields, 1) if keys and one["type"] == "extra_forbidden" else []
        hint = f"; did you mean {near[0]!r}?" if near else ""
        said.append(f"{document.file.path}, line {line_of(document, 'hunt', *keys) or 1}: {key}: {one['msg']}{hint}")
    return "; ".join(said)


def _asked(hunt: Hunt, document: Document, ruleset: RuleSet) -> Asked:
    path = document.file.path
    rules = [one for one in (*ruleset.rules, *ruleset.correlations) if one.path == path]
    checks: dict[str, tuple[str, ...]] = {}
    for key, check in ((key, check) for key, given in (("confirms", hunt.confirms), ("refutes", hunt.refutes)) for check in given):
        checks |= _meant(check, rules, f"{path}, line {line_of(document, 'hunt', key)}")
    checking = {name for names in checks.values() for name in names}
    asking = frozenset(one.id for one in rules if one.emits and one.id not in checking)
    if not asking:
        raise ValueError(f"{path}: no rule of it asks anything; add a Sigma rule after `---`, or take a check's `rule` away")
    if not isinstance(hunt.look, Every) and (several := [one for one in ruleset.correlations if one.id in asking]):
        raise ValueError(
            f"{path}: {several[0].title!r} is a correlation, whose events cannot be stacked; let `look` be `every`, or count rules"
        )
    return Asked(hunt, path, asking, checks)


def _meant(check: Check, rules: Sequence[Any], place: str) -> dict[str, tuple[str, ...]]:
    if not check.rule:
        return {}
    names = tuple(one.id for one in rules if check.rule in (one.id, one.name))
    if not names:
        raise ValueError(f"{place}: no rule of the file has the name {check.rule!r}; give one that `name`, or take `rule` out of the check")
    return {check.rule: names}


def _with_stacks(ruleset: RuleSet, asked: Collection[Asked]) -> RuleSet:
    """Let rules whose events are stacked give no signals by themselves, and keep the fields that are stacked."""
    by = {rule: one.hunt.look.by for one in asked if not isinstance(one.hunt.look, Every) for rule in one.asking}

    def stacked(rule: Rule) -> Rule:
        return replace(rule, emits=False, counted=rule.counted.union(by[rule.id])) if rule.id in by else rule

    return replace(ruleset, rules=tuple(map(stacked, ruleset.rules)))
