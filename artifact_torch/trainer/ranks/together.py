"""What a session of several processes does that one of one process has no need of."""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, TypeAlias, final
from uuid import uuid4

from artifact_torch.errors import RankError
from artifact_torch.internal.ranks import gathered, ranks
from artifact_torch.trainer.loop.signals import Signals
from artifact_torch.trainer.ranks.alike import check_alike
from artifact_torch.trainer.ranks.looks import Looks
from artifact_torch.trainer.ranks.watch import Watch, is_of_another

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
        watch = self._watch("train")
        with self._looks.overheard.heard(), watch.kept(), watch.ended():
            self._looks.take()
            yield watch.ended

    @contextmanager
    def asked(self, call: str) -> Generator[None]:
        """One `call` beside `train()`, which none leaves before all are done."""
        watch = self._watch(call)
        with self._signals.failed_by_thread(), watch.kept(), watch.ended():
            yield
            gathered(None)

    def check(self) -> None:
        """Before the first batch: all ranks are about to do the same. Raises `ConfigurationError` on
        all of them.
        """
        check_alike(self._facts())

    def _watch(self, call: str) -> Watch:
        """Over a call that all begin. Raises `RankError` where another begins another one, or is gone."""
        try:
            calls = gathered((call, uuid4().hex))
        except Exception as error:
            if not is_of_another(error):
                raise
            raise RankError(
                f"{call}() was asked on rank {ranks().rank}, and another process ended before it asked "
                f"the same; {_ON_ALL}, or look at what the other wrote last. Here: {error}"
            ) from error
        if len({each for each, _ in calls}) > 1:
            which = ", ".join(f"{each}() on rank {rank}" for rank, (each, _) in enumerate(calls))
            raise RankError(f"the processes of the run ask different things: {which}; {_ON_ALL}")
        return Watch(self._signals, name=calls[0][1], grace_s=self._grace_s)


_ON_ALL: Final = "ask it on every process, not under `if rank == 0`"
