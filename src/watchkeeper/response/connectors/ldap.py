"""Directories: accounts disabled over LDAP. Owns finding the one entry and changing its one attribute; the values are of `account_forms`.

Sources: RFC 4511 (LDAP), RFC 4515 (filters), RFC 4532 ("Who am I?").
"""

import json
import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self, cast

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn  # pyright: ignore[reportUnknownVariableType] -- it has no types
from pydantic import Field, model_validator

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.account_forms import FORMS, Form, Values, one_value
from watchkeeper.response.connectors.place import Place
from watchkeeper.response.connectors.secure import Certificates, Login, Seconds, ServerName, Tls, ended_after, refuse_in_clear, verifying
from watchkeeper.settings.references import Reference, Reveal, hidden

_ACTION = "disable_account"
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,256}")
_SECRETS = re.compile("pass|unicodepwd|supplementalcredentials|hash|secret|key|krb", re.IGNORECASE)
_MOST_REFERENCE = 500
_DONE, _TOO_MANY, _NO_SUCH_ATTRIBUTE, _THERE_ALREADY = 0, 4, 16, 20
_LATER = {3, 51, 52, 80}
"""Time limit exceeded, busy, unavailable, other: it may go next time."""


class LdapPlace(Place):
    """A directory in which accounts are disabled."""

    by: Literal["ldap"]
    """This connector."""
    server: ServerName
    """Name or address of the directory server."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """Its port; 0: 636 with TLS, 389 otherwise."""
    tls: Tls = "tls"
    """How the connection is kept secret."""
    certificates: Certificates = ""
    """Which certificates are trusted."""
    user: Login
    """Who to bind as: a DN, or for Active Directory `user@domain`; it needs to read and write the one attribute and no more."""
    password: Reference
    """Where its password is."""
    base: Annotated[str, Field(min_length=1, max_length=1_000)]
    """DN under which accounts are looked for."""
    form: Literal["openldap", "active-directory", "389", "attribute"]
    """Which attribute disables an account; `attribute`: the one that is named here."""
    find: str = ""
    """Filter that finds an account, with `{user}` for its name; empty: that of the form."""
    policy: str = ""
    """DN of OpenLDAP's default password policy, which has to heed locks; needed with that form."""
    attribute: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9-]{0,63})?$")] = ""
    """The attribute that disables an account; only with the form `attribute`."""
    value: Annotated[str, Field(max_length=200)] = ""
    """Its value for a disabled account; only with the form `attribute`."""
    seconds: Seconds = 20
    """How long one conversation may take."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        refuse_in_clear(self.server, self.tls)
        if (self.form == "attribute") != bool(self.attribute and self.value):
            raise ValueError("`attribute` and `value` belong to the form `attribute`, and it needs both")
        if _SECRETS.search(self.attribute):
            raise ValueError(f"{self.attribute!r} holds a secret, and what it was before would have to be kept; choose another attribute")
        if (self.form == "openldap") != bool(self.policy):
            raise ValueError("the form `openldap` needs `policy`, the DN of the default password policy, and no other form has it")
        if self.find and not re.fullmatch(r"\(.*=\{user\}\).*", self.find):
            raise ValueError("`find` is a filter in brackets, with {user} as a whole value, such as (uid={user})")
        return self

    @property
    def told(self) -> Form:
        """The form with what is configured."""
        return one_value(self.attribute, self.value, "(uid={user})") if self.form == "attribute" else FORMS[self.form]

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how an account is disabled there.

        Raises:
            ValueError: it is another action.
        """
        if action != _ACTION:
            raise ValueError(f"{self.name!r} has no {action!r}; a directory has {_ACTION!r}")
        directory = _Directory(self, reveal)
        return Means(self.name, action, directory.do, directory.undo, directory.check, directory.former)


@dataclass(frozen=True, slots=True)
class _Entry:
    dn: str
    values: Values
    policy: str


class _Verified(ldap3.Tls):
    """TLS by Python's own check of certificate and name; ldap3's does without the platform's check of names."""

    def __init__(self, certificates: str) -> None:
        super().__init__()
        self._context = verifying(certificates)

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002 -- ldap3 calls it so
        """Put TLS around a connection's socket; who it is is always proved at once."""
        del do_handshake
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)


@dataclass(frozen=True, slots=True)
class _Directory:
    place: LdapPlace
    reveal: Reveal

    def former(self, job: Job) -> str:
        with self._bound() as connection:
            return _kept(self._entry(connection, job).values)

    def do(self, job: Job) -> Done:
        form = self.place.told
        with self._bound() as connection:
            entry = self._entry(connection, job)
            self._refuse_own(connection, entry, job)
            if why := self._not_heeded(connection, entry):
                raise ValueError(f"{self.place.name!r}: {why}; nothing was changed")
            reference = job.reference or _kept(entry.values)
            if form.says_disabled(entry.values):
                return Done(said=f"{entry.dn!r} is disabled already; nothing was changed", reference=reference)
            self._change(connection, entry, form.disabled(entry.values))
        return Done(said=f"{form.attribute} of {entry.dn!r} says that it is disabled", reference=reference)

    def undo(self, job: Job) -> Done:
        form, former = self.place.told, _remembered(job.reference, self.place.name)
        with self._bound() as connection:
            entry = self._entry(connection, job)
            if not form.says_disabled(entry.values):
                return Done(said=f"{entry.dn!r} is not disabled any more; nothing was changed")
            restored = form.restored(entry.values, former)
            if restored == entry.values:
                return Done(said=f"{entry.dn!r} was disabled before this action already, and stays so")
            self._change(connection, entry, restored)
        return Done(said=f"{form.attribute} of {entry.dn!r} is what it was before")

    def check(self, job: Job) -> Seen:
        form = self.place.told
        with self._bound() as connection:
            entry = self._entry(connection, job)
            disabled = form.says_disabled(entry.values)
            why = self._not_heeded(connection, entry) if disabled else ""
        saw = f"{form.attribute} of {entry.dn!r} is {', '.join(entry.values) or 'not there'}"
        said = f"{saw}; {why}" if why else f"{saw}; that a logon fails was not tried" if disabled else saw
        outcome = "in-force" if disabled and not why else "not-in-force"
        return Seen(where="target", outcome=outcome, time=datetime.now(UTC), said=said[:2_000])

    @contextmanager
    def _bound(self) -> Generator[Any]:
        """Bind, and say in the words of this connector what ldap3 says of the server."""
        place, password = self.place, self.reveal(self.place.password)
        tls = _Verified(place.certificates) if place.tls != "none" else None
        port = place.port or (636 if place.tls == "tls" else 389)
        server = ldap3.Server(
            place.server, port, use_ssl=place.tls == "tls", tls=tls, get_info=ldap3.NONE, connect_timeout=min(10, place.seconds)
        )
        connection: Any = ldap3.Connection(server, place.user, password, auto_referrals=False, receive_timeout=place.seconds)
        with ended_after(place.seconds, lambda: connection.socket) as late:
            try:
                self._log_in(connection)
                yield connection
            except LDAPException as error:
                said = f"took longer than {place.seconds} seconds" if late.is_set() else f"{type(error).__name__}: {error}"
                raise ConnectionError(f"{place.name!r} ({place.server}): {hidden(said, password)[:300]}") from error
            finally:
                with suppress(LDAPException, OSError):
                    connection.unbind()
                if connection.socket is not None:
                    connection.socket.close()  # ldap3 leaves it open where TLS or the bind did not come about

    def _log_in(self, connection: Any) -> None:
        connection.open(read_server_info=False)
        if self.place.tls == "starttls":
            connection.start_tls(read_server_info=False)
        connection.bind(read_server_info=False)
        self._judge(connection, f"refuses {self.place.user!r}")

    def _judge(self, connection: Any, what: str) -> None:
        """Raise what the last result says, unless it says that all is well."""
        result: dict[str, Any] = connection.result
        code = result["result"]
        if code == _DONE:
            return
        said = f"{self.place.name!r} ({self.place.server}) {what}: {result['description']} {result['message'] or ''}".strip()
        raise OSError(said[:500]) if code in _LATER else ValueError(said[:500])

    def _entry(self, connection: Any, job: Job) -> _Entry:
        """Find the one entry of the account."""
        name = _name(job)
        asked = (self.place.find or self.place.told.find).replace("{user}", escape_filter_chars(name))
        wanted = [self.place.told.attribute, *(("pwdPolicySubentry",) if self.place.policy else ())]
        connection.search(
            self.place.base, asked, attributes=wanted, size_limit=2, time_limit=self.place.seconds, dereference_aliases=ldap3.DEREF_NEVER
        )
        if connection.result["result"] != _TOO_MANY:
            self._judge(connection, "cannot be searched")
        found = [one for one in connection.response or () if one["type"] == "searchResEntry"]
        if len(found) != 1:
            many = "there are several" if found else "there is none"
            raise ValueError(f"{self.place.name!r}: {many} called {name!r} under {self.place.base!r} instead of one; nothing was done")
        told = {key.lower(): values for key, values in found[0]["raw_attributes"].items()}
        values = tuple(one.decode("utf-8") for one in told.get(self.place.told.attribute.lower(), ()))
        own_policy = told.get("pwdpolicysubentry", ())
        return _Entry(found[0]["dn"], values, own_policy[0].decode("utf-8") if own_policy else self.place.policy)

    def _refuse_own(self, connection: Any, entry: _Entry, job: Job) -> None:
        """Refuse to disable the account that this connector binds as: it could not take that back."""
        found: Any = connection.extend.standard.who_am_i()
        kind, _, own = str(found or "").partition(":")
        names = {one.lower() for login in (self.place.user, own) for one in (login, login.rpartition("\\")[2], login.partition("@")[0])}
        same = any(_same(entry.dn, dn) for dn in (self.place.user, own if kind == "dn" else ""))
        if same or _name(job).lower() in names:
            raise ValueError(f"{self.place.name!r}: {_name(job)!r} is the account that this connector binds as, and is never disabled")

    def _not_heeded(self, connection: Any, entry: _Entry) -> str:
        """Say why the lock would do nothing: OpenLDAP heeds it only where the account's password policy says so."""
        if not entry.policy:
            return ""
        connection.search(entry.policy, "(objectClass=*)", search_scope=ldap3.BASE, attributes=["pwdLockout"], size_limit=1)
        found = [one for one in connection.response or () if one["type"] == "searchResEntry"]
        values = [value for one in found for value in one["raw_attributes"].get("pwdLockout", ())]
        return "" if values == [b"TRUE"] else f"the policy {entry.policy!r} does not say pwdLockout TRUE, so that no lock is heeded"

    def _change(self, connection: Any, entry: _Entry, values: Values) -> None:
        """Change the attribute from what was read to something else; if it is not that any more, nothing changes."""
        attribute = self.place.told.attribute
        steps = [(how, list(which)) for how, which in ((ldap3.MODIFY_DELETE, entry.values), (ldap3.MODIFY_ADD, values)) if which]
        connection.modify(entry.dn, {attribute: steps})
        if connection.result["result"] in (_NO_SUCH_ATTRIBUTE, _THERE_ALREADY):
            raise OSError(f"{self.place.name!r}: somebody else changed {attribute} of {entry.dn!r} in the same moment; nothing was done")
        self._judge(connection, f"does not change {attribute} of {entry.dn!r}")


def _name(job: Job) -> str:
    if len(job.targets) != 1 or job.targets[0].kind not in ("user", "account"):
        raise ValueError(f"{_ACTION!r} is for one account at a time, not for {len(job.targets)} things")
    name = job.targets[0].value
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:256]!r} is no name of an account")
    return name


def _kept(values: Values) -> str:
    text = json.dumps(values)
    if len(text) > _MOST_REFERENCE:
        raise ValueError(f"what the attribute says now is too long to be kept for taking it back ({len(text)}); nothing was done")
    return text


def _remembered(reference: str, place: str) -> Values:
    if not reference:
        raise ValueError(f"{place!r}: what the account was before is not known; it may have been disabled then: enable it by hand")
    return tuple(map(str, json.loads(reference)))


def _same(dn: str, other: str) -> bool:
    """Say whether two DNs are one, however they are written."""
    try:
        one, two = _parts(dn), _parts(other)
    except LDAPException:
        return False
    return bool(one) and one == two


def _parts(dn: str) -> list[tuple[str, str]]:
    found = cast("list[tuple[str, str, str]]", parse_dn(dn, escape=False, strip=True))
    return [(name.lower(), value.lower()) for name, value, _ in found]
