"""What a session of several processes does that one of one process has no need of."""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, TypeAlias, final
from uuid import uuid4

from artifact_torch.errors import RankError
from artifact_torch.internal.ranks import gathered, told
from artifact_torch.trainer.loop.signals import Signals
from artifact_torch.trainer.ranks.alike import check_alike
from artifact_torch.trainer.ranks.looks import Looks
from artifact_torch.trainer.ranks.watch import Watch, is_of_another

_NOT_BY_ALL: Final = (
    "another process of the run is gone, or did not ask the same in time: evaluate, predict and rehearse "
    "are asked on every process, as train() is, not under `if rank == 0`"
)

Ended: TypeAlias = Callable[[], AbstractContextManager[None]]


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

    def now(self) -> float:
        """The first rank's time, at the last look."""
        return self._looks.now()

    def look(self) -> None:
        """All ranks, at the same step."""
        self._looks.take()

    @contextmanager
    def running(self) -> Generator[Ended]:
        """One call of `train()`. What is raised within an `Ended` of it is told to all, and what another
        raised is raised there.
        """
        watch = self._watch()
        with self._looks.overheard.heard(), watch.kept(), watch.ended():
            self._looks.take()
            yield watch.ended

    @contextmanager
    def asked(self) -> Generator[None]:
        """One call beside `train()`, which none leaves before all are done. Raises `RankError` where
        another process ends, or does not come in the time of a collective, without having asked it too.
        """
        try:
            watch = self._watch()
        except RuntimeError as error:
            if is_of_another(error):
                raise RankError(_NOT_BY_ALL) from error
            raise
        with self._signals.failed_by_thread(), watch.kept(), watch.ended():
            yield
            gathered(None)

    def check(self) -> None:
        """Before the first batch: all ranks are about to do the same. Raises `ConfigurationError` on
        all of them.
        """
        check_alike(self._facts())

    def _watch(self) -> Watch:
        return Watch(self._signals, name=told(uuid4().hex), grace_s=self._grace_s)
