"""assets.yml is read with clear errors, and what people told wins over what was learnt."""

from pathlib import Path

import pytest

from watchkeeper.assets import Register, read_assets, read_own
from watchkeeper.assets.accounts import Accounts
from watchkeeper.model.asset import Asset, Own


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "assets.yml"
    path.write_text(text, "utf-8")
    return path


def test_told_assets_are_read_and_marked_as_told(tmp_path: Path) -> None:
    (dc,) = read_assets(
        _write(tmp_path, "assets:\n- {name: DC01.corp.example, owner: it, criticality: 5, protected: true, addresses: [10.0.0.1]}")
    )
    assert dc == Asset(name="dc01", owner="it", criticality=5, protected=True, addresses=("10.0.0.1",), learnt=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hosts: []", "no list under 'assets:'"),
        ("just text", "no list under 'assets:'"),
        ("assets:\n- {name: a}\n- {name: b, critical: 9}", "entry 1.critical"),
        ("assets:\n- {name: a, criticality: 9}", "less than or equal to 5"),
        ("assets:\n- {owner: a}", "entry 0.name"),
        ("assets: [", "as YAML"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_assets(_write(tmp_path, text))


def test_what_people_told_wins_and_gains_learnt_addresses() -> None:
    told = Asset(name="dc01", role="domain-controller", criticality=5, learnt=False)
    register = Register([told], [Asset(name="dc01", role="mail", addresses=("10.0.0.1",)), Asset(name="ws1")])
    assert register.of("dc01") == told.model_copy(update={"addresses": ("10.0.0.1",)})
    assert register.of("10.0.0.1").name == "dc01"
    assert register.of("nobody") == Asset(name="nobody")
    assert [asset.name for asset in register.all()] == ["dc01", "ws1"]


def test_what_is_the_organisations_own_is_read_beside_the_assets(tmp_path: Path) -> None:
    path = tmp_path / "assets.yml"
    path.write_text("networks: [203.0.113.0/24]\ndomains:\n")
    assert read_own(path) == Own(networks=("203.0.113.0/24",))
    assert read_assets(path) == ()
    path.write_text("networks: 203.0.113.0/24\n")
    with pytest.raises(ValueError, match="write a list of texts"):
        read_own(path)


def test_an_account_has_its_other_names() -> None:
    accounts = Accounts()
    accounts.note(("upn", "jane.doe@corp.example", "corp", "jdoe"))
    told = Asset(name="jdoe", owner="it", learnt=False)
    register = Register([told], accounts=accounts)
    assert register.name_of("Jane.Doe@corp.example") == "jdoe"
    assert register.of("jdoe") == told.model_copy(update={"names": (r"corp\jdoe", "jane.doe@corp.example")})
    assert register.of("nobody").names == ()
