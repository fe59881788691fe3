"""Accounts of a real OpenLDAP: they can log on, cannot once they are disabled, and can again once that is taken back."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ldap3
import pytest
from pydantic import ValidationError

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.ldap import LdapPlace

BASE = "dc=corp,dc=example"
ROOT, SERVICE, POLICY = f"cn=root,{BASE}", f"uid=watchkeeper,ou=services,{BASE}", f"cn=default,ou=policies,{BASE}"
PASSWORD = "s3cret-of-the-service"  # noqa: S105 -- of a server that lives as long as a test
CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 2.25.1 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 2.25.2 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 2.25.3 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 2.25.4 NAME 'others' AUXILIARY MAY ( userAccountControl $ nsAccountLock $ sAMAccountName ) )
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
TLSCertificateFile {certificate}
TLSCertificateKeyFile {certificate}
database mdb
suffix "dc=corp,dc=example"
directory {folder}/db
rootdn "cn=root,dc=corp,dc=example"
rootpw root
overlay ppolicy
ppolicy_default "cn=default,ou=policies,dc=corp,dc=example"
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="uid=watchkeeper,ou=services,dc=corp,dc=example" write by users read by anonymous auth
"""
ENTRIES = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: corp

dn: ou=people,{BASE}
objectClass: organizationalUnit

dn: ou=services,{BASE}
objectClass: organizationalUnit

dn: ou=policies,{BASE}
objectClass: organizationalUnit

dn: {POLICY}
objectClass: person
objectClass: pwdPolicy
sn: default
pwdAttribute: userPassword
pwdLockout: TRUE

dn: cn=lenient,ou=policies,{BASE}
objectClass: person
objectClass: pwdPolicy
sn: lenient
pwdAttribute: userPassword
pwdLockout: FALSE

dn: {SERVICE}
objectClass: inetOrgPerson
cn: watchkeeper
sn: watchkeeper
userPassword: {PASSWORD}

dn: uid=bob,ou=people,{BASE}
objectClass: inetOrgPerson
objectClass: others
cn: Bob
sn: B
userPassword: bob
userAccountControl: 66048
sAMAccountName: bob
title: clerk

dn: uid=eve,ou=people,{BASE}
objectClass: inetOrgPerson
cn: Eve
sn: E
userPassword: eve
pwdAccountLockedTime: 20260101000000Z

dn: uid=free,ou=people,{BASE}
objectClass: inetOrgPerson
cn: Free
sn: F
userPassword: free
pwdPolicySubentry: cn=lenient,ou=policies,{BASE}

dn: uid=two,ou=people,{BASE}
objectClass: inetOrgPerson
cn: Two
sn: T

dn: uid=two,ou=services,{BASE}
objectClass: inetOrgPerson
cn: Two
sn: T
"""


@dataclass(frozen=True)
class Slapd:
    port: int
    certificate: Path

    def means(self, **otherwise: object) -> Means:
        told = {
            "by": "ldap", "name": "directory", "actions": ("disable_account",), "server": "127.0.0.1", "port": self.port, "tls": "starttls",
            "certificates": str(self.certificate), "user": SERVICE, "password": "env:LDAP", "base": BASE, "form": "openldap",
            "policy": POLICY,
        }  # fmt: skip
        return LdapPlace.model_validate(told | otherwise).means("disable_account", lambda _: PASSWORD)

    def other(self, form: str, find: str = "(uid={user})", **otherwise: object) -> Means:
        return self.means(form=form, policy="", find=find, **otherwise)

    def lets_in(self, user: str) -> bool:
        connection = ldap3.Connection(ldap3.Server("127.0.0.1", self.port, get_info="NO_INFO"), f"uid={user},ou=people,{BASE}", user)
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()

    def attribute(self, user: str, name: str) -> list[str]:
        with self.rooted() as connection:
            connection.search(f"uid={user},ou=people,{BASE}", "(objectClass=*)", "BASE", attributes=[name])
            return [value.decode() for value in connection.response[0]["raw_attributes"].get(name, [])]

    @contextmanager
    def rooted(self) -> Generator[ldap3.Connection]:
        connection = ldap3.Connection(ldap3.Server("127.0.0.1", self.port, get_info="NO_INFO"), ROOT, "root")
        try:
            assert connection.bind()
            yield connection
        finally:
            connection.unbind()


@pytest.fixture
def slapd(folder: Path, port: int, certificate: Path, started: Callable[[list[str], int], None]) -> Slapd:
    program = shutil.which("slapd", path="/usr/sbin:/usr/lib/openldap")
    if not program:
        pytest.skip("no OpenLDAP server is installed here; apt-get install slapd ldap-utils")
    (folder / "db").mkdir()
    (folder / "slapd.conf").write_text(CONFIGURATION.format(folder=folder, certificate=certificate))
    (folder / "entries.ldif").write_text(ENTRIES)
    add = [program, "-T", "add", "-q", "-f", str(folder / "slapd.conf"), "-l", str(folder / "entries.ldif")]
    subprocess.run(add, check=True, capture_output=True)
    started([program, "-d", "0", "-f", str(folder / "slapd.conf"), "-h", f"ldap://127.0.0.1:{port}"], port)
    return Slapd(port, certificate)


def _job(name: str = "bob", reference: str = "", kind: str = "user") -> Job:
    target = Entity.model_validate({"kind": kind, "value": name})
    return Job(
        key="0" * 32, tenant="default", incident="i1", action="disable_account", targets=(target,), arguments={}, expires=None,
        reference=reference,
    )  # fmt: skip


def test_an_account_cannot_log_on_once_it_is_disabled_and_can_again(slapd: Slapd) -> None:
    means = slapd.means()
    assert means.undo
    assert slapd.lets_in("bob")
    assert means.check(_job()).outcome == "not-in-force"
    done = means.do(_job())
    assert not slapd.lets_in("bob")
    seen = means.check(_job())
    assert (seen.outcome, "000001010000Z" in seen.said, "not tried" in seen.said) == ("in-force", True, True)
    means.undo(_job(reference=done.reference))
    assert slapd.lets_in("bob")
    assert slapd.attribute("bob", "pwdAccountLockedTime") == []
    assert means.check(_job()).outcome == "not-in-force"


def test_the_same_job_again_changes_nothing_and_the_former_value_comes_back_exactly(slapd: Slapd) -> None:
    means = slapd.means()
    assert means.undo
    assert means.former
    former = means.former(_job("eve"))
    assert means.do(_job("eve", former)).reference == former
    again = means.do(_job("eve", former))
    assert (again.reference, "already" in again.said) == (former, True)
    means.undo(_job("eve", former))
    assert slapd.attribute("eve", "pwdAccountLockedTime") == ["20260101000000Z"]
    assert "not disabled any more" in means.undo(_job("eve", former)).said


def test_what_was_disabled_before_stays_so_and_what_is_not_known_is_not_guessed(slapd: Slapd) -> None:
    means = slapd.means()
    assert means.undo
    means.do(_job())
    second = means.do(_job())
    assert "stays so" in means.undo(_job(reference=second.reference)).said
    with pytest.raises(ValueError, match="not known"):
        means.undo(_job())
    assert not slapd.lets_in("bob")


def test_the_account_it_binds_as_is_never_disabled(slapd: Slapd) -> None:
    for user in (SERVICE, SERVICE.upper().replace(",", " , ")):
        with pytest.raises(ValueError, match="never disabled"):
            slapd.means(user=user).do(_job("watchkeeper"))
    with pytest.raises(ValueError, match="never disabled"):
        slapd.means(find="(sn={user})").do(_job("watchkeeper"))


def test_a_refused_password_is_said_and_not_told(slapd: Slapd) -> None:
    with pytest.raises(ValueError, match="refuses 'cn=root,dc=corp,dc=example': invalidCredentials") as caught:
        slapd.means(user=ROOT).do(_job())
    assert PASSWORD not in str(caught.value)


def test_exactly_one_account_is_meant_or_nothing_is_done(slapd: Slapd) -> None:
    means = slapd.means()
    for name in ("two", "nobody", "*", "b*", "bob)(uid=*", "bob\\", "*)(objectClass=*"):
        with pytest.raises(ValueError, match="instead of one"):
            means.do(_job(name))
    for job in (_job("a\x00b"), _job(""), _job("x" * 300), _job(kind="host"), _job().model_copy(update={"targets": ()})):
        with pytest.raises(ValueError, match=r"no name of an account|one account at a time"):
            means.do(job)
    assert slapd.lets_in("bob")


def test_a_lock_that_its_policy_does_not_heed_is_found_out(slapd: Slapd) -> None:
    with pytest.raises(ValueError, match="no lock is heeded"):
        slapd.means().do(_job("free"))
    with slapd.rooted() as root:
        root.modify(f"uid=free,ou=people,{BASE}", {"pwdAccountLockedTime": [("MODIFY_ADD", ["000001010000Z"])]})
    seen = slapd.means().check(_job("free"))
    assert (slapd.lets_in("free"), seen.outcome) == (True, "not-in-force")


def test_of_active_directory_only_the_one_bit_is_touched(slapd: Slapd) -> None:
    means = slapd.other("active-directory", "(sAMAccountName={user})")
    assert means.undo
    done = means.do(_job())
    assert slapd.attribute("bob", "userAccountControl") == ["66050"]
    with slapd.rooted() as root:
        root.modify(f"uid=bob,ou=people,{BASE}", {"userAccountControl": [("MODIFY_REPLACE", ["514"])]})
    assert means.check(_job()).outcome == "in-force"
    means.undo(_job(reference=done.reference))
    assert slapd.attribute("bob", "userAccountControl") == ["512"]
    with pytest.raises(ValueError, match="instead of one number"):
        slapd.other("active-directory").do(_job("eve"))


def test_the_forms_of_389_and_of_a_configured_attribute_bring_back_what_was_there(slapd: Slapd) -> None:
    for means, attribute, before, disabled in (
        (slapd.other("389"), "nsAccountLock", [], ["TRUE"]),
        (slapd.other("attribute", attribute="title", value="closed"), "title", ["clerk"], ["closed"]),
    ):
        assert means.undo
        done = means.do(_job())
        assert slapd.attribute("bob", attribute) == disabled
        assert means.check(_job()).outcome == "in-force"
        means.undo(_job(reference=done.reference))
        assert slapd.attribute("bob", attribute) == before


def test_what_is_too_long_to_be_kept_is_not_changed(slapd: Slapd) -> None:
    with slapd.rooted() as root:
        root.modify(f"uid=bob,ou=people,{BASE}", {"description": [("MODIFY_ADD", ["x" * 600])]})
    with pytest.raises(ValueError, match="too long"):
        slapd.other("attribute", attribute="description", value="closed").do(_job())
    assert slapd.attribute("bob", "description") == ["x" * 600]


def test_a_server_that_does_not_prove_who_it_is_gets_no_password(slapd: Slapd, folder: Path) -> None:
    for otherwise in ({"certificates": ""}, {"server": "localhost"}):
        with pytest.raises(ConnectionError, match="directory") as caught:
            slapd.means(**otherwise).do(_job())
        assert PASSWORD not in str(caught.value)
    (folder / "broken.pem").write_text("x")
    with pytest.raises(ValueError, match=r"broken\.pem"):
        slapd.means(certificates=str(folder / "broken.pem")).check(_job())


def test_a_server_that_is_not_there_or_says_nothing_may_be_tried_again(port: int) -> None:
    means = Slapd(port, Path("/etc/ssl/certs/ca-certificates.crt")).other("389", tls="none", certificates="", seconds=1)
    with pytest.raises(ConnectionError, match="directory"):
        means.check(_job())
    with socket.create_server(("127.0.0.1", port)) as silent:
        taken: list[socket.socket] = []
        thread = threading.Thread(target=lambda: taken.append(silent.accept()[0]))
        thread.start()
        with pytest.raises(ConnectionError, match="directory"):
            means.check(_job())
        thread.join()
        taken[0].close()


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"server": "ldap.corp.example", "tls": "none"}, "in clear"),
        ({"password": "s3cret"}, "never the secret itself"),
        ({"policy": ""}, "needs `policy`"),
        ({"form": "389"}, "no other form has it"),
        ({"form": "attribute", "policy": ""}, "needs both"),
        ({"form": "attribute", "policy": "", "attribute": "userPassword", "value": "x"}, "holds a secret"),
        ({"find": "(uid=bob)"}, "whole value"),
        ({"find": "(uid=a{user}*)"}, "whole value"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_named(otherwise: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Slapd(1, Path("/x")).means(**otherwise)


def test_a_directory_has_one_action() -> None:
    place = LdapPlace.model_validate(
        {"by": "ldap", "name": "d", "actions": ("x",), "server": "::1", "user": "u", "password": "env:P", "base": BASE, "form": "389"}
    )
    with pytest.raises(ValueError, match="'d' has no 'end_sessions'"):
        place.means("end_sessions", str)
