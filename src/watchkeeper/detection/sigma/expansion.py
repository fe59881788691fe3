"""Putting values in the place of placeholders in what pySigma parsed. Owns the variants of a value, and how many there may be."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import cast

from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaDetections
from sigma.types import Placeholder, SigmaExpansion, SigmaRegularExpression, SigmaString, SigmaType

from watchkeeper.detection.sigma.placeholders import Placeholders

MOST_TEXTS = 10_000
"""A value with placeholders becomes at most so many."""


def fill(detections: SigmaDetections, placeholders: Placeholders) -> None:
    """Put values in the place of placeholders, each variant as an alternative; what has no values stays.

    Raises:
        ValueError: a value has too many variants.
    """
    for detection in detections.detections.values():
        for item in _items(detection):
            fill_item(item, placeholders)


def fill_item(item: SigmaDetectionItem, placeholders: Placeholders) -> None:
    """Put values in the place of placeholders in one line of a detection.

    Raises:
        ValueError: a value has too many variants.
    """
    item.value = [_filled(value, placeholders) for value in item.value]


def _items(detection: SigmaDetection) -> Iterator[SigmaDetectionItem]:
    for item in detection.detection_items:
        if isinstance(item, SigmaDetection):
            yield from _items(item)
        else:
            yield item


def _filled(value: SigmaType, placeholders: Placeholders) -> SigmaType:
    match value:
        case SigmaExpansion():
            return SigmaExpansion([_filled(one, placeholders) for one in value.values])
        case SigmaString():
            variants = _variants(value, placeholders, cls=type(value), pattern=False)
            return SigmaExpansion(cast("list[SigmaType]", variants)) if value.contains_placeholder() else value
        case SigmaRegularExpression() if value.contains_placeholder():
            patterns = _variants(value.regexp, placeholders, cls=SigmaString, pattern=True)
            return SigmaExpansion([SigmaRegularExpression(one, value.flags, policy=value.policy) for one in patterns])
        case _:
            return value


def _variants(text: SigmaString, placeholders: Placeholders, *, cls: type[SigmaString], pattern: bool) -> list[SigmaString]:
    """Give the text with each combination of values; wildcards in values count, and in a pattern a value is a pattern."""
    choices = [_choices(part, placeholders, pattern=pattern) for part in text.s]
    if prod(map(len, choices)) > MOST_TEXTS:
        raise ValueError(f"{str(text)!r} has more than {MOST_TEXTS:,} variants; give its placeholders fewer values")
    return [_joined(chosen, cls) for chosen in product(*choices)]


def _choices(part: object, placeholders: Placeholders, *, pattern: bool) -> Sequence[SigmaString]:
    if isinstance(part, Placeholder) and part.name in placeholders:
        return [SigmaString.from_str(one) if pattern else SigmaString(one) for one in placeholders[part.name]]
    whole = SigmaString()
    whole.s = [cast("str", part)]
    return [whole]


def _joined(chosen: Sequence[SigmaString], cls: type[SigmaString]) -> SigmaString:
    whole = cls()
    whole.s = [part for one in chosen for part in one.s]
    return whole
