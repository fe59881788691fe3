"""What lasts: services, tasks, accounts, groups, subscriptions, cleared logs, findings of Defender. Owns these edges."""

from watchkeeper.tracing.families.pattern import Pattern, Patterns, on_host, this_host, user

_CALLER = user("SubjectUserName")
_JOINED = (Pattern("added", ("group.joined", "group.joined.sid"), _CALLER, user("MemberName", "MemberSid")),)
_BOUND = (Pattern("subscribed", ("wmi.bound",), user("User"), on_host("service", "Name", "Consumer")),)
_FOUND = (Pattern("found", ("malware.found",), this_host, on_host("file", "Path", detail=("threat", "Threat Name")), about_target=True),)
_USED = (Pattern("used", ("object.used",), _CALLER, on_host("file", "ObjectName")),)

PATTERNS: Patterns = {
    "system 7045": (
        Pattern(
            "installed",
            ("service.installed",),
            this_host,
            on_host("service", "ServiceName", detail=("command", "ImagePath")),
            about_target=True,
        ),
    ),
    "security 4697": (
        Pattern("installed", ("service.installed",), _CALLER, on_host("service", "ServiceName", detail=("command", "ServiceFileName"))),
    ),
    "security 4698": (Pattern("created", ("task.created",), _CALLER, on_host("task", "TaskName", detail=("content", "TaskContent"))),),
    "security 4702": (Pattern("changed", ("task.changed",), _CALLER, on_host("task", "TaskName")),),
    "security 4720": (Pattern("created", ("account.created",), _CALLER, user("TargetUserName")),),
    "security 4738": (Pattern("changed", ("account.changed",), _CALLER, user("TargetUserName")),),
    "security 4728": _JOINED,
    "security 4732": _JOINED,
    "security 1102": (Pattern("cleared", ("log.cleared",), _CALLER, this_host),),
    "system 104": (Pattern("cleared", ("log.cleared",), _CALLER, this_host),),
    "security 4662": _USED,
    "security 4663": _USED,
    "sysmon 19": _BOUND,
    "sysmon 20": _BOUND,
    "sysmon 21": _BOUND,
    "defender 1116": _FOUND,
    "defender 1117": _FOUND,
}
