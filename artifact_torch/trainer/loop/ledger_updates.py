"""What each update was made of and what it came to, as digests for the ledger."""

import time
from collections.abc import Callable
from typing import Final, final

from torch import Tensor

from artifact_torch.contracts import AnyStep, InT, ModelOutput, OutT, TakesPart
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.run_folder.ledger import LedgerFile
from artifact_torch.trainer.digesting import N_AT_ONCE, digesting

_MOST_S: Final = 1.0  # of what a process that is killed has not written


@final
class LedgerUpdates:
    """Sees every batch of a run, and keeps a record for each update: digests of all tensors of its
    batches, of the gradients that it left (those that were applied: clipped, scaled back) and of all
    parameters after it; the loss of its last batch and the sum of those of all its batches.

    It stands around `update`, and is the last of the callbacks.
    """

    def __init__(self, folder: RunFolder, step: AnyStep) -> None:
        self._file = LedgerFile(folder.folder, strict=folder.strict)
        self._step = step
        self._is_open, self._seen_at = False, 0
        self._n_waiting, self._due = 0, 0.0
        self._digest, self._digesting = digesting(step, self._file)

    def begin(self) -> None:
        """A call of `train()` goes on from here."""
        step = self._step.n_steps
        self._digesting.restart()
        self._file.begin(step, self._digest)
        self._file.start(step, self._digesting.state())
        self._is_open, self._seen_at = True, step
        self.flush()

    def around(
        self, update: Callable[[InT], OutT], part: TakesPart[InT] | None = None
    ) -> Callable[[InT], OutT]:
        """`update`, of which batch and loss are seen: the batch before it, when a loader has just made
        it and it is still near, or it is brought near for `update`; rows that count on another
        process are not.
        """

        def seen(batch: InT) -> OutT:
            if not self._is_open or (part is not None and part.is_spare):
                return update(batch)
            self._digesting.see(batch)
            output = update(batch)
            loss = _loss_of(output)
            if loss is not None:  # else what looks at the first values says so, in words
                self._digesting.note(loss)
            return output

        return seen

    def on_batch(self, _: int, __: object, ___: ModelOutput, /) -> None:
        """After all others, who may have changed parameters."""
        if self._is_open:
            self._complete()

    def end_epoch(self) -> None:
        """The step has applied the gradients of a window that was not full."""
        if self._is_open:
            self._complete()
            self._digesting.restart()

    def flush(self) -> None:
        """All updates so far survive the end of the process in any way."""
        self._digesting.write()
        self._file.flush()
        self._n_waiting, self._due = 0, time.monotonic() + _MOST_S

    def sync(self) -> None:
        """As far as they were written, the end of power too. Raises `OSError`."""
        self._file.sync()

    def end(self) -> None:
        """No more batches are the run's."""
        if self._is_open:
            self._complete()  # after which another callback raised
            self._is_open = False
            self.flush()

    def _complete(self) -> None:
        step = self._step.n_steps
        if step == self._seen_at:  # in the middle of a window
            return
        self._digesting.complete(step)
        self._seen_at = step
        self._n_waiting += 1
        if self._n_waiting >= N_AT_ONCE or time.monotonic() >= self._due:
            self.flush()


def _loss_of(output: object) -> Tensor | None:
    """The single value; None where a step of one's own gives something else."""
    loss = output.get("loss") if is_mapping(output) else None
    return loss if isinstance(loss, Tensor) and loss.numel() == 1 else None
