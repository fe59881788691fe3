"""A Linux host's word on itself: what runs, talks, is logged on and starts by itself. Owns the questions; nothing on the host changes."""

import secrets

from watchkeeper.model.means import Job
from watchkeeper.model.proposal import Done
from watchkeeper.response.connectors.commands import obeyed
from watchkeeper.response.connectors.site import Site, Way
from watchkeeper.response.connectors.snapshot import MOST_BYTES, already, keep, look, parts_of

ASKED = {
    "host": "date -u; uname -a; cat /etc/os-release; uptime",
    "processes": "ps -eww -o pid,ppid,user,lstart,stat,args",
    "programs": 'for one in /proc/[0-9]*; do printf "%s " "${one#/proc/}"; readlink "$one/exe" || echo; done',
    "connections": "ss -tunap",
    "users": "who -a; last -Fw -n 200",
    "accounts": "cat /etc/passwd; ls -la /home /root/.ssh /home/*/.ssh; cat /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys",
    "network": "ip address; ip route show table all; ip neighbour; cat /etc/hosts /etc/resolv.conf",
    "autostarts": (
        "cat /etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/*; "
        "ls -la /etc/cron.* /etc/systemd/system /etc/systemd/system/*.wants /etc/init.d /etc/profile.d /etc/xdg/autostart; "
        "systemctl list-unit-files --state=enabled --no-pager"
    ),
    "modules": "cat /proc/modules",
    "temporary": "ls -la /tmp /var/tmp /dev/shm",
}
"""The shell's words for each part; what a host lacks says so in the part."""
_SCRIPT = "\n".join(
    f"printf '\\n--%s %s\\n' \"$1\" {name}\n{{ {asked}; }} </dev/null 2>&1 | head -c {MOST_BYTES}" for name, asked in ASKED.items()
)


def _take(site: Site, job: Job) -> Done:
    if before := already(site, job):
        return before
    token = secrets.token_hex(16)
    said = obeyed(site.machine, ("sh", "-c", f"{_SCRIPT}\ntrue", "snapshot", token), most_bytes=MOST_BYTES * (len(ASKED) + 1))
    return keep(site, job, parts_of(said, token), ASKED)


SNAPSHOT = Way(_take, None, look)
