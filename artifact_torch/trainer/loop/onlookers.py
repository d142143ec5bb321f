"""Who looks at the batches of the training: callbacks, hooks inside the model, the bar."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
from typing import Generic, Protocol, TypeAlias, final, runtime_checkable

import torch
from torch import Tensor
from typing_extensions import TypeIs

from artifact_torch.contracts import (
    BatchCallback,
    Every,
    InT,
    Moment,
    OutT,
    Periodic,
    StepCallback,
    TakesPart,
    Watching,
)
from artifact_torch.errors import note_part
from artifact_torch.internal.cadence import steps
from artifact_torch.internal.draws import KeptDraws, is_ours
from artifact_torch.internal.failing import Failing
from artifact_torch.internal.ranks import ranks
from artifact_torch.routines import BatchRoutine

Callback: TypeAlias = BatchCallback[InT, OutT] | StepCallback


@runtime_checkable
class _Lasting(Protocol):
    """Hooks that stay for several updates, from the one that is due, within its epoch."""

    @property
    def n_updates(self) -> int: ...


@dataclass(frozen=True, eq=False)
class _Onlooker(Generic[InT, OutT]):
    """Somebody who sees batches, or has hooks in the model: at each update, or as `every` says."""

    sees: BatchCallback[InT, OutT] | None
    _: KW_ONLY
    hooks: Watching | None
    every: Every | None
    n_updates: int = 1
    """For which the hooks stay."""


@final
class Onlookers(Generic[InT, OutT]):
    """A batch callback sees every batch; one with `every` those of the updates, or of the epochs,
    that are due. Where it is a step callback too, `every` is for its own moments. Hooks are in the
    model where `every` is due, and else not.
    """

    def __init__(
        self,
        callbacks: Iterable[Callback[InT, OutT]],
        device: torch.device,
        failing: Failing,
        *,
        part: TakesPart[InT] | None,
    ) -> None:
        self._part = part
        self._all = [found for each in callbacks for found in _onlookers(each)]
        self._failing = failing
        self._draws = KeptDraws(device)
        self._may_draw = False
        self._of_epoch: list[BatchCallback[InT, OutT]] = []
        self._seeing: list[BatchCallback[InT, OutT]] = []
        self._hooks_of_epoch, self._hooks = ExitStack(), ExitStack()
        self._lasting: dict[int, ExitStack] = {}  # by the update before which they go
        self._wants_loss = False
        self.is_looking: bool = False
        """Whether anybody sees the next batch."""
        self.loss: Tensor | None = None
        """That of the newest batch, if it was asked for."""

    @property
    def cadences(self) -> list[Every]:
        """Of those who want single updates."""
        return [each.every for each in self._all if each.every is not None]

    def begin_epoch(self, epoch: int) -> None:
        """Before the first batch of `epoch`, or of what is left of it."""
        self.leave()
        self.loss = None  # of the epoch before
        moment = Moment(epoch=epoch, step=0)
        due = [e for e in self._all if isinstance(e.every, int) and moment.reaches(e.every)]
        self._enter(due, self._hooks_of_epoch, f"epoch {epoch}")
        self._of_epoch = [e.sees for e in self._all if e.sees and (e.every is None or e in due)]

    def begin_update(self, step: int, moment: Moment | None, *, wants_loss: bool) -> bool:
        """Before the first batch of the update that makes `step`, which is due for some if there is a
        moment. Whether anybody looks at this one alone.
        """
        self._hooks.close()
        self._end_lasting(step)
        self.loss, self._wants_loss = None, wants_loss
        due = [
            each
            for each in self._all
            if moment and each.every is not None and moment.reaches(each.every)
        ]
        self._enter([each for each in due if each.n_updates == 1], self._hooks, f"step {step}")
        for each in due:
            if each.n_updates > 1:
                until = step + each.n_updates
                self._enter([each], self._lasting.setdefault(until, ExitStack()), f"step {step}")
        self._look_with([*self._of_epoch, *(each.sees for each in due if each.sees)])
        self.is_looking = wants_loss or bool(self._seeing)
        return wants_loss or bool(due) or bool(self._lasting)

    def see(self, step: int, batch: InT, output: OutT) -> None:
        """One batch of the update that makes `step`; whatever callbacks draw, the training draws the
        same. They do not see rows that count on another process.
        """
        if self._part is not None and self._part.is_spare:
            return
        if self._wants_loss:
            self.loss = output["loss"].detach()
        if self._may_draw:
            with self._draws:
                self._see(step, batch, output)
        elif self._seeing:
            self._see(step, batch, output)

    def _see(self, step: int, batch: InT, output: OutT, start: int = 0) -> None:
        index = start
        try:
            for index in range(start, len(self._seeing)):
                self._seeing[index].on_batch(step, batch, output)
        except Exception as error:
            failed = self._seeing[index]
            note_part(error, failed, "on_batch")
            if not self._leaves_out(failed, "on_batch", f"step {step}", error):
                raise
            self._see(step, batch, output, index)  # those after it, which have moved up

    def _leaves_out(self, part: object, method: str, where: str, error: Exception) -> bool:
        names = part.result_names if isinstance(part, StepCallback) else ()
        if not ranks().is_alone:  # the others have it still, and what it saw would not be whole
            return False
        if not self._failing.leaves_out(part, method, where, error, names):
            return False
        self._all = [e for e in self._all if e.sees is not part and e.hooks is not part]
        self._of_epoch = [each for each in self._of_epoch if each is not part]
        self._look_with([each for each in self._seeing if each is not part])
        return True

    def _look_with(self, seeing: list[BatchCallback[InT, OutT]]) -> None:
        self._seeing = [each for each in seeing if not self._failing.is_out(each)]
        self._may_draw = any(may_draw(each) for each in self._seeing)

    def _enter(self, due: Sequence[_Onlooker[InT, OutT]], hooks: ExitStack, where: str) -> None:
        """Their hooks into the model."""
        for each in due:
            if each.hooks is not None and not self._failing.is_out(each.hooks):
                try:
                    with self._draws:
                        hooks.enter_context(each.hooks.watching())
                except Exception as error:
                    note_part(error, each.hooks, "watching")
                    if not self._leaves_out(each.hooks, "watching", where, error):
                        raise

    def leave_update(self) -> None:
        """The update that was looked at is done."""
        self._hooks.close()

    def leave(self) -> None:
        """No hook is in the model any more."""
        with self._hooks_of_epoch, self._hooks:  # whatever one of them raises
            self._end_lasting()

    def _end_lasting(self, step: int | None = None) -> None:
        with ExitStack() as over:
            for last in [each for each in self._lasting if step is None or each <= step]:
                over.enter_context(self._lasting.pop(last))


def _onlookers(callback: Callback[InT, OutT]) -> Iterator[_Onlooker[InT, OutT]]:
    every = callback.every if isinstance(callback, Periodic) else None
    hooks = callback if isinstance(callback, Watching) else None
    sees = callback if _sees_batches(callback) else None
    if sees and isinstance(callback, StepCallback):
        yield _Onlooker(sees, hooks=None, every=None)
        sees = None
    if sees or hooks:
        every = every or (steps(1) if hooks else None)
        n_updates = callback.n_updates if isinstance(callback, _Lasting) else 1
        yield _Onlooker(sees, hooks=hooks, every=every, n_updates=n_updates)


def _sees_batches(callback: Callback[InT, OutT]) -> TypeIs[BatchCallback[InT, OutT]]:
    """A step callback may be one too."""
    return isinstance(callback, BatchCallback)


def may_draw(callback: object) -> bool:
    """Whether it has to be guarded: any part that is not of this package, or holds one that is not."""
    if isinstance(callback, BatchRoutine):
        return any(may_draw(each) for _, each, _ in callback.contract_places)
    return not is_ours(callback)
