from collections.abc import Callable


def test_everybody_logs_on_at_their_own_desk_and_gets_a_desktop(day: Callable) -> None:
    made = day("none")
    logons = [record for _, record in made.windows(4624) if record["LogonType"] == "2" and record["IpAddress"] == "127.0.0.1"]
    desktops = {(name, record["LogonId"]) for name, record in made.windows(1) if record["Image"].endswith("\\explorer.exe")}
    assert len(logons) == len({record["TargetUserName"] for record in logons}) == 10
    assert {(f"windows/{record['WorkstationName'].lower()}.ndjson", record["TargetLogonId"]) for record in logons} <= desktops
