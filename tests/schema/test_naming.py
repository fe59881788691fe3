"""Which native fields name entities, and when; which are compared with intelligence."""

import pyarrow as pa

from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import compared, joined_texts, naming


def named(product: str, service: str, row: dict[str, Value], event_type: str = "") -> set[tuple[str, str]]:
    source = LogSource(product=product, service=service, event_type=event_type)
    return {(name.kind, text) for name in naming(source) for text in name.texts(row)}


def test_a_group_is_no_user_and_its_member_is() -> None:
    row: dict[str, Value] = {"TargetUserName": "Domain Admins", "MemberName": "CN=Bob", "SubjectUserName": "adm"}
    assert named("windows", "Security", row, "4728") == {("user", "adm"), ("user", "CN=Bob")}
    assert ("user", "ann") in named("windows", "Security", {"TargetUserName": "ann"}, "4624")


def test_a_field_names_an_entity_only_when_its_condition_holds() -> None:
    assert named("zeek", "ftp", {"command": "RETR", "arg": "/x/y.zip"}) == {("file", "/x/y.zip")}
    assert named("zeek", "ftp", {"command": "PORT", "arg": "10,0,0,7,1,2"}) == set()


def test_a_name_is_taken_out_of_the_text_around_it() -> None:
    assert named("zeek", "kerberos", {"client": "ann/CORP"}) == {("user", "ann")}
    assert named("zeek", "ssh", {"client": "SSH-2.0-OpenSSH_9"}) == set()


def test_a_url_is_named_whole_where_its_parts_stand_in_fields() -> None:
    row: dict[str, Value] = {"host": "bad.example", "uri": "/A?b", "id.resp_p": "80"}
    urls: list[dict[str, Value]] = [
        {**row},
        {**row, "id.resp_p": "8080"},
        {"host": "bad.example", "uri": "/"},
        {"uri": "/A"},
        {**row, "uri": "http://bad.example/A"},
    ]
    assert [{text for kind, text in named("zeek", "http", one) if kind == "url"} for one in urls] == [
        {"http://bad.example/A?b"},
        {"http://bad.example:8080/A?b"},
        {"http://bad.example/"},
        set(),
        {"http://bad.example/A"},
    ]


def test_joined_texts_are_those_of_each_row() -> None:
    source = LogSource(product="zeek", service="http", event_type="")
    columns: dict[str, list[str | None]] = {
        "host": ["a.example", None, "b.example"],
        "uri": ["/x", "/y", "z"],
        "id.resp_p": ["80", "80", "81"],
    }
    found = [texts for name in naming(source) if not name.field and (texts := joined_texts(name, pa.table(columns))) is not None]
    assert [texts.to_pylist() for texts in found] == [["http://a.example/x", None, None], [None] * 3]


def test_of_several_targets_the_users_alone_are_users() -> None:
    row: dict[str, Value] = {
        "eventType": "group.user_membership.add",
        "target.type": ["UserGroup", "User"],
        "target.alternateId": ["unknown", "bob@corp.example"],
    }
    assert named("okta", "okta", row) == {("user", "bob@corp.example")}


def test_what_hashes_belong_to_one_file_stays_together() -> None:
    hashes = "MD5=" + "a" * 32 + ",SHA256=" + "b" * 64
    assert named("windows", "Microsoft-Windows-Sysmon/Operational", {"Hashes": hashes}, "1") == {("hash", hashes)}


def test_a_log_source_nobody_mapped_names_what_the_common_words_say() -> None:
    assert named("appliance of tomorrow", "", {"src_ip": "10.0.0.7", "user": "ann", "colour": "red"}) == {
        ("address", "10.0.0.7"),
        ("user", "ann"),
    }


def looked_at(product: str, service: str = "", event_type: str = "") -> dict[str, str]:
    return dict(compared(LogSource(product=product, service=service, event_type=event_type)))


def test_what_ties_nothing_is_compared_all_the_same() -> None:
    row: dict[str, Value] = {"RemoteAddress": "203.0.113.7", "TargetUserSid": "S-1-5-21-1", "FileName": "a.exe"}
    assert named("windows", "Microsoft-Windows-SMBClient/Security", row) == set()
    assert {field: looked_at("windows", "Microsoft-Windows-SMBClient/Security")[field] for field in row} == {
        "RemoteAddress": "address",
        "TargetUserSid": "account",
        "FileName": "file",
    }


def test_the_usual_words_are_compared_in_the_logs_of_every_product() -> None:
    for product in ("windows", "zeek", "appliance of tomorrow"):
        found = looked_at(product)
        kinds = [found[field] for field in ("remote_ip", "url.full", "file.hash.sha256", "duser")]
        assert kinds == ["address", "url", "hash", "user"], product
    assert (looked_at("zeek", "conn")["src"], looked_at("linux", "auditd")["hostname"]) == ("address", "host")


def test_a_log_that_takes_an_attribute_out_still_has_the_field_compared() -> None:
    assert "SHA256" in looked_at("windows", "Microsoft-Windows-Sysmon/Operational", "1")
    assert looked_at("windows", "Security", "4688")["AccountName"] == "user"


def test_a_field_is_compared_whole_where_a_part_of_it_names_something_too() -> None:
    assert looked_at("squid", "access")["c-uri"] == "url"
    assert named("squid", "access", {"c-uri": "http://bad.example/x"}) == {("url", "http://bad.example/x"), ("domain", "bad.example")}


def test_what_a_mapping_says_is_no_name_is_not_compared() -> None:
    assert "actor.displayName" not in looked_at("okta", "okta")
    assert looked_at("okta", "okta")["actor.alternateId"] == "user"


def test_what_is_compared_holds_what_ties() -> None:
    for product, service, event_type in (("windows", "Security", "4624"), ("zeek", "http", ""), ("azure", "SigninLogs", "")):
        ties = {name.field for name in naming(LogSource(product=product, service=service, event_type=event_type)) if name.field}
        assert ties <= looked_at(product, service, event_type).keys()
