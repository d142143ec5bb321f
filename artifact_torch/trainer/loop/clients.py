"""The tracking clients of a run: fed from its record, or told of each moment here."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, final
from weakref import finalize

from artifact_torch.contracts import Moment, ResultsClient, TrackingClient
from artifact_torch.routines.results import Computed
from artifact_torch.run_folder.names import new_run
from artifact_torch.tracking.recorder import RunRecorder, run_folder
from artifact_torch.trainer.loop.signals import Signals

if TYPE_CHECKING:
    from artifact_torch.tracking.delivery.delivery import Delivery


@final
class Clients:
    """Those of the shape `ResultsClient` are fed from the record, without a run folder from one in a
    temporary folder. The others are told here.
    """

    def __init__(self, clients: Sequence[TrackingClient | ResultsClient]) -> None:
        self._fed = [each for each in clients if isinstance(each, ResultsClient)]
        self._told = [RunRecorder(each) for each in clients if not isinstance(each, ResultsClient)]
        self._delivery: Delivery | None = None
        self._temporary: Path | None = None
        self._keep_temporary: Callable[[], object] | None = None

    @property
    def place(self) -> str | None:
        """Where the first that says so puts its files."""
        return run_folder(self._told)

    @property
    def outages(self) -> Mapping[str, str]:
        """Each that could not be reached, and since when and why."""
        return {} if self._delivery is None else self._delivery.outages

    @property
    def are_told(self) -> bool:
        """Whether any takes the results themselves."""
        return bool(self._told)

    def made_folder(self) -> Path | None:
        """For a record where no run folder is; None where nobody is fed from it. It is as long there
        as this is, so that a later `train()` goes on with the same run of theirs. Their name for it
        is its name.
        """
        if self._fed and self._temporary is None:
            parent = mkdtemp(prefix="artifact-torch-")
            self._temporary = new_run(parent)
            self._keep_temporary = finalize(self, rmtree, parent, ignore_errors=True).detach
        return self._temporary

    def begin(self, folder: Path | None, settings: Mapping[str, object]) -> None:
        """Training goes on; the record is in `folder`, if this process keeps one."""
        if self._fed and folder is not None:
            from artifact_torch.tracking.delivery.delivery import Delivery  # for few: 20 ms

            self._delivery = self._delivery or Delivery(self._fed, folder)
            self._delivery.start()
        for recorder in self._told:
            recorder.record_settings(settings)

    def record(self, results: Computed, moment: Moment) -> None:
        """All of one moment, which is in the record."""
        if self._delivery is not None:
            self._delivery.moment()
        for recorder in self._told:
            recorder.record(results, moment)

    def end(self, folder: Path | None, signals: Signals, *, most_s: float) -> None:
        """A call of `train()` ends, recorded in `folder`: as long as they answer (see `Patience`), at
        most so long, or what a signal leaves.
        """
        for recorder in self._told:
            if folder is not None:
                recorder.record_files(folder)
            recorder.drain(min(most_s, signals.left_s), lambda: signals.was_asked)
        if self._delivery is not None:
            self._delivery.finish(min(most_s, signals.left_s), lambda: signals.was_asked)
            if self._keep_temporary is not None and self._delivery.is_owed:
                self._keep_temporary()  # `artifact-torch sync` needs it
