"""What a process of a world logs."""

import logging


class Heard(logging.Handler):
    """What was logged, in words."""

    def __init__(self) -> None:
        super().__init__()
        self.said = list[str]()
        logging.getLogger("artifact_torch").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
