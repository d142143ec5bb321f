"""How the processes of a run end together: one that raises says so, and no other waits for it."""

import logging
import os
import pickle
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from operator import methodcaller
from typing import TYPE_CHECKING, Final, final

from artifact_torch.errors import LossError, RankError
from artifact_torch.internal.agreement import Raised, agreed, is_agreed, raised_here
from artifact_torch.internal.ranks import ranks
from artifact_torch.trainer.loop.signals import Asked, Signals

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store

_log = logging.getLogger("artifact_torch")

_POLL_S: Final = 0.5
_WORD_S: Final = 5.0
"""So long is waited for the word of another process, which may be writing it."""
_LOSS_S: Final = 2.0
_OF_A_COLLECTIVE: Final = ("gloo", "NCCL", "ncclUniqueId", "Connection closed by peer")


@final
class Watch:
    """Over the store of the process group, which answers while a collective waits.

    The first that raises leaves its traceback there. The others are interrupted: in Python at once, in
    a collective when it fails, and whoever is not gone after `grace_s` seconds is ended.
    """

    def __init__(self, signals: Signals, *, name: str, grace_s: float) -> None:
        """`name` is that of this call of `train()`, on all ranks."""
        self._signals = signals
        self._grace_s = grace_s
        self._store = _store(f"artifact_torch/{name}")
        self._is_over = threading.Event()

    @contextmanager
    def kept(self) -> Generator[None]:
        """As long as this process is one of them."""
        thread = threading.Thread(target=self._look, name="artifact-torch-ranks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()

    @contextmanager
    def ended(self) -> Generator[None]:
        """What is raised inside is told to the others, and what they raised is raised here: once."""
        try:
            yield
        except Asked:  # all were
            raise
        except BaseException as error:
            if is_agreed(error):
                raise
            self._is_over.set()
            ending = agreed(self._verdict(error))
            if ending is error:
                raise
            raise ending from error

    def _look(self) -> None:
        """In a thread."""
        store: Store = methodcaller("clone")(self._store)  # the other waits while it answers one
        while not self._is_over.wait(_POLL_S):
            found = _word(store)
            if found is None:
                continue
            self._signals.fail(_of_another(found))
            if not self._is_over.wait(self._grace_s):
                words = "%s\nThis process did not end within %g s after it, so it is ended"
                _log.error(words, _of_another(found), self._grace_s)
                os._exit(1)
            return

    def _verdict(self, error: BaseException) -> BaseException:
        """What this rank raises. Not before the others know."""
        if isinstance(error, LossError):
            ending: BaseException = self._of_loss(error)
        elif isinstance(error, RankError):
            ending = error
        elif _is_of_collective(error):
            found = _waited(lambda: _word(self._store), _WORD_S)
            ending = _gone(error) if found is None else _of_another(found)
        else:
            self._say(error)
            ending = error
        self._wait_for_others()
        return ending

    def _say(self, error: BaseException) -> None:
        """Where nobody else did."""
        with suppress(Exception):  # of a store whose host is gone: others see the connection close
            self._store.compare_set(_WORD, "", pickle.dumps(raised_here(error)).hex())

    def _of_loss(self, error: LossError) -> BaseException:
        """A loss that is not finite on one rank makes every gradient so: of which it was is told on
        all.
        """
        here = ranks()
        with suppress(Exception):
            if error.loss is not None or not self._has_loss_elsewhere():
                self._store.compare_set(_LOSS, "", pickle.dumps(raised_here(error)).hex())
        self._say(error)
        found = _waited(lambda: _word(self._store, _LOSS), _LOSS_S)
        if found is None or found.rank == here.rank:
            error.add_note(f"on rank {here.rank}")
            return error
        return LossError(
            f"rank {found.rank} raised {found.error}. Its traceback:\n{found.traceback}"
        )

    def _has_loss_elsewhere(self) -> bool:
        """A gradient is not finite here; the loss that did it may be another's."""
        return _waited(lambda: _word(self._store, _LOSS), _LOSS_S) is not None

    def _wait_for_others(self) -> None:
        """The store may be this process's: it stays until all have read it."""
        with suppress(Exception):
            size = ranks().size
            self._store.add(_LEFT, 1)
            _waited(lambda: self._store.add(_LEFT, 0) >= size or None, _WORD_S)


_WORD: Final = "raised"
_LOSS: Final = "loss"
_LEFT: Final = "left"


def _store(prefix: str) -> "Store":
    from torch._C._distributed_c10d import PrefixStore
    from torch.distributed import distributed_c10d

    # the store that the group was made with has no public name
    own: Callable[[], Store] = vars(distributed_c10d)["_get_default_store"]
    return PrefixStore(prefix, own())


def _word(store: "Store", key: str = _WORD) -> Raised | None:
    """Of the one that raised, if one did."""
    with suppress(Exception):  # its host is gone
        if store.check([key]):
            found: object = pickle.loads(bytes.fromhex(store.get(key).decode()))  # noqa: S301  ours
            return found if isinstance(found, Raised) else None
    return None


def _waited(look: Callable[[], object], limit_s: float) -> Raised | None:
    end = time.monotonic() + limit_s
    while (found := look()) is None and time.monotonic() < end:
        time.sleep(0.05)
    return found if isinstance(found, Raised) else None


def _of_another(found: Raised) -> BaseException:
    return found.as_error()


def _is_of_collective(error: BaseException) -> bool:
    """Whether the other side of a collective went away, or did not answer."""
    return isinstance(error, RuntimeError) and any(each in str(error) for each in _OF_A_COLLECTIVE)


def _gone(error: BaseException) -> RankError:
    return RankError(
        "another process of the run is gone, or did not answer in time, and left no word: it was "
        "killed, perhaps for its memory, or it waits for something itself; look at what it wrote "
        f"last. Here: {error}"
    )
