"""Which names are one account's, and when nobody can say."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchkeeper.assets.accounts import MAX_NAMES, Accounts, Key

JANE, ADMIN, LOCAL = "s-1-5-21-1-2-3-1105", "s-1-5-21-1-2-3-500", "s-1-5-21-7-8-9-500"


def known(*keys: Key) -> Accounts:
    found = Accounts()
    for key in keys:
        found.note(key)
    return found


def test_a_sid_and_a_upn_lead_to_the_name() -> None:
    found = known(("sid", JANE, "corp", "jdoe"), ("upn", "jane.doe@corp.example", "corp", "jdoe"))
    spellings = (JANE.upper(), "Jane.Doe@corp.example", r"CORP\jdoe", "jdoe@corp.example", "JDOE", r"corp.example\jdoe")
    assert {found.name_of(text) for text in spellings} == {"jdoe"}
    assert found.others("jdoe") == ("corp\\jdoe", "jane.doe@corp.example", JANE)


def test_one_name_in_two_domains_is_two_accounts() -> None:
    found = known(("sid", ADMIN, "corp", "admin"), ("sid", LOCAL, "ws1", "admin"))
    assert [found.name_of(text) for text in (r"CORP\Admin", r"WS1\admin", ADMIN, LOCAL)] == [
        r"corp\admin", r"ws1\admin", r"corp\admin", r"ws1\admin"
    ]  # fmt: skip
    assert [found.name_of(text) for text in ("admin", r"elsewhere\admin", "admin@mail.example")] == ["admin"] * 3
    assert found.others(r"ws1\admin") == (LOCAL,)


def test_a_domain_of_two_names_is_one_where_its_sids_say_so() -> None:
    found = known(("sid", JANE, "corp", "jane"), ("sid", JANE, "ad", "jane"))
    assert {found.name_of(text) for text in (r"CORP\jane", "jane@ad.example", JANE, "jane")} == {"jane"}
    found.note(("sid", "s-1-5-21-7-8-9-1001", "ws1", "jane"))
    assert [found.name_of(text) for text in (r"CORP\jane", "jane@ad.example", JANE, r"ws1\jane")] == [r"ad\jane"] * 3 + [r"ws1\jane"]
    assert found.others(r"ad\jane") == (r"corp\jane", JANE)


def test_two_machines_made_from_one_image_do_not_become_one_by_its_name() -> None:
    one, other = "s-1-5-21-1-1-1-500", "s-1-5-21-2-2-2-500"
    keys: list[Key] = [("sid", sid, label, "admin") for sid, label in ((one, "ws1"), (one, "image"), (other, "ws2"), (other, "image"))]
    found = known(*keys)
    assert found.name_of(r"ws1\admin") != found.name_of(r"ws2\admin")
    assert found.name_of(one) == one  # under two names, so nobody knows which


def test_a_sid_with_two_names_stays_what_it_is() -> None:
    found = known(("sid", JANE, "corp", "jane"), ("sid", JANE, "corp", "jane.smith"))
    assert found.name_of(JANE.upper()) == JANE
    assert found.name_of(r"corp\jane") == "jane"


def test_a_upn_of_two_accounts_counts_as_name_and_domain() -> None:
    found = known(("upn", "j@corp.example", "corp", "jane"), ("upn", "j@corp.example", "corp", "john"))
    assert found.name_of("J@corp.example") == "j"


def test_of_what_nobody_stated_the_name_alone_counts() -> None:
    assert [known().name_of(text) for text in (r"CORP\Jane", "jane@corp.example", "S-1-5-18", JANE)] == ["jane", "jane", "s-1-5-18", JANE]


def test_a_name_alone_means_the_only_account_of_that_name_that_was_seen_on_the_host() -> None:
    found = known(
        ("", "", "corp", "admin"),
        ("", "", "ws1", "admin"),
        ("host", "srv", "corp", "admin"),
        ("host", "ws1", "ws1", "admin"),
        ("host", "both", "ws1", "admin"),
        ("host", "both", "corp", "admin"),
    )
    assert [found.name_of("Admin", host) for host in ("srv", "ws1", "both", "other", "")] == [
        r"corp\admin", r"ws1\admin", "admin", "admin", "admin"
    ]  # fmt: skip
    assert found.name_of(r"corp\admin", "ws1") == r"corp\admin"
    assert found.others(r"ws1\admin") == ()


KEYS = st.tuples(
    st.sampled_from(["", "sid", "upn", "host"]),
    st.sampled_from([JANE, LOCAL, "j@corp"]),
    st.sampled_from(["corp", "ad", "ws1"]),
    st.sampled_from("ab"),
).map(lambda key: (key[0], key[1] if key[0] else "", key[2], key[3]))


@given(stated=st.lists(KEYS, max_size=30), most=st.integers(1, 12), seed=st.integers(0, 99))
def test_what_several_learnt_in_any_order_is_what_one_learnt(stated: list[Key], most: int, seed: int) -> None:
    one, several, mixed = Accounts(most), Accounts(most), list(stated)
    for key in stated:
        one.note(key)
    Random(seed).shuffle(mixed)
    for start in range(0, len(mixed), 5):
        part = Accounts(most)
        for key in mixed[start : start + 5]:
            part.note(key)
        keys, is_full = part.hand_over()
        several.take_over(keys, is_full=is_full)
    asked = [JANE, LOCAL, "j@corp", "a", "b", *(rf"{domain}\{name}" for domain in ("corp", "ad", "ws1") for name in "ab")]
    assert [one.name_of(text, "j@corp") for text in asked] == [several.name_of(text, "j@corp") for text in asked]
    assert [one.others(text) for text in asked] == [several.others(text) for text in asked]
    assert (sorted(one.hand_over()[0]), one.is_full) == (sorted(several.hand_over()[0]), several.is_full)


@example(stated=[], texts=["0\r@"])
@given(stated=st.lists(KEYS, max_size=30), texts=st.lists(st.text(), max_size=5))
def test_a_name_is_the_name_of_itself(stated: list[Key], texts: list[str]) -> None:
    found = known(*stated)
    for text in (*texts, *(key[1] for key in stated), *(rf"{key[2]}\{key[3]}" for key in stated)):
        called = found.name_of(text)
        assert found.name_of(called) == called


@pytest.mark.slow
def test_a_million_sids_stay_within_the_bound() -> None:
    found = Accounts()
    for number in range(1_000_000):
        found.note(("sid", f"s-1-5-21-1-2-3-{number}", "corp", f"u{number}"))
    assert found.is_full
    assert found.name_of(r"corp\u1") == "u1"
    assert len(found.hand_over()[0]) == MAX_NAMES
