"""Which native fields name entities, and when."""

import pyarrow as pa

from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import joined_texts, naming


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
