"""What libraries warn of, gathered instead of running over the terminal."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Gather what MkDocs and its plugins warn of, each sentence once; one inside of another keeps its own."""
    collector = _Collector()
    logger = logging.getLogger("mkdocs")
    before = logger.propagate, logger.handlers
    logger.propagate, logger.handlers = False, [collector]
    try:
        yield collector.messages
    finally:
        logger.propagate, logger.handlers = before


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().strip()
        if message not in self.messages:
            self.messages.append(message)
