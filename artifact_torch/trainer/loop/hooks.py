"""Hooks of a run: its start, the ends of its epochs, an error, its end."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import final

from artifact_torch.contracts import (
    AnyStep,
    OnEnd,
    OnEpochEnd,
    OnException,
    OnStart,
    RunHook,
    RunState,
)
from artifact_torch.errors import note_part
from artifact_torch.internal.draws import KeptDraws
from artifact_torch.internal.failing import Failing


@final
class Hooks:
    """Calls each hook of a run that has the method; one that raises is named in the error, or left
    out. Whatever they draw, the training draws the same.
    """

    def __init__(self, hooks: Sequence[RunHook], failing: Failing, draws: KeptDraws) -> None:
        self.all: Sequence[RunHook] = tuple(hooks)
        self._failing = failing
        self._draws = draws

    def on_start(self, step: AnyStep, state: RunState) -> None:
        for hook in self.all:
            if isinstance(hook, OnStart):
                self._call(hook, partial(hook.on_start, step, state), "on_start", state)

    def on_epoch_end(self, state: RunState) -> None:
        for hook in self.all:
            if isinstance(hook, OnEpochEnd):
                self._call(hook, partial(hook.on_epoch_end, state), "on_epoch_end", state)

    def on_exception(self, error: BaseException, state: RunState) -> None:
        """What a hook raises here is told with the error that it was called for."""
        for hook in self.all:
            if isinstance(hook, OnException):
                try:
                    with self._draws:
                        hook.on_exception(error, state)
                except Exception as failure:  # noqa: BLE001 the first error is the one to raise
                    told = f"{type(failure).__name__}: {failure}"
                    error.add_note(f"{type(hook).__name__}.on_exception failed too: {told}")

    def on_end(self, state: RunState) -> None:
        for hook in self.all:
            if isinstance(hook, OnEnd):
                self._call(hook, partial(hook.on_end, state), "on_end", state)

    def _call(self, hook: object, call: Callable[[], object], method: str, state: RunState) -> None:
        if self._failing.is_out(hook):
            return
        try:
            with self._draws:
                call()
        except Exception as error:
            note_part(error, hook, method)
            if not self._failing.leaves_out(hook, method, _where(state), error):
                raise


def _where(state: RunState) -> str:
    """In words."""
    return f"epoch {state.n_epochs_elapsed}, step {state.n_steps}"
