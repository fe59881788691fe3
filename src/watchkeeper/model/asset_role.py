"""What hosts and accounts do: the names of roles, and other words for them. Owns the list that policy, response and playbooks speak by.

A role that is not listed is one as well: people may have words of their own, in their inventory and in their policy.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator

UNKNOWN = "unknown"
"""The role, to a playbook, of a host of which nobody said what it does."""
CROWN_ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "domain-controller": ("dc", "active-directory", "directory-server"),
        "identity-provider": ("idp", "sso"),
        "certificate-authority": ("ca", "pki"),
    }
)
"""Hosts who hold these hold everything else; each with other words for it."""
ADMIN_ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"administrator": ("sysadmin",), "domain-admin": ("domain-administrator",), "admin": (), "break-glass": ("emergency-account",)}
)
"""Accounts of which one may be the last that can repair what went wrong."""
SHARED_ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dns": ("dns-server", "name-server", "nameserver", "resolver"),
        "dhcp": ("dhcp-server",),
        "mail": ("mail-server", "mailserver", "exchange", "smtp"),
        "file-server": ("fileserver", "file", "nas", "share"),
        "database": ("db", "sql", "database-server", "sql-server"),
        "web-server": ("web", "webserver", "www"),
        "deployment": ("build", "build-server", "ci", "deployment-server", "software-distribution"),
        "jump-host": ("jump", "jumphost", "jump-server", "bastion"),
        "proxy": ("proxy-server", "web-proxy"),
        "vpn": ("vpn-gateway", "remote-access"),
        "firewall": (),
        "router": ("gateway",),
        "hypervisor": ("virtualisation-host", "virtualization-host", "esx", "esxi", "vmhost"),
        "backup": ("backup-server",),
    }
)
"""Servers that many people need: what is done to one is felt by more than anybody can count."""
DESK_ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"workstation": ("client", "pc"), "laptop": ("notebook",), "desktop": (), "kiosk": ()}
)
"""Machines at which one person works."""
FELT_BY_ALL = frozenset({*CROWN_ROLES, *SHARED_ROLES})
"""Hosts on which many depend."""
_ALL = (CROWN_ROLES, ADMIN_ROLES, SHARED_ROLES, DESK_ROLES)
_NAMED: Mapping[str, str] = {word: name for roles in _ALL for name, others in roles.items() for word in (name, *others)}


def role_named(text: str) -> str:
    """Give the one name of a role, lower case with hyphens, whichever word for it was used."""
    words = "-".join(text.lower().replace("_", " ").replace("-", " ").split())
    return _NAMED.get(words, words)


AssetRole = Annotated[str, AfterValidator(role_named)]
"""A role under its one name."""
