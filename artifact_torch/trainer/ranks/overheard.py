"""The warnings of all processes of a run, told by the first."""

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Final, final

from artifact_torch.internal.listening import Listener, as_without_any
from artifact_torch.internal.ranks import ranks

_log: Final = logging.getLogger("artifact_torch")
_MOST: Final = 1000


@final
class Overheard:
    """What the first one said itself is not told again as another's: most parts warn on all alike."""

    def __init__(self) -> None:
        self._rank = ranks().rank
        self._said: set[str] = set()
        self._new: list[logging.LogRecord] = []

    @contextmanager
    def heard(self) -> Generator[None]:
        """Inside, the others say nothing themselves; after, what nobody was told."""
        listener = Listener(self._hear, _nowhere if self._rank else as_without_any)
        propagates, _log.propagate = _log.propagate, _log.propagate and self._rank == 0
        _log.addHandler(listener)
        try:
            yield
        finally:
            _log.removeHandler(listener)
            _log.propagate = propagates
            for record in self._new if self._rank else ():
                _log.handle(record)
            self._new.clear()

    def _hear(self, record: logging.LogRecord, _: bool) -> None:
        if record.levelno >= logging.WARNING:
            self._new.append(record)

    def taken(self) -> list[str]:
        """Since they were last asked for."""
        texts = [record.getMessage() for record in self._new[:_MOST]]
        self._new.clear()
        if self._rank == 0:
            self._said.update(texts)
            return []
        return texts

    def tell(self, rank: int, texts: Sequence[str]) -> None:
        """By the first one, what `rank` warns of."""
        for text in texts if self._rank == 0 else ():
            if text not in self._said:
                self._said.add(text)
                _log.warning("rank %d: %s", rank, text)


def _nowhere(_: logging.LogRecord) -> None:
    """The first one says it."""
