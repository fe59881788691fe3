"""Loading rules: every file is tried, what cannot run is said, the others run. Owns the order of the steps; each stands in its own module."""

from collections.abc import Sequence
from pathlib import Path

from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from watchkeeper.detection.sigma import problems
from watchkeeper.detection.sigma.files import Unread, rule_files
from watchkeeper.detection.sigma.parse import to_rule
from watchkeeper.detection.sigma.rule import RuleSet


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Load Sigma rules from folders, files and zip archives; bad rules become problems, the others run."""
    rules, found = [], []
    for file in rule_files(paths):
        if isinstance(file, Unread):
            found.append(problems.unread(file))
            continue
        for document in file.documents:
            try:
                rules.append(to_rule(SigmaRule.from_dict(document), file.path, Path(file.path).stem))
            except (SigmaError, ValueError, TypeError, AttributeError) as error:
                found.append(problems.explain(file, str(document.get("id", "?")), document, error))
    return RuleSet(tuple(rules), tuple(found))
