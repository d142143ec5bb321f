"""How the processes of a run end together: one that raises says so, and no other waits for it."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from operator import methodcaller
from typing import TYPE_CHECKING, Final, final

from artifact_torch.errors import RankError
from artifact_torch.internal.agreement import Raised, agreed, is_agreed, raised_here
from artifact_torch.internal.ranks import ranks
from artifact_torch.trainer.loop.signals import Asked, Signals

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store

_log = logging.getLogger("artifact_torch")

_POLL_S: Final = 0.5
_LITTLE_S: Final = 0.05
_WORD_S: Final = 5.0
"""So long is waited for the word of another process, which may be writing it."""
_OF_A_COLLECTIVE: Final = ("gloo", "NCCL", "Connection closed by peer")


@final
class Watch:
    """Over the store of the process group, which answers while a collective waits.

    The first that raises, or finds that another is gone, leaves its traceback there. The others are
    interrupted: in Python at once, in a collective when it fails, and whoever is not gone after
    `grace_s` seconds is ended.
    """

    def __init__(self, signals: Signals, *, name: str, grace_s: float) -> None:
        """`name` is that of this call, of `train()` or beside it, on all ranks."""
        self._signals = signals
        self._grace_s = grace_s
        self._store = _store(f"artifact_torch/{name}")
        self._is_over = threading.Event()
        self._has_heard = False

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
            self._heard(store)
            error = found.as_error()
            self._signals.fail(error)
            if not self._is_over.wait(self._grace_s):
                words = "%s\nThis process did not end within %g s after it, so it is ended"
                _log.error(words, error, self._grace_s)
                os._exit(1)
            return

    def _verdict(self, error: BaseException) -> BaseException:
        """What this rank raises. Not before the others know."""
        ending = error
        if _is_of_collective(error):
            found = _waited(lambda: _word(self._store), _WORD_S)
            if isinstance(found, Raised):
                ending = found.as_error()
            else:  # the others may wait for this process, and would not see that one is gone
                ending = _gone(error)
                self._say(ending)
        elif not isinstance(error, RankError):
            error.add_note(f"on rank {ranks().rank}")
            self._say(error)
        self._heard(self._store)
        if ending is error:
            with suppress(Exception):
                size = ranks().size
                _waited(lambda: self._store.add(_HEARD, 0) >= size or None, _WORD_S)
        return ending

    def _say(self, error: BaseException) -> None:
        """Where nobody else did."""
        with suppress(Exception):  # of a store whose host is gone: others see the connection close
            raised = raised_here(error)
            word = json.dumps([raised.rank, raised.error, raised.traceback])
            self._store.compare_set(_WORD, "", word)

    def _heard(self, store: "Store") -> None:
        """Once: the one that raised waits for it, because the store may be in its process."""
        if not self._has_heard:
            self._has_heard = True
            with suppress(Exception):
                store.add(_HEARD, 1)


_WORD: Final = "raised"
_HEARD: Final = "heard"


def _store(prefix: str) -> "Store":
    from torch._C._distributed_c10d import PrefixStore
    from torch.distributed import distributed_c10d

    # the store that the group was made with has no public name
    own: Callable[[], Store] = vars(distributed_c10d)["_get_default_store"]
    return PrefixStore(prefix, own())


def _word(store: "Store") -> Raised | None:
    """Of the one that raised, if one did."""
    with suppress(Exception):  # its host is gone
        if store.check([_WORD]):
            rank, error, traceback = json.loads(store.get(_WORD))
            return Raised(rank=rank, error=error, traceback=traceback)
    return None


def _waited(look: Callable[[], object], limit_s: float) -> object:
    """What `look` gives, as soon as that is something."""
    end = time.monotonic() + limit_s
    while (found := look()) is None and time.monotonic() < end:
        time.sleep(_LITTLE_S)
    return found


def is_of_another(error: BaseException) -> bool:
    """Whether another process failed, and this one knows it by that."""
    return isinstance(error, RankError) or _is_of_collective(error)


def _is_of_collective(error: BaseException) -> bool:
    """Whether the other side of a collective went away, or did not answer."""
    if ranks().is_alone:
        return False
    import torch.distributed as dist

    of_torch: object = getattr(dist, "DistError", None)  # of its store, or its sockets
    if isinstance(of_torch, type) and isinstance(error, of_torch):
        return True
    return isinstance(error, RuntimeError) and any(each in str(error) for each in _OF_A_COLLECTIVE)


def _gone(error: BaseException) -> RankError:
    return RankError(
        "another process of the run is gone, or did not answer in time, and left no word: it was "
        "killed, perhaps for its memory, or it waits for something itself; look at what it wrote "
        f"last. Here: {error}"
    )
