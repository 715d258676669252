"""`wanmon` and `python -m wanmon`: the command line, and nothing else."""

import gc
import sys
from io import TextIOWrapper


def main() -> None:
    """Do what the words on the command line say, and end with its exit status."""
    # Importing makes half a million objects that stay: looking for garbage among them is a tenth of a short command.
    gc.set_threshold(50_000, 20, 50)
    from wanmon.cli.frame.ending import run

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Whatever the locale of a cron job says: what we write is UTF-8, and a foreign byte never stops us.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
