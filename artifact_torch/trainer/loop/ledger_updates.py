"""What each update was made of and what it came to, as digests for the ledger."""

import struct
import time
from collections.abc import Sequence
from typing import Final, Protocol, final

import torch
from torch import Tensor, nn

from artifact_torch.contracts import AnyStep, ModelOutput
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.run_folder.ledger import LedgerFile
from artifact_torch.trainer.digests import Sums, feed, hashing, tensors_of

_N_AT_ONCE: Final = 256
_MOST_S: Final = 1.0  # of what a process that is killed has not written
_LOSSES: Final = struct.Struct("<2d")


class _Digesting(Protocol):
    """One update after the other."""

    def restart(self) -> None:
        """The next batch is the first of an update, of parameters that may be others."""
        ...

    def see(self, batch: object, loss: Tensor) -> None:
        """A batch of the update in progress."""
        ...

    def complete(self, step: int) -> None:
        """The update that made `step` is done: its gradients are still there."""
        ...

    def write(self) -> None:
        """All that was complete goes to the file."""
        ...

    def state(self) -> bytes:
        """Digest of the parameters. Syncs."""
        ...


@final
class LedgerUpdates:
    """Sees every batch of a run, and keeps a record for each update: digests of all tensors of its
    batches, of the gradients that it left (those that were applied: clipped, scaled back) and of all
    parameters after it; the loss of its last batch and the sum of those of all its batches.
    """

    def __init__(self, folder: RunFolder, step: AnyStep) -> None:
        self._file = LedgerFile(folder.folder, strict=folder.strict)
        self._step = step
        self._is_open, self._seen_at = False, 0
        self._n_waiting, self._due = 0, 0.0
        is_near = step.device.type == "cpu"
        self._digest = hashing()[0] if is_near else Sums.NAME
        self._digesting: _Digesting = (
            _OnHost(step.model, self._file)
            if is_near
            else OnDevice(step.model, step.device, self._file)
        )

    def begin(self) -> None:
        """A call of `train()` goes on from here."""
        step = self._step.n_steps
        self._digesting.restart()
        self._file.begin(step, self._digest)
        self._file.start(step, self._digesting.state())
        self._is_open, self._seen_at = True, step
        self.flush()

    def on_batch(self, _: int, batch: object, output: ModelOutput, /) -> None:
        if self._is_open:
            self._digesting.see(batch, output["loss"])
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
            self._is_open = False
            self.flush()

    def _complete(self) -> None:
        step = self._step.n_steps
        if step == self._seen_at:  # in the middle of a window
            return
        self._digesting.complete(step)
        self._seen_at = step
        self._n_waiting += 1
        if self._n_waiting >= _N_AT_ONCE or time.monotonic() >= self._due:
            self.flush()


@final
class _OnHost:
    """The memory of the tensors is hashed where it is."""

    def __init__(self, model: nn.Module, file: LedgerFile) -> None:
        self._model, self._file = model, file
        self._new = hashing()[1]
        self.restart()

    def restart(self) -> None:
        self._parameters = [*self._model.parameters()]
        self._begin()

    def _begin(self) -> None:
        self._batches = self._new()
        self._loss = self._losses = 0.0

    def see(self, batch: object, loss: Tensor) -> None:
        feed(self._batches, tensors_of(batch))
        self._loss = loss.item()
        self._losses += self._loss

    def complete(self, step: int) -> None:
        gradients = self._new()
        feed(gradients, [each.grad for each in self._parameters])
        losses = _LOSSES.pack(self._loss, self._losses)
        digests = self._batches.digest() + losses + gradients.digest() + self.state()
        self._file.add(step, digests)
        self._begin()

    def write(self) -> None: ...

    def state(self) -> bytes:
        parameters = self._new()
        feed(parameters, self._parameters)
        return parameters.digest()


@final
class OnDevice:
    """Digests stay on the device; one copy brings those of up to 256 updates. It waits for them."""

    def __init__(self, model: nn.Module, device: torch.device, file: LedgerFile) -> None:
        self._model, self._file = model, file
        self._sums = Sums(device)
        # MPS has no float64
        self._number = torch.float32 if device.type == "mps" else torch.float64
        self._digests = torch.zeros(_N_AT_ONCE, 3, 2, dtype=torch.int64, device=device)
        self._losses = torch.zeros(_N_AT_ONCE, 2, dtype=self._number, device=device)
        self._steps: list[int] = []
        self.restart()

    def restart(self) -> None:
        self._parameters: Sequence[Tensor] = [*self._model.parameters()]
        self._begin()

    def _begin(self) -> None:
        n = len(self._steps)
        self._row, self._loss = self._digests[n % _N_AT_ONCE], self._losses[n % _N_AT_ONCE]
        self._row.zero_()
        self._loss.zero_()

    def see(self, batch: object, loss: Tensor) -> None:
        self._row[0].mul_(_OF_WINDOWS).add_(self._sums.of(tensors_of(batch)))
        self._loss[0] = loss.detach()
        self._loss[1] += loss.detach()

    def complete(self, step: int) -> None:
        self._row[1] = self._sums.of(each.grad for each in self._parameters)
        self._row[2] = self._sums.of(self._parameters)
        self._steps.append(step)
        self._begin()

    def write(self) -> None:
        digests = self._digests[: len(self._steps)].cpu().numpy().astype("<i8")
        losses = self._losses[: len(self._steps)].cpu().numpy().astype("<f8")
        for step, row, of_losses in zip(self._steps, digests, losses, strict=True):
            self._file.add(step, row[0].tobytes() + of_losses.tobytes() + row[1:].tobytes())
        self._steps.clear()
        self._begin()

    def state(self) -> bytes:
        return self._sums.of(self._parameters).cpu().numpy().astype("<i8").tobytes()


_OF_WINDOWS: Final = 0x5851F42D4C957F2D
"""Between the batches of an update, so that their order counts; odd."""
