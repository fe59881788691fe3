import pytest

from watchkeeper.tracing.fact import address, named, number, short


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (r"C:\Windows\System32\cmd.exe", "cmd.exe"),
        (r"C:\Windows\explorer.exe", "explorer.exe"),
        (r"C:\Windows\Temp\netmon.exe", r"C:\Windows\Temp\netmon.exe"),
        (r"C:\Windows\psexesvc.exe", r"C:\Windows\psexesvc.exe"),
        (r"C:\Users\eva\Downloads\offer.exe", r"C:\Users\eva\Downloads\offer.exe"),
        ("/usr/bin/bash", "bash"),
        ("/tmp/x", "/tmp/x"),  # noqa: S108 -- a path in an event, not one of ours
    ],
)
def test_a_program_is_named_by_its_whole_path_where_anyone_could_have_put_it(path: str, said: str) -> None:
    assert short(path) == said


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


def test_names_and_numbers_are_compared_as_meant() -> None:
    assert {named(name) for name in (r"CORP\Eva", "eva@corp.example", "EVA")} == {"eva"}
    assert (number("0x1F4"), number("500"), number("-")) == (500, 500, None)
