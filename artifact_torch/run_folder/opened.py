"""The run folder as the trainer uses it: held by one process, written at each moment."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from artifact_torch.contracts import Ending, Failure, Moment, Result
from artifact_torch.run_folder.configuration import RunFolder


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a run is begun with, as far as it is no result."""

    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    """Hyper-parameters: plain values under dotted keys."""
    seeds: Mapping[str, object] = field(default_factory=dict[str, object])
    device: str = ""
    """Its name: "cpu", "NVIDIA H100"."""
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Each part's place to its type: `{"train_loader": "DataLoader"}`."""


@final
class OpenRun:
    """A folder that this process holds; made by `opened`.

    No method raises because of the disk: what cannot be written is told once and written later.
    With `strict`, each raises `RunFolderError` instead.
    """

    @property
    def folder(self) -> Path: ...

    @property
    def has_run(self) -> bool:
        """Whether something was recorded before: a run that may be continued."""
        ...

    def begin(self, moment: Moment, begun: Begun, /) -> None:
        """Training goes on from `moment` (epoch 0, step 0: from the start). What was recorded of
        later steps is left out from now on.
        """
        ...

    def record(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        """All of one moment, at once. An empty list is nothing."""
        ...

    def keep_best(
        self, weights: Mapping[str, object], moment: Moment, scores: Mapping[str, float], /
    ) -> None:
        """`weights`, a copy that nobody changes any more, are the best so far."""
        ...

    def status(self, moment: Moment, /) -> None:
        """Where the run is, in status.json."""
        ...

    def end(self, how: Ending, reason: str, moment: Moment, /) -> None:
        """The run ended; it may be begun again."""
        ...


@contextmanager
def opened(configuration: RunFolder, /) -> Iterator[OpenRun]:
    """The folder, made if need be and held until the end of the `with` block.

    Raises `RunFolderError` where another process holds it, or where it cannot be made or is a file.
    """
    ...
