"""Directory: what domain controllers record of changes in the directory and of its replication. Owns those Security events, not logons."""

from watchkeeper.cyberrange.logons import subject
from watchkeeper.cyberrange.machine import Logon, Machine

_DOMAIN_CLASS = "{19195a5b-6da0-11d0-afd3-00c04fd930c9}"
_DOMAIN = "%{0c4d1d0e-7a3a-4a2a-8a4f-3c4f0e1d2b3a}"
_RIGHTS = ("{1131f6aa-9c07-11d1-f79f-00c04fc2dcd2}", "{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}", "{89e95b76-444d-4c62-991a-0facbeda640c}")


def replicated(controller: Machine, logon: Logon, when: float, right: int = 0) -> None:
    """Record that somebody used a right to replicate the directory (4662): changes, all changes with secrets, or a filtered set."""
    controller.security(when, 4662, {
        **subject(logon), "ObjectServer": "DS", "ObjectType": f"%{_DOMAIN_CLASS}", "ObjectName": _DOMAIN, "OperationType": "Object Access",
        "HandleId": "0x0", "AccessList": "%%7688\r\n\t\t\t\t", "AccessMask": "0x100",
        "Properties": f"%%7688\r\n\t\t{_RIGHTS[right % len(_RIGHTS)]}\r\n\t{_DOMAIN_CLASS}", "AdditionalInfo": "-", "AdditionalInfo2": "",
    })  # fmt: skip


def account_made(controller: Machine, logon: Logon, account: str, when: float) -> None:
    """Record that an account was created, enabled, changed and given a password."""
    company = controller.company
    target = {"TargetUserName": account, "TargetDomainName": company.domain, "TargetSid": company.sid_of(account)}
    rest = {"SamAccountName": account, "UserAccountControl": "\r\n\t\t%%2080\r\n\t\t%%2082", "PrivilegeList": "-"}
    for number, event in enumerate((4720, 4722, 4738, 4724)):
        controller.security(when + number * 0.2, event, {**subject(logon), **target, **(rest if event in {4720, 4738} else {})})


def joined(controller: Machine, logon: Logon, account: str, group: str, when: float) -> None:
    """Record that an account became a member of a global group (4728)."""
    company = controller.company
    sid = f"{company.sid}-512" if group == "Domain Admins" else company.sid_of(group)
    controller.security(when, 4728, {
        **subject(logon), "MemberSid": company.sid_of(account), "MemberName": f"CN={account},CN=Users", "TargetUserName": group,
        "TargetDomainName": company.domain, "TargetSid": sid, "PrivilegeList": "-",
    })  # fmt: skip
