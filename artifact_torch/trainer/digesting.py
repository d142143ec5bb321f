"""The digests of one update after the other: in the memory of the machine, or on an accelerator."""

import struct
from collections.abc import Sequence
from typing import Final, Protocol, final

import torch
from torch import Tensor, nn

from artifact_torch.contracts import AnyStep
from artifact_torch.trainer.digests import Sums, feed, hashing, tensors_of

N_AT_ONCE: Final = 256
"""Updates that may be complete and not written."""

_LOSSES: Final = struct.Struct("<2d")


class DigestsOut(Protocol):
    """Where they go: a file."""

    def add(self, step: int, digests: bytes) -> object:
        """64 bytes of an update, in the order of `WHATS`."""
        ...


class Digesting(Protocol):
    """One update after the other."""

    def restart(self) -> None:
        """The next batch is the first of an update, of parameters that may be others."""
        ...

    def see(self, batch: object) -> None:
        """A batch of the update in progress, before it is computed with."""
        ...

    def note(self, loss: Tensor) -> None:
        """What it came to."""
        ...

    def complete(self, step: int) -> None:
        """The update that made `step` is done: its gradients are still there."""
        ...

    def write(self) -> None:
        """All that was complete goes out."""
        ...

    def state(self) -> bytes:
        """Digest of the parameters. Syncs."""
        ...


def digesting(step: AnyStep, out: DigestsOut) -> tuple[str, Digesting]:
    """Of the updates of `step`, and how they are made: only digests of one kind can be compared."""
    if step.device.type == "cpu":
        return hashing()[0], _OnHost(step.model, out)
    return Sums.NAME, OnDevice(step.model, step.device, out)


@final
class _OnHost:
    """The memory of the tensors is hashed where it is."""

    def __init__(self, model: nn.Module, out: DigestsOut) -> None:
        self._model, self._out = model, out
        self._new = hashing()[1]
        self._made: list[tuple[int, bytes, float, float, bytes, bytes]] = []
        self.restart()

    def restart(self) -> None:
        self._parameters = [*self._model.parameters()]
        self._begin()

    def _begin(self) -> None:
        self._batches = self._new()
        self._loss = self._losses = 0.0

    def see(self, batch: object) -> None:
        feed(self._batches, tensors_of(batch))

    def note(self, loss: Tensor) -> None:
        self._loss = loss.item()
        self._losses += self._loss

    def complete(self, step: int) -> None:
        gradients = self._of([each.grad for each in self._parameters])
        made = self._batches.digest(), self._loss, self._losses, gradients, self.state()
        self._made.append((step, *made))
        self._begin()

    def write(self) -> None:
        for step, batches, loss, losses, gradients, parameters in self._made:
            self._out.add(step, batches + _LOSSES.pack(loss, losses) + gradients + parameters)
        self._made.clear()

    def state(self) -> bytes:
        return self._of(self._parameters)

    def _of(self, tensors: Sequence[Tensor | None]) -> bytes:
        made = self._new()
        feed(made, tensors)
        return made.digest()


@final
class OnDevice:
    """Digests stay on the device; one copy brings those of up to 256 updates. It waits for them."""

    def __init__(self, model: nn.Module, device: torch.device, out: DigestsOut) -> None:
        self._model, self._out = model, out
        self._sums = Sums(device)
        # MPS has no float64
        self._number = torch.float32 if device.type == "mps" else torch.float64
        self._digests = torch.zeros(N_AT_ONCE, 3, 2, dtype=torch.int64, device=device)
        self._losses = torch.zeros(N_AT_ONCE, 2, dtype=self._number, device=device)
        self._steps: list[int] = []
        self.restart()

    def restart(self) -> None:
        self._parameters: Sequence[Tensor] = [*self._model.parameters()]
        self._begin()

    def _begin(self) -> None:
        n = len(self._steps)
        self._row, self._loss = self._digests[n % N_AT_ONCE], self._losses[n % N_AT_ONCE]
        self._row.zero_()
        self._loss.zero_()

    def see(self, batch: object) -> None:
        self._row[0].mul_(_OF_WINDOWS).add_(self._sums.of(tensors_of(batch)))

    def note(self, loss: Tensor) -> None:
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
            self._out.add(step, row[0].tobytes() + of_losses.tobytes() + row[1:].tobytes())
        self._steps.clear()
        self._begin()

    def state(self) -> bytes:
        return self._sums.of(self._parameters).cpu().numpy().astype("<i8").tobytes()


_OF_WINDOWS: Final = 0x5851F42D4C957F2D
"""Between the batches of an update, so that their order counts; odd."""
