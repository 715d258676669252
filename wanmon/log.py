"""How events are logged: one line each on stderr, for people on a terminal, as logfmt in the journal.

Events, not prose; never a secret.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from wanmon.clock import SystemClock, shown

#: `log.info("check finished", site=code, verdict=verdict)`
log: Any = structlog.get_logger()


def configure(level: str = "info") -> None:
    """Set up logging for this process; what other libraries log goes the same way, from warnings on."""
    stream = sys.stderr
    renderer: Any = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
    if stream.isatty():
        renderer = structlog.dev.ConsoleRenderer(pad_event_to=0)
    logging.basicConfig(stream=stream, level=logging.WARNING, format="level=%(levelname)s logger=%(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _dated,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def _dated(logger: Any, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The instant in the zone of all that people read, whatever the zone of the machine."""
    return {"timestamp": shown(SystemClock().now()), **event}
