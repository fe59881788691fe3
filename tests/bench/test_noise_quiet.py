"""Annotated minutes: five before a session of the attacker was opened to sixty after."""

from noise_quiet import MINUTE, OPENED, during


def test_what_lies_around_an_opening_is_annotated() -> None:
    opening = 1000 * MINUTE
    assert [minute for minute in (994, 995, 1000, 1059, 1060) if during(minute * MINUTE, [opening])] == [995, 1000, 1059]


def test_openings_are_found_with_their_zone() -> None:
    line = "[*] Meterpreter session 20 opened (192.0.2.4:8443 -> 127.0.0.1 ) at 2022-08-04 11:20:26 -0400 \n"
    assert OPENED.findall(line) == ["2022-08-04 11:20:26 -0400"]
