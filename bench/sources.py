"""Every part of the exam of sources, one after another: what they print, and with --json the figures of all of them in one file.

make bench-sources, or python bench/sources.py [--data DATA] [--json OUT], where DATA is the folder of the data sets (default
$WATCHKEEPER_DATA or ../shared/data). Each part is a program of its own; one that fails does not keep the others from running.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PARTS = ("sources_wazuh", "sources_crowdsec", "crowdsec_scenarios", "sources_cloud", "sources_ocsf", "intel")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, default=os.environ.get("WATCHKEEPER_DATA"))
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    environment = {**os.environ, **({"WATCHKEEPER_DATA": str(chosen.data)} if chosen.data else {})}
    here = Path(__file__).parent
    figures: dict[str, object] = {}
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in (one for one in PARTS if (here / f"{one}.py").exists()):
            out = Path(scratch) / f"{name}.json"
            print(f"== {name}", flush=True)
            if subprocess.run([sys.executable, str(here / f"{name}.py"), "--json", str(out)], env=environment, check=False).returncode:
                failed.append(name)
            if out.exists():
                figures[name] = json.loads(out.read_text("utf-8"))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
