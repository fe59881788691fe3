"""What a rule asks of a field, in plain English. Owns the words; what a test means stands in `detection.sigma.reference`."""

from watchkeeper.detection.sigma.condition import Network, Null, Number, Present, Regex, SameAs, Test, Text, TimePart, Wild
from watchkeeper.detection.sigma.text import shape

_COMPARISONS = {"eq": "is", "ne": "is not", "lt": "is less than", "le": "is at most", "gt": "is more than", "ge": "is at least"}
_SHAPES = {"equals": "is", "starts": "starts with", "ends": "ends with", "contains": "contains"}


def in_words(test: Test) -> str:
    """Say what a test asks, as what follows the field's name."""
    match test:
        case Text():
            said = _text(test)
        case Regex(pattern, flags):
            said = f"matches /{pattern}/{flags}"
        case Network(cidr):
            said = f"is an address in {cidr}"
        case Number(operator, number):
            said = f"{_COMPARISONS[operator]} the number {number}"
        case TimePart(part, operator, number):
            said = f"is a time whose {part} {_COMPARISONS[operator]} {number}"
        case SameAs():
            said = _same(test)
        case Null():
            said = "has no value"
        case Present(expected):
            said = "is there" if expected else "is not there"
    return said


def _text(test: Text) -> str:
    cased = ", case matters" if test.cased else ""
    name, literal = shape(test)
    if name == "any":
        return "has any value"
    if name == "glob":
        pattern = "".join(part if isinstance(part, str) else "*" if part is Wild.MANY else "?" for part in test.parts)
        return f"looks like '{pattern}'{cased}"
    return f"{_SHAPES[name]} '{literal}'{cased}" if literal else "is empty"


def _same(test: SameAs) -> str:
    how = {(False, False): "is the same as", (True, False): "starts with", (False, True): "ends with", (True, True): "contains"}
    return f"{how[test.starts, test.ends]} what {test.field} is{', case matters' if test.cased else ''}"
