"""The processes in which lives are led, seen from the one who asks."""

import functools
import inspect
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, final

from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import shown
from artifact_torch.testing.asked import End, Life, Program, Ready

_N_HOSTS: Final = 2


@final
class Host:
    """One process that imported the module of `make_trainer`, and forks a life when asked to.

    `number` decides how texts are hashed in it, and how NumPy's and Python's generators begin where
    the module does not seed them: two hosts differ in what two starts of a program differ in.
    """

    def __init__(self, program: Program, number: int) -> None:
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(number),
            "OMP_NUM_THREADS": "1",  # a pool of threads does not survive a fork
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "artifact_torch.testing.host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._stdin, self._stdout = _pipes(self._process)
        self._say(program)
        self._ready: Ready | None = None

    def ready(self) -> Ready:
        """Once its module was imported. Raises `ConfigurationError` where that failed."""
        with self._lock:
            ready: Ready = self._hear() if self._ready is None else self._ready
            self._ready = ready
        if ready.failure:
            raise ConfigurationError(
                f"make_trainer: importing its module failed: {ready.failure}; it is imported "
                "in a process of its own, by its file"
            )
        return ready

    def live(self, life: Life) -> End:
        """One life at a time: who comes second waits."""
        with self._lock:
            life.notes.mkdir(parents=True)
            self._say(life)
            end: End = self._hear()
            return end

    def close(self) -> None:
        """It ends itself when nobody can ask any more."""
        with suppress(BrokenPipeError):
            self._stdin.close()
        self._stdout.close()
        self._process.wait()

    def _say(self, what: object) -> None:
        with suppress(BrokenPipeError):  # it ended: the answer that is missing says so
            pickle.dump(what, self._stdin)
            self._stdin.flush()

    def _hear(self) -> Any:  # Any: pickle's
        try:
            return pickle.load(self._stdout)  # noqa: S301  (our own process)
        except EOFError as error:
            raise ConfigurationError(
                "make_trainer: the process that imported its module ended, with "
                f"{self._process.wait()}; import it alone to see why"
            ) from error


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise ConfigurationError("the process has no pipes; it was started with both")
    return stdin, stdout


def start_hosts(make_trainer: Callable[..., object]) -> list[Host]:
    """As many as there are lives at a time. Raises `ConfigurationError` for a function that another
    process would not find.
    """
    module, file = _place_of(make_trainer)
    search = list(sys.path)
    return [
        Host(Program(module=module, file=file, search=search, seed=number), number)
        for number in range(_N_HOSTS)
    ]


def pickled(make_trainer: Callable[..., object]) -> bytes:
    """By its name, with what is bound to it. Raises `ConfigurationError`."""
    try:
        return pickle.dumps(make_trainer)
    except Exception as error:  # pickle and what is bound raise a dozen kinds
        raise ConfigurationError(
            f"make_trainer: cannot be sent to another process ({error}); bind plain values"
        ) from error


def _place_of(make_trainer: Callable[..., object]) -> tuple[str, str]:
    """Module and file."""
    if not callable(make_trainer):
        raise ConfigurationError(
            f"make_trainer: got {shown(make_trainer)}, expected a function of one folder"
        )
    if not hasattr(os, "fork"):
        raise ConfigurationError(
            f"make_trainer: a life of a run is a fork, and {sys.platform} has none; run this test on "
            "Linux"
        )
    function = _unbound(make_trainer)
    is_method = getattr(function, "__self__", None) is not None
    name = "" if is_method else getattr(function, "__qualname__", "")
    module = getattr(function, "__module__", "")
    if not name or "<" in name or not module:
        raise ConfigurationError(
            f"make_trainer: got {name or shown(make_trainer)}, which another process cannot find; "
            "define it at the top of a file, with def"
        )
    if module == "__main__":
        raise ConfigurationError(
            f"make_trainer: {name} is in the program that is running, which would run again in each "
            "process that imports it; move it to a file of its own and import it"
        )
    file = inspect.getsourcefile(inspect.unwrap(function))
    return module, str(Path(file or "").resolve())


def _unbound(function: Callable[..., object]) -> Callable[..., object]:
    while isinstance(function, functools.partial):
        function = function.func
    return function
