"""The base score of a CVSS 3 vector. Owns the arithmetic. Source: FIRST, "CVSS v3.1 Specification", 7.1 and appendix A."""

import re

_VECTOR = re.compile(r"CVSS:3\.[01]((?:/[A-Za-z]{1,3}:[A-Za-z]){8,25})")
_ATTACK = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_INTERACTION = {"N": 0.85, "R": 0.62}
_LOSS = {"H": 0.56, "L": 0.22, "N": 0.0}


def base_score(vector: str) -> float | None:
    """Give the base score, 0 to 10; none if the text is no whole CVSS 3 vector."""
    found = _VECTOR.fullmatch(vector.strip())
    if not found:
        return None
    metrics = dict(part.split(":", 1) for part in found[1][1:].split("/"))
    try:
        return _score(metrics)
    except KeyError:
        return None


def _score(metrics: dict[str, str]) -> float:
    scope = metrics["S"]
    kept = 1.0
    for name in ("C", "I", "A"):
        kept *= 1 - _LOSS[metrics[name]]
    loss = 1 - kept
    impact = 6.42 * loss if scope == "U" else 7.52 * (loss - 0.029) - 3.25 * (loss - 0.02) ** 15
    ease = 8.22 * _ATTACK[metrics["AV"]] * _COMPLEXITY[metrics["AC"]] * _PRIVILEGES[scope][metrics["PR"]] * _INTERACTION[metrics["UI"]]
    if impact <= 0:
        return 0.0
    return _up(min(impact + ease if scope == "U" else 1.08 * (impact + ease), 10))


def _up(value: float) -> float:
    """Round up to one digit, as the specification does it in whole numbers."""
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10
