"""Moving a file on a Linux host out of reach and back: into a folder that root alone opens, under its hash and the key of its job.

A folder on the way is entered before it is compared, so that nobody can put a link in its place; a link is never followed.
"""

import posixpath
from collections.abc import Mapping

from watchkeeper.model.means import Job
from watchkeeper.response.connectors.commands import obeyed
from watchkeeper.response.connectors.quarantine import File, Files, Step, quarantine
from watchkeeper.response.connectors.site import Site, part_of

_STARTS = (
    "/etc/cron", "/var/spool/cron/", "/etc/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/", "/etc/init.d/",
    "/etc/rc", "/etc/profile.d/", "/etc/xdg/autostart/", "/etc/update-motd.d/",
)  # fmt: skip
_STARTS_AT_HOME = ("/.config/autostart/", "/.config/systemd/user/")
_ENTER = """set -eu
umask 077
folder=$1 name=$2 store=$3 key=$4 kind=$5 wanted=$6
half=$store/incoming.$key
held() { for one in "$store"/*."$key"; do if [ -f "$one" ] && [ "$one" != "$half" ]; then printf '%s' "$one"; return; fi; done; }
refuse() { echo "$1" >&2; exit 1; }
enter() { cd -P -- "$folder" && [ "$(pwd -P)" = "$folder" ] || refuse "there is a link on the way to it, or no such folder"; }
digits() { set -- $("$1sum" <"$2"); printf '%s' "$1"; }
"""
_DO = f"""{_ENTER}
[ -z "$(held)" ] || {{ echo again; exit 0; }}
mkdir -p -m 700 -- "$store"
[ ! -L "$store" ] && [ "$(stat -c '%u %a' -- "$store")" = "$(id -u) 700" ] || refuse "$store is not a folder of ours alone"
enter
if [ ! -e "$half" ]; then
  [ ! -L "./$name" ] && [ -f "./$name" ] || refuse "there is no such file"
  mv -- "./$name" "$half"
fi
back() {{ mv -n -- "$half" "./$name"; refuse "$1"; }}
[ ! -L "$half" ] && [ -f "$half" ] || back "it became something else meanwhile"
if [ -n "$kind" ] && [ "$(digits "$kind" "$half")" != "$wanted" ]; then back "its $kind is not that of the evidence; it was left there"; fi
mv -- "$half" "$store/$(digits sha256 "$half").$key"
held
"""
"""Hashes the file once nobody else can change it, and puts it back if it is not the one that was meant; goes on where it was cut off."""
_UNDO = f"""{_ENTER}
one=$(held)
[ -n "$one" ] || {{ echo nothing; exit 0; }}
now=$(digits sha256 "$one")
[ "$one" = "$store/$now.$key" ] || refuse "it was changed since; it stays at $one"
enter
{{ [ ! -e "./$name" ] && [ ! -L "./$name" ]; }} || refuse "there is another file of that name by now; it stays at $one"
mv -n -- "$one" "./$name"
[ ! -e "$one" ] || refuse "it could not be moved back"
echo "$now"
"""
_CHECK = f"""{_ENTER}
[ -z "$(held)" ] || echo held
if [ -e "$folder/$name" ] || [ -L "$folder/$name" ]; then echo there; fi
"""
_STEPS: Mapping[Step, str] = {"do": _DO, "undo": _UNDO, "check": _CHECK}


def _ask(site: Site, file: File, step: Step) -> str:
    folder, name = posixpath.split(file.path)
    words = ("sh", "-c", _STEPS[step], "file", folder, name, file.store, file.key, file.kind, file.wanted)
    return obeyed(site.machine, words).decode("utf-8", "replace").strip()


def _path(job: Job) -> str:
    """Give the path that a job acts on.

    Raises:
        ValueError: it is not whole, not in its shortest form, or holds what no name of a file should.
    """
    path = part_of(job)
    if not path.startswith("/") or posixpath.normpath(path) != path or path.startswith("//") or path == "/" or len(path) > 1_000:
        raise ValueError(f"{path[:120]!r} is no whole path without detours; write one such as '/srv/stage'")
    if not path.isprintable():
        raise ValueError(f"{path[:120]!r} holds what does not show; a person should look at it")
    return path


def _start(job: Job) -> str:
    path = part_of(job)
    if not path.startswith("/"):
        raise ValueError(f"{path[:120]!r} is a name; give the file that makes it start, such as '/etc/systemd/system/x.service'")
    if not (path.startswith(_STARTS) or any(part in path for part in _STARTS_AT_HOME)):
        raise ValueError(f"{path[:120]!r} is in no folder that starts something; if it has to go, quarantine the file")
    return _path(job)


QUARANTINE = quarantine(Files(_path, _ask))
AUTOSTART = quarantine(Files(_start, _ask))
"""What starts by itself on Linux does so because of a file in some folder: taken away and brought back as it was."""
