"""What suppressions did, in words on a terminal. Owns the sentences; the counts are the case's."""

from collections.abc import Iterator, Sequence

from watchkeeper.model.suppression import Suppressed, Suppression
from watchkeeper.reporting.harmless import harmless

_ABOUT_THE_RULE = {
    "changed": "the rule asks for something else since then, look at it again",
    "gone": "the rule is not among those that ran",
}


def suppressed_words(done: Sequence[Suppressed]) -> Iterator[str]:
    """Say what each suppression set aside, which have expired, and whose rules are no longer what they were."""
    held = [one for one in done if one.in_force]
    if signals := sum(one.signals for one in held):
        yield f"{signals:,} signals are suppressed by {len(held)} suppressions; all of them are in signals.parquet"
    for one in done:
        about = _ABOUT_THE_RULE.get(one.rule_state, "")
        if not one.in_force:
            yield harmless(f"expired on {one.suppression.expires:%Y-%m-%d}, {one.signals:,} signals count again: {named(one.suppression)}")
        elif about:
            yield harmless(f"{about}: {named(one.suppression)}")


def named(one: Suppression) -> str:
    """Name a suppression by its id, what it means and who answers for it."""
    what = " and ".join([*([f"rule {one.rule}"] if one.rule else []), *(f"{where.name}={where.value}" for where in one.where)])
    return f"suppression {one.id} of {what} (owner {one.owner}: {one.why})"
