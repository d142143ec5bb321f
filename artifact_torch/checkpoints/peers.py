"""The processes that save or load one checkpoint: what one of them cannot do, all know at once."""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, final

from artifact_torch.errors import CheckpointError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.ranks import Ranks, gathered, gloo_group, ranks, told

if TYPE_CHECKING:
    from torch.distributed import ProcessGroup

T = TypeVar("T")


@final
class Peers:
    """Every method is a collective, and raises the same error on all ranks: that of the first rank
    that has one, which it names. Alone, each runs what it is given and nothing else.
    """

    def __init__(self, over: "ProcessGroup | None" = None) -> None:
        self._over = over

    @property
    def here(self) -> Ranks:
        """Which of how many this is."""
        return ranks()

    def told(self, make: Callable[[], T]) -> T:
        """What the first rank makes, on all."""
        if self.here.is_alone:
            return make()
        made = _tried(make) if self.here.is_first else None
        by_first = told(made, over=self._over)
        return _values([] if by_first is None else [by_first])[0]

    def gathered(self, make: Callable[[], T]) -> list[T]:
        """What each rank makes, by rank, on all."""
        if self.here.is_alone:
            return [make()]
        return _values(gathered(_tried(make), over=self._over))

    def agreed(self, make: Callable[[], T]) -> T:
        """What this rank makes, if every rank could make its own."""
        if self.here.is_alone:
            return make()
        mine = _tried(make)
        problem = mine if isinstance(mine, _Failed) else None
        _values([each or _Made(None) for each in gathered(problem, over=self._over)])
        return _values([mine])[0]


@final
@dataclass(frozen=True)
class _Made(Generic[T]):
    value: T


@final
@dataclass(frozen=True)
class _Failed:
    error: Exception


def thread_peers() -> Peers:
    """For a thread beside the training, over a group of its own. A collective, of the main thread."""
    return Peers(None if ranks().is_alone else gloo_group())


def _tried(make: Callable[[], T]) -> _Made[T] | _Failed:
    try:
        return _Made(make())
    except Exception as error:  # noqa: BLE001  (raised by `_values`, on all ranks)
        return _Failed(_plain(error))


def _values(tried: Sequence[_Made[T] | _Failed]) -> list[T]:
    values = list[T]()
    for rank, each in enumerate(tried):
        if isinstance(each, _Failed):
            raise agreed(_of_rank(each.error, rank)) from each.error
        values.append(each.value)
    return values


def _plain(error: Exception) -> Exception:
    """One that another process can be told."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  (our own)
    except Exception:  # noqa: BLE001  (whatever an exception of a user's does)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _of_rank(error: Exception, rank: int) -> Exception:
    if isinstance(error, OSError):
        return OSError(error.errno, f"rank {rank}: {error.strerror}", error.filename)
    if isinstance(error, CheckpointError):
        return CheckpointError(f"rank {rank}: {error}")
    return RuntimeError(f"rank {rank}: {type(error).__name__}: {error}")
