"""What is easily guessed is refused, what is kept cannot be read, and nobody's password takes as long as somebody's."""

import pytest
from argon2 import PasswordHasher, extract_parameters

from watchkeeper.access.passwords import checked_password, hash_password, is_dated, is_password, new_password

COMMON = [
    "password1234!", "Password123456", "P@ssw0rdP@ssw0rd", "aaaaaaaaaaaaaaaa", "123456789012345", "abcdefghijklmn", "Watchkeeper2026!",
    "adminadmin2024", "qwertyuiop[]", "Winter2026!!", "rosa-rosa-2024", "letmeinletmein", "987654321098", "too short", "x" * 300, "",
]  # fmt: skip
FINE = ["correct horse battery staple", "Tr0ub4dor&3xyz", "zwei Biere bitte", "马到成功一二三四五六七八九", "gandalf-the-grey"]


@pytest.mark.parametrize("password", COMMON)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="password"):
        checked_password(password, "rosa")


@pytest.mark.parametrize("password", [*FINE, *(pytest.param(new_password(), id=f"new {number}") for number in range(3))])
def test_what_is_hard_to_guess_is_taken(password: str) -> None:
    assert checked_password(password, "rosa") == password


def test_what_is_kept_is_argon2id_with_today_s_parameters_and_is_made_again_otherwise() -> None:
    kept = hash_password("ﬁne words and more")
    parameters = extract_parameters(kept)
    assert (parameters.type.name, parameters.memory_cost, parameters.time_cost) == ("ID", 65536, 3)
    assert "fine" not in kept
    assert is_password("fine words and more", kept), "the same characters however they are typed"
    assert not is_password("fine words and less", kept)
    assert not is_password("", kept)
    assert not is_dated(kept)
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("fine words and more")
    assert (is_password("fine words and more", old), is_dated(old)) == (True, True)


def test_without_a_hash_nothing_is_right_and_a_damaged_one_is_no_error() -> None:
    assert not is_password("nobody's", None)
    assert not is_password("x", "no hash")
    assert not is_password("x" * 1_000_000, None)
