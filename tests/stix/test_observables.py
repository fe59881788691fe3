"""Observables: their ids are those that everybody's tools give, and nothing that is no such thing is told as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_instance

from watchkeeper.stix.objects import bundle
from watchkeeper.stix.observables import account, address, domain, file, process, registry_key, url

DIGESTS = "SHA1=" + "A" * 40 + ",MD5=" + "B" * 32 + ",SHA256=" + "C" * 64 + ",IMPHASH=" + "D" * 32
ANY = st.text(max_size=40)


def test_ids_follow_from_the_content_as_the_standard_says() -> None:
    assert address("198.51.100.3")[0]["id"] == "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    same = file("C:\\x\\a.exe", DIGESTS)[0]
    assert same["id"] == file("C:\\x\\a.exe", DIGESTS)[0]["id"] != file("C:\\y\\a.exe", DIGESTS)[0]["id"]
    assert same["hashes"] == {"MD5": "b" * 32, "SHA-1": "a" * 40, "SHA-256": "c" * 64}


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("HKLM\\SYSTEM\\x", "HKEY_LOCAL_MACHINE\\SYSTEM\\x"),
        ("HKU\\S-1-5-18\\x", "HKEY_USERS\\S-1-5-18\\x"),
        ("\\REGISTRY\\MACHINE\\SYSTEM\\x", "HKEY_LOCAL_MACHINE\\SYSTEM\\x"),
        ("HKEY_CURRENT_USER\\x", "HKEY_CURRENT_USER\\x"),
    ],
)
def test_the_hive_of_a_registry_key_is_written_out(path: str, key: str) -> None:
    assert registry_key(path)[0]["key"] == key


def test_what_is_no_such_thing_is_not_told() -> None:
    assert not (
        *address("pc1"),
        *domain("no such\nname"),
        *url("x y"),
        *registry_key("SYSTEM\\x"),
        *file(""),
        *account(""),
        *process("k", {}),
    )


def test_a_url_is_told_though_a_log_did_not_encode_it() -> None:
    assert url("http://bad.example/a b{1}?q=%zz") == ()
    assert url("http://bad.example:8080/a b{1}?q=x#y")[0]["value"] == "http://bad.example:8080/a%20b%7B1%7D?q=x#y"


@given(ANY, ANY, ANY, ANY)
def test_the_reference_validator_takes_whatever_a_log_says(path: str, command: str, name: str, key: str) -> None:
    told = (
        *file(path, DIGESTS), *process(key, {"command": command, "image": path, "pid": name, "hash": name}), *account(name), *domain(name),
        *url(f"http://{name}"), *url(f"https://a.example/{name}"), *registry_key(f"HKLM\\{key}"), *address("2001:db8::1"),
    )  # fmt: skip
    result = validate_instance(bundle(("k",), told), ValidationOptions(version="2.1"))
    assert result.is_valid, result.errors
