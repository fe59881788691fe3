import pytest

from watchkeeper.tracing.fact import address, named


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ("10.1.0.7", "10.1.0.7"),
        ("::ffff:10.1.0.7", "10.1.0.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("127.0.0.1", None),
        ("fe80::1%3", None),
        ("-", None),
    ],
)
def test_an_address_is_one_of_another_machine(value: str, canonical: str | None) -> None:
    assert address(value) == canonical


def test_names_are_compared_as_meant() -> None:
    assert {named(name) for name in (r"CORP\Eva", "eva@corp.example", "EVA")} == {"eva"}
