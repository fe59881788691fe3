"""Sound playbooks drawn at random, for properties that hold of every one."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import strategies as st
from tests.autopilot.playbooks.conftest import made

from watchkeeper.model.playbook import Playbook

_OUTCOMES = ["done", "verified", "nothing", "lapsed", "refused", "ineffective", "failed"]


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    """Draw a playbook: ways of a few steps, with decisions, questions, parallel and repeated ways in them, three deep at most."""
    steps: dict[str, Any] = {}
    numbers = count(1)
    steps["first"] = {"kind": "tell", "say": "it begins", "next": _way(draw, steps, numbers, 0)}
    return made(steps)


def _way(draw: st.DrawFn, steps: dict[str, Any], numbers: Iterator[int], deep: int) -> str:
    name = f"end-{next(numbers)}"
    steps[name] = {"kind": "end"}
    for _ in range(draw(st.integers(1, 3))):
        name = _before(draw, steps, numbers, (name, deep))
    return name


def _before(draw: st.DrawFn, steps: dict[str, Any], numbers: Iterator[int], after: tuple[str, int]) -> str:
    """Put a step before another one."""
    onward, deep = after
    name = f"s{next(numbers)}"
    deeper = ["decide", "parallel", "repeat", "ask"] if deep < 2 else []
    kind = draw(st.sampled_from(["act", "wait", "tell", "assign", "escalate", *deeper]))
    other = _before(draw, steps, numbers, (onward, deep + 1)) if kind == "act" and deep < 3 else onward
    match kind:
        case "act":
            more = {"actions": [{"action": "block_address"}], "next": onward, "on_refused": other, "on_ineffective": other}
        case "wait":
            more = {"seconds": 60, "next": onward, **draw(st.sampled_from([{}, {"until": _condition(draw, steps)}]))}
        case "decide":
            then, otherwise = (_maybe(draw, steps, numbers, deep) for _ in range(2))
            more = {"when": _condition(draw, steps), "then": then, "otherwise": otherwise, "next": onward}
        case "ask":
            choices = [{"name": one, "said": one, "then": _maybe(draw, steps, numbers, deep)} for one in ("yes", "no")]
            asked = {"to": "role:responder", "question": "?", "default": "no", "within_seconds": 60}
            more = {**asked, "choices": choices, "next": onward}
        case "parallel":
            more = {"branches": [_way(draw, steps, numbers, deep + 1) for _ in range(draw(st.integers(2, 3)))], "next": onward}
        case "repeat":
            body = _way(draw, steps, numbers, deep + 1)
            more = {"when": _condition(draw, steps), "body": body, "most": draw(st.integers(1, 3)), "next": onward}
        case "tell":
            more = {"say": "look", "next": onward}
        case _:
            more = {"to": "owner", "next": onward, **({"say": "look"} if kind == "escalate" else {})}
    steps[name] = {"kind": kind, **more}
    return name


def _maybe(draw: st.DrawFn, steps: dict[str, Any], numbers: Iterator[int], deep: int) -> str | None:
    return _way(draw, steps, numbers, deep + 1) if draw(st.booleans()) else None


def _condition(draw: st.DrawFn, steps: dict[str, Any]) -> dict[str, Any]:
    told = {"step": draw(st.sampled_from(sorted(steps))), "became": [draw(st.sampled_from(_OUTCOMES))]}
    return draw(st.sampled_from([{"every": []}, {"none": [{"every": []}]}, told, {"none": [told]}, {"fact": "attack", "least": 0.5}]))
