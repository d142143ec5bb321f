"""One step of a run again: with its batch, its weights and its random numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, final

from artifact_torch.checkpoints.folder import FolderCheckpointer
from artifact_torch.contracts import AnyStep, InT, Moment, OutT, RunState, TrainingStep
from artifact_torch.data import CheckedSource, to_device
from artifact_torch.errors import CheckpointError, LossError
from artifact_torch.internal.arguments import integer, refuse
from artifact_torch.parallel.rows import part_of
from artifact_torch.run_folder.ledger import What, other
from artifact_torch.stopping.scores import monitored_names
from artifact_torch.trainer.failure import batch_of, read_failure, same_batch
from artifact_torch.trainer.ledger_compared import LedgerCompared
from artifact_torch.trainer.not_finite import largest_norms, watching
from artifact_torch.trainer.trace import Trace, tracing

CHECKPOINTS: Final = "checkpoints"


@final
@dataclass(kw_only=True)
class Replayed:
    """What a step that was made again came to."""

    step: int
    restored_from: int | None
    """The step of the checkpoint from which it was reached; None for the start of the run."""
    doubts: list[str] = field(default_factory=list[str])
    """Why it may differ from the run's."""
    losses: list[float] = field(default_factory=list[float])
    """Of each of its batches."""
    gradient_norms: Mapping[str, float] = field(default_factory=dict[str, float])
    """Of each parameter that has a gradient: those that are not finite first, then the largest."""
    first_not_finite: str | None = None
    """The first module whose output was not finite."""
    error: str | None = None
    """What the update raised."""
    recorded: str | None = None
    """The error that the run kept of this step."""
    same_batch: bool | None = None
    """Whether the batch is the one that was kept; None where none was."""
    same_loss: bool | None = None
    same_error: bool | None = None
    n_as_in_ledger: int = 0
    """Updates on the way that are those of the run's ledger."""
    parted: tuple[int, What] | None = None
    """The first step that is not as in the ledger, and in what."""
    trace: Trace = field(default_factory=Trace)
    """Digests of all tensors of the step."""

    def tell(self, module: str) -> None:
        """Its output is not finite."""
        self.first_not_finite = self.first_not_finite or module

    def __str__(self) -> str:
        came = (
            "the start of the run" if self.restored_from is None else f"step {self.restored_from}"
        )
        norms = [*self.gradient_norms.items()][:_N_SHOWN]
        more = len(self.gradient_norms) - len(norms)
        lines = [
            f"step {self.step}, from {came}",
            f"loss            {', '.join(map(str, self.losses)) or 'none was computed'}",
            f"not finite      {self.first_not_finite or 'no output of a module'}",
            *(f"gradient norm   {norm:<12.6g} {name}" for name, norm in norms),
            *([f"                and {more} more parameters"] if more > 0 else []),
            f"error           {self.error or 'none'}",
            *(f"doubt           {doubt}" for doubt in self.doubts),
            *self._of_ledger(),
            f"as in the run   {self._compared()}",
        ]
        return "\n".join(lines) + "\n"

    def _of_ledger(self) -> Iterator[str]:
        if self.parted is not None:
            step, what = self.parted
            yield f"in the ledger   step {step} has {other(what)}: it is not the run's from there on"
        elif self.n_as_in_ledger:
            yield f"in the ledger   the same, as the {self.n_as_in_ledger - 1} steps before it"

    def _compared(self) -> str:
        if self.recorded is None:
            return "not known: the run kept no failure of this step"
        told = {"batch": self.same_batch, "loss": self.same_loss, "error": self.same_error}
        known = {what: same for what, same in told.items() if same is not None}
        return ", ".join(f"{what} {'equal' if same else 'DIFFERS'}" for what, same in known.items())


_N_SHOWN: Final = 12


def restored(
    run_folder: Path, step: int, load: Callable[[dict[str, object]], object]
) -> int | None:
    """The newest checkpoint before `step` goes to `load`; its step, or None where there is none."""
    folder = run_folder / CHECKPOINTS
    if not folder.is_dir():
        raise CheckpointError(
            f"replay: {run_folder} has no folder {CHECKPOINTS}/; give the folder of the run"
        )
    kept = FolderCheckpointer(folder)
    before = [each for each in kept.steps() if each < step]
    if not before:
        return None
    load(dict(kept.load(step=max(before))))
    return max(before)


def replayed(
    step: TrainingStep[InT, OutT],
    source: CheckedSource[InT],
    *,
    n: int,
    run_folder: Path,
    where: Callable[[], tuple[RunState, int]],
    load: Callable[[dict[str, object]], object],
    act: Callable[[Moment], object],
) -> Replayed:
    """Make step `n` again. `where` tells epochs and batches of the run, `load` restores it, `act` has
    the step callbacks act at a moment. Step and model are then behind that step, or as it left them.
    """
    refuse(integer("replay: step", n, least=1))
    found = Replayed(step=n, restored_from=restored(run_folder, n, load))
    if found.restored_from is None:
        found.doubts.append(
            "no checkpoint before it: equal only where the program makes the same first weights "
            "and random numbers"
        )
    window: list[InT] = []
    ledger = LedgerCompared(step, run_folder)

    complete = partial(_complete, step, ledger, found)
    with ExitStack() as watched:
        try:
            for batch in _training(
                step, source, *where(), act=act, complete=complete, doubts=found.doubts
            ):
                if step.n_steps >= n:
                    break
                if step.n_steps == n - 1:
                    if not window:
                        watched.enter_context(tracing(step.model, found.trace))
                        watched.enter_context(watching(step.model, found.tell))
                    window.append(batch)
                    found.trace.see(batch)
                ledger.see(batch)
                loss = step.update(batch)["loss"]
                ledger.note(loss)
                complete()
                if window:
                    found.losses.append(loss.item())
        except Exception as error:
            if not window:
                raise
            _note(error, found)
    found.gradient_norms = largest_norms(step.model)
    found.n_as_in_ledger, found.parted = ledger.n_equal, ledger.parted
    found.doubts += [] if ledger.doubt is None else [ledger.doubt]
    _compare(found, run_folder, window)
    return found


def _complete(step: AnyStep, ledger: LedgerCompared, found: Replayed) -> None:
    """Between two batches: if an update is done, nothing else has happened since."""
    ledger.complete()
    if step.n_steps == found.step and not found.trace.is_done:
        found.trace.finish(step.model)


def _note(error: Exception, found: Replayed) -> None:
    found.error = f"{type(error).__name__}: {error}"
    if isinstance(error, LossError) and error.loss is not None:
        found.losses.append(error.loss)


def _training(
    step: TrainingStep[InT, OutT],
    source: CheckedSource[InT],
    state: RunState,
    n_done: int,
    *,
    act: Callable[[Moment], object],
    complete: Callable[[], object],
    doubts: list[str],
) -> Iterator[InT]:
    """The batches of training without an end, and between them what acts on it: ends of epochs,
    schedules, callbacks.
    """
    epoch, n_batches = state.n_epochs_elapsed, len(source)
    while True:
        n_steps = step.n_steps
        batches = source.batches(epoch + 1, n_done, part_of(step))
        for n_loaded, loaded in enumerate(batches, start=n_done + 1):
            yield to_device(loaded, step.device)
            if step.n_steps != n_steps and n_loaded < n_batches:  # else the end of the epoch
                n_steps = step.n_steps
                act(Moment(epoch=epoch, step=n_steps, ends_epoch=False))
        step.end_epoch()
        complete()
        epoch, n_done = epoch + 1, 0
        moment = Moment(epoch=epoch, step=step.n_steps)
        act(moment)
        step.after_scores({}, moment)
        if looked_at := monitored_names(step):
            doubts.append(
                f"its schedule looks at {', '.join(looked_at)} at the end of epoch {epoch}, which is "
                "not computed here; a checkpoint nearer to the step leaves that out"
            )


def _compare(found: Replayed, run_folder: Path, window: Sequence[object]) -> None:
    kept = read_failure(run_folder, found.step)
    if kept is None:
        return
    found.recorded = str(kept.get("error"))
    found.same_error = found.recorded == (found.error or "")
    batch = batch_of(kept)
    if batch is not None and window:
        found.same_batch = same_batch(batch, window[-1])
    loss = kept.get("loss")
    if loss is not None and found.losses:
        found.same_loss = str(loss) == str(found.losses[-1])
