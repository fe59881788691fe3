"""Registry: who set or changed which key. Owns these edges."""

from watchkeeper.tracing.families.pattern import Pattern, Patterns, on_host, process
from watchkeeper.tracing.processes import ACTOR

_KEY = on_host("registry", "TargetObject", detail=("value", "Details"))

PATTERNS: Patterns = {
    "sysmon 12": (Pattern("changed", ("registry.changed",), process(ACTOR), _KEY),),
    "sysmon 13": (Pattern("set", ("registry.set", "registry.changed"), process(ACTOR), _KEY),),
    "sysmon 14": (Pattern("changed", ("registry.changed",), process(ACTOR), _KEY),),
}
