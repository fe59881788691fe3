"""Loading: what is wrong is said by file and line, the rest runs."""

from pathlib import Path

import pytest

from watchkeeper.detection import RuleSet, load_rules
from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Negation, Text
from watchkeeper.detection.sigma.kept import Kept

GOOD = """title: Good
id: 11111111-2222-4333-8444-555555555555
logsource:
  product: windows
detection:
  selection:
    F: a
  condition: selection
level: low
"""
OTHER = GOOD.replace("11111111", "22222222")


def load(folder: Path, **files: str) -> RuleSet:
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text, "utf-8")
    return load_rules([folder])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("F: a", "F|endwith: a", "line 7): 'endwith' is not a modifier; did you mean 'endswith'?"),
        ("F: a", "F|qqqq: a", "line 7): 'qqqq' is not a modifier"),
        ("F: a", "F|re: 'a('", "line 7): Regular expression 'a(' is invalid"),
        ("F: a", "F|cidr: 10.0.0.0/33", "line 7): Invalid CIDR expression"),
        ("F: a", "F|expand: '%users%'", "line 7): the placeholder %users% has no values here"),
        ("F: a", "F|contains: null", "line 7): Modifier SigmaContainsModifier incompatible"),
        ("F: a", "F: 2024-01-01", "line 7): Unsupported type"),
        ("condition: selection", "condition: selektion", "line 8): the condition names 'selektion', which the rule does not define"),
        (
            "condition: selection",
            "condition: 1 of filter_*",
            "line 8): the condition asks for '1' of 'filter_*'",
        ),
        ("condition: selection", "condition: selection | count() > 5", "line 8): The pipe syntax"),
        ("  condition: selection\n", "", "line 5): Sigma rule must contain at least one condition"),
        ("  product: windows", "  definition: x", "line 3): Sigma log source can't be empty"),
        ("level: low", "status: deprecated", "line 9): its status is 'deprecated', so it does not run"),
    ],
)
def test_a_bad_rule_is_told_and_the_others_run(tmp_path: Path, old: str, new: str, problem: str) -> None:
    ruleset = load(tmp_path, bad=GOOD.replace(old, new), good=OTHER)
    assert [rule.id for rule in ruleset.rules] == ["22222222-2222-4333-8444-555555555555"]
    (told,) = ruleset.problems
    assert told.startswith(f"rule 11111111-2222-4333-8444-555555555555 ({tmp_path / 'bad.yml'}, ")
    assert problem in told


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("level: low", "level: dreadful", "line 9): 'dreadful' is not a valid Sigma rule level; it runs all the same"),
        ("id: 11111111-2222-4333-8444-555555555555", "id: mine-1", "line 2): Sigma rule identifier must be an UUID; it runs all the same"),
    ],
)
def test_a_blemish_is_told_and_the_rule_runs(tmp_path: Path, old: str, new: str, problem: str) -> None:
    ruleset = load(tmp_path, blemished=GOOD.replace(old, new))
    assert len(ruleset.rules) == 1
    assert problem in ruleset.problems[0]


def test_a_file_that_is_no_yaml_is_told(tmp_path: Path) -> None:
    ruleset = load(tmp_path, bad="a: b: c", good=GOOD)
    assert len(ruleset.rules) == 1
    assert ruleset.problems[0].startswith(f"cannot read rules from {tmp_path / 'bad.yml'}, line 1: it is not YAML")


def test_yaml_of_another_sort_is_counted(tmp_path: Path) -> None:
    ruleset = load(tmp_path, other="name: workflow", list="[1, 2]", good=GOOD)
    assert len(ruleset.rules) == 1
    assert ruleset.problems == ("2 YAML documents hold no rule and were left out",)


def test_the_same_rule_runs_once(tmp_path: Path) -> None:
    ruleset = load(tmp_path, a=GOOD, b=GOOD)
    assert len(ruleset.rules) == 1
    assert ruleset.problems == ("1 rules were given more than once; each runs once",)


def test_another_rule_of_the_same_id_runs_under_a_new_one(tmp_path: Path) -> None:
    ruleset = load(tmp_path, a=GOOD, b=GOOD.replace("F: a", "F: b"))
    assert [rule.id for rule in ruleset.rules] == ["11111111-2222-4333-8444-555555555555", "11111111-2222-4333-8444-555555555555#2"]
    assert "has another rule of this id" in ruleset.problems[0]


def test_a_rule_without_an_id_is_named_by_its_file(tmp_path: Path) -> None:
    nameless = GOOD.replace("id: 11111111-2222-4333-8444-555555555555\n", "")
    ruleset = load(tmp_path, nameless=nameless + "---\n" + nameless.replace("F: a", "F: b"))
    assert [rule.id for rule in ruleset.rules] == ["nameless", "nameless#2"]


def test_a_filter_takes_away_from_the_rules_it_names(tmp_path: Path) -> None:
    one = """title: Ours
logsource: {product: windows}
filter: {rules: [11111111-2222-4333-8444-555555555555], ours: {G: b}, condition: not ours}
"""
    ruleset = load(tmp_path, a=GOOD, b=OTHER, filter=one)
    assert ruleset.problems == ()
    filtered, whole = (rule.condition for rule in ruleset.rules)
    assert filtered == AllOf((whole, Negation(filtered.children[1].child)))  # type: ignore[union-attr]


MANY = """title: Many
correlation: {type: event_count, rules: [11111111-2222-4333-8444-555555555555], group-by: [F], timespan: 1h, condition: {gte: 10}}
"""


def test_a_rule_that_a_correlation_counts_is_silent_unless_it_generates(tmp_path: Path) -> None:
    ruleset = load(tmp_path, a=GOOD, b=OTHER, many=MANY)
    assert ruleset.problems == ()
    assert [(rule.id[:2], rule.emits, rule.counted) for rule in ruleset.rules] == [("11", False, {"F"}), ("22", True, set())]
    assert [correlation.title for correlation in ruleset.correlations] == ["Many"]
    generating = load(tmp_path, many=MANY.replace("{type", "{generate: true, type"))
    assert [rule.emits for rule in generating.rules] == [True, True]


def test_where_a_correlation_cannot_run_what_it_counts_does_not_run_either(tmp_path: Path) -> None:
    temporal = MANY.replace("event_count", "sometimes")
    ruleset = load(tmp_path, a=GOOD, b=OTHER, many=temporal)
    assert [rule.id[:2] for rule in ruleset.rules] == ["22"]
    assert ruleset.correlations == ()
    assert any("line 2): 'sometimes' is no valid Sigma correlation type" in problem for problem in ruleset.problems)
    assert any("it only counts within the correlation Many, which does not run" in problem for problem in ruleset.problems)
    generating = load(tmp_path, many=temporal.replace("{type", "{generate: true, type"))
    assert len(generating.rules) == 2


def test_the_same_correlation_runs_once(tmp_path: Path) -> None:
    ruleset = load(tmp_path, a=GOOD, b=GOOD, one=MANY.replace("title: Many", f"title: Many\nid: {'3' * 8}-2222-4333-8444-555555555555"))
    (tmp_path / "two.yml").write_text((tmp_path / "one.yml").read_text("utf-8"), "utf-8")
    assert len(load_rules([tmp_path]).correlations) == len(ruleset.correlations) == 1


def test_a_rule_that_needs_backtracking_is_named(tmp_path: Path) -> None:
    ruleset = load(tmp_path, a=GOOD.replace("F: a", "F|re: 'a(?=b)'"), b=OTHER)
    assert ruleset.problems == ()
    assert ruleset.unbounded == ("11111111-2222-4333-8444-555555555555",)


@pytest.mark.slow
def test_the_public_rules_load(data: Path) -> None:
    ruleset = load_rules([data / "sigma" / "sigma_all_rules.zip"])
    assert len(ruleset.rules) + len(ruleset.problems) >= 3_757
    assert all("placeholder" in problem for problem in ruleset.problems)
    assert ruleset.unbounded == ()


def test_placeholders_get_values_and_what_is_kept_knows_which(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text(GOOD.replace("F: a", "F|expand: '%users%'"), "utf-8")
    kept = Kept(tmp_path / "kept")
    assert load_rules([tmp_path / "rules"], kept).rules == ()
    (rule,) = load_rules([tmp_path / "rules"], kept, {"users": ("ann", "bob")}).rules
    assert rule.condition == AnyOf((Atom("F", Text(("ann",))), Atom("F", Text(("bob",)))))
    (rule,) = load_rules([tmp_path / "rules"], kept, {"users": ("ann",)}).rules
    assert rule.condition == Atom("F", Text(("ann",)))


def test_a_key_that_stands_twice_is_told_and_the_last_one_counts(tmp_path: Path) -> None:
    ruleset = load(tmp_path, twice="---\n" + GOOD.replace("    F: a\n", "    F: a\n    F: b\n"))
    assert [rule.condition for rule in ruleset.rules] == [Atom("F", Text(("b",)))]
    (problem,) = ruleset.problems
    assert problem.endswith("twice.yml, line 9): 'F' stands twice in one mapping; the last one counts, so keep only one")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("11111111-2222", "11111111-3333", "filter.yml): it names the rule '11111111-3333-4333-8444-555555555555', which is not there"),
        ("product: windows", "product: linux", "filter.yml): no rule that it names is about its log source"),
        ("[11111111-2222-4333-8444-555555555555]", "any", ""),
    ],
)
def test_a_filter_that_does_nothing_is_told(tmp_path: Path, old: str, new: str, reason: str) -> None:
    one = """title: Ours
logsource: {product: windows}
filter: {rules: [11111111-2222-4333-8444-555555555555], ours: {G: b}, condition: not ours}
"""
    ruleset = load(tmp_path, a=GOOD, filter=one.replace(old, new))
    assert [reason in problem for problem in ruleset.problems] == [True] * bool(reason)


def test_documents_of_a_collection_share_repeat_and_begin_anew(tmp_path: Path) -> None:
    collection = """action: global
title: Shared
level: high
detection:
  condition: selection
---
logsource: {product: windows}
detection: {selection: {F: a}}
---
action: repeat
logsource: {product: linux}
---
action: reset
---
title: Alone
logsource: {product: zeek}
detection: {selection: {F: b}, condition: selection}
"""
    ruleset = load(tmp_path, many=collection)
    assert ruleset.problems == ()
    found = [(rule.id, rule.title, rule.level, rule.source.product, rule.condition) for rule in ruleset.rules]
    a, b = (Atom("F", Text((value,))) for value in "ab")
    assert found == [
        ("many#2", "Shared", "high", "windows", a),
        ("many#3", "Shared", "high", "linux", a),
        ("many#5", "Alone", "informational", "zeek", b),
    ]


def test_a_retired_correlation_does_not_run_nor_what_it_counts(tmp_path: Path) -> None:
    ruleset = load(tmp_path, a=GOOD, b=OTHER, many="status: deprecated\n" + MANY)
    assert ([rule.id[:2] for rule in ruleset.rules], ruleset.correlations) == (["22"], ())
    assert any("line 1): its status is 'deprecated', so it does not run" in problem for problem in ruleset.problems)
