import pytest

from watchkeeper.detection.intel.formats.tagged import strictest, tagged, tlp_of


@pytest.mark.parametrize(
    ("text", "level"), [("TLP:WHITE", "clear"), ("tlp:amber+strict", "amber+strict"), ("Red", "red"), ("tlp", ""), ("pink", "")]
)
def test_a_level_has_its_name_of_today(text: str, level: str) -> None:
    assert tlp_of(text) == level


def test_tags_say_levels_techniques_and_labels() -> None:
    tags = [
        "tlp:green",
        "TLP:AMBER",
        'misp-galaxy:threat-actor="Some Group"',
        'misp-galaxy:mitre-attack-pattern="X - T1059.001"',
        "T1003",
        " ransomware ",
    ]
    assert tagged(tags) == ("amber", ("Some Group", "ransomware"), ("T1059.001", "T1003"))


def test_nothing_is_the_least_strict() -> None:
    assert strictest([]) == ""
    assert strictest(["", "clear"]) == "clear"
