"""A client that keeps what it gets in a backend that outlives it, and fails when it is told to."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import final

from artifact_torch.contracts import Ending, Recorded, RunIdentity


@final
class Backend:
    """What the clients of one run share: the server."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []
        self.has: dict[tuple[str, int], object] = {}
        self.n_sent: dict[tuple[str, int], int] = {}

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@final
class MemoryClient:
    """`meet` is called with "begin", "results", ... before a call has an effect, and with
    "after begin", "after results", ... after it. One with a `name` knows no run but its own.
    """

    def __init__(
        self,
        backend: Backend,
        meet: Callable[[str], object] = lambda _: None,
        *,
        name: str | None = None,
    ) -> None:
        self.backend = backend
        self.meet = meet
        self.name = name

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        self._do("begin", (run.name, dict(run.kept)))
        return {"id": self.name or run.kept.get("id", f"{len(self.backend.calls)}")}

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        self._do("settings", dict(settings))

    def log_results(self, results: Sequence[Recorded], /) -> None:
        self.meet("results")
        backend = self.backend
        backend.calls.append(("results", [(each.name, each.step) for each in results]))
        for each in results:
            key = each.name, each.step
            backend.n_sent[key] = backend.n_sent.get(key, 0) + 1
            backend.has.setdefault(key, each.value)  # it leaves out what it has
        self.meet("after results")

    def log_file(self, path: Path, name: str, /) -> None:
        self._do("file", name)

    def end(self, how: Ending, reason: str, /) -> None:
        self._do("end", (how, reason))

    def _do(self, what: str, said: object) -> None:
        self.meet(what)
        self.backend.calls.append((what, said))
        self.meet(f"after {what}")
