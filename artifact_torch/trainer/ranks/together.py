"""What a session of several processes does that one of one process has no need of."""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import final
from uuid import uuid4

from artifact_torch.internal.ranks import told
from artifact_torch.trainer.loop.signals import Signals
from artifact_torch.trainer.ranks.alike import check_alike
from artifact_torch.trainer.ranks.looks import Looks
from artifact_torch.trainer.ranks.watch import Watch


@final
class Together:
    """The looks that all take at the same steps, and the end that all have together.

    `facts` says what has to be the same on all ranks, by what it is.
    """

    def __init__(
        self, signals: Signals, *, grace_s: float, facts: Callable[[], Mapping[str, str]]
    ) -> None:
        self._signals = signals
        self._grace_s = grace_s
        self._facts = facts
        self._looks = Looks(signals)
        self._watch: Watch | None = None

    def now(self) -> float:
        """The first rank's time, at the last look."""
        return self._looks.now()

    def look(self) -> None:
        """All ranks, at the same step."""
        self._looks.take()

    @contextmanager
    def running(self) -> Generator[None]:
        """One call of `train()`."""
        watch = Watch(self._signals, name=told(uuid4().hex), grace_s=self._grace_s)
        self._watch = watch
        with self._looks.overheard.heard(), watch.kept(), watch.ended():
            self._looks.take()
            yield

    def check(self) -> None:
        """Before the first batch: all ranks are about to do the same. Raises `ConfigurationError` on
        all of them.
        """
        check_alike(self._facts())

    def ended(self) -> AbstractContextManager[None]:
        """What is raised inside is told to all, and what another raised is raised here."""
        if self._watch is None:
            raise RuntimeError
        return self._watch.ended()
