"""The layer is what ATT&CK Navigator 4.5 reads, with known techniques only."""

import json

from watchkeeper.attack import technique
from watchkeeper.model.incident import Case
from watchkeeper.reporting.navigator import navigator


def test_the_layer_has_what_the_format_requires(case: Case) -> None:
    layer = json.loads(navigator(case, "en"))
    assert layer["versions"]["layer"] == "4.5"
    assert layer["domain"] == "enterprise-attack"
    assert layer["gradient"]["maxValue"] == max(item["score"] for item in layer["techniques"])
    assert [item["techniqueID"] for item in layer["techniques"]] == sorted({item["techniqueID"] for item in layer["techniques"]})
    for item in layer["techniques"]:
        known = technique(item["techniqueID"])
        assert known is not None
        assert known.id == item["techniqueID"]
        assert isinstance(item["score"], int)
        assert item["comment"].startswith("Incident ")


def test_a_score_counts_signals_over_shown_incidents(case: Case) -> None:
    scores = {item["techniqueID"]: item["score"] for item in json.loads(navigator(case, "zh"))["techniques"]}
    assert scores["T1135"] == 48
    assert "T9999" not in scores


def test_what_is_synthetic_says_so(case: Case) -> None:
    assert "SYNTHETIC" in json.loads(navigator(case, "en"))["description"]
    real = json.loads(navigator(case.model_copy(update={"synthetic": False}), "en"))
    assert "SYNTHETIC" not in real["description"]
    assert real["metadata"] == []
