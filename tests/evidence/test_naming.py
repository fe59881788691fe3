import pytest

from watchkeeper.evidence.naming import ending, folder, number, short, spoken, tail


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (r"C:\Windows\System32\cmd.exe", "cmd.exe"),
        (r"C:\Windows\explorer.exe", "explorer.exe"),
        (r"C:\Windows\Temp\netmon.exe", r"C:\Windows\Temp\netmon.exe"),
        (r"C:\Windows\psexesvc.exe", r"C:\Windows\psexesvc.exe"),
        (r"C:\Users\eva\Downloads\offer.exe", r"C:\Users\eva\Downloads\offer.exe"),
        (r"C:\Program Files (x86)\Office\WINWORD.EXE", "WINWORD.EXE"),
        (r"C:\Program Files of mine\cmd.exe", r"C:\Program Files of mine\cmd.exe"),
        (r"\device\harddiskvolume2\windows\system32\svchost.exe", "svchost.exe"),
        (r"\device\harddiskvolume2\windows\psexesvc.exe", r"\device\harddiskvolume2\windows\psexesvc.exe"),
        (r"\device\harddiskvolume2\tools\cmd.exe", r"\device\harddiskvolume2\tools\cmd.exe"),
        (r"C:\Windows\System32\..\..\tools\cmd.exe", r"C:\Windows\System32\..\..\tools\cmd.exe"),
        ("/usr/bin/bash", "bash"),
        ("/tmp/x", "/tmp/x"),  # noqa: S108 -- a path in an event, not one of ours
    ],
)
def test_a_program_is_named_by_its_whole_path_where_anyone_could_have_put_it(path: str, said: str) -> None:
    assert short(path) == said
    assert spoken("image", path) == said
    assert spoken("file", path) == path


def test_paths_have_a_last_part_a_folder_and_an_ending() -> None:
    assert (tail("C:\\a\\b.TXT"), folder("C:\\a\\b.TXT"), ending("C:\\a\\b.TXT")) == ("b.TXT", "C:\\a\\", ".txt")
    assert (ending("/etc/passwd"), ending("/home/eva/.profile"), ending("x.")) == ("", "", "")


def test_what_is_cut_says_so() -> None:
    said = spoken("command", "x" * 10_000)
    assert (len(said), said[-1]) == (400, "…")
    assert spoken("command", "x" * 400) == "x" * 400


def test_numbers_are_read_as_logs_write_them() -> None:
    assert (number("0x1F4"), number("500"), number("-"), number("9" * 5_000)) == (500, 500, None, None)
