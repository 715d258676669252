"""What the log says goes to stderr, in the zone of everything else that people read."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOG_ONE = "from wanmon import log; log.configure(); log.log.info('serving', sites=2)"


def test_an_event_is_one_line_on_stderr_in_local_time_whatever_the_zone_of_the_machine():
    environment = {**os.environ, "TZ": "UTC", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", LOG_ONE], env=environment, capture_output=True, text=True, check=True)

    assert "" == done.stdout
    assert re.fullmatch(r"timestamp=[-0-9]{10}T[0-9:]{8}\+07:00 level=info event=serving sites=2\n", done.stderr)
