"""Hooks of a run: its start, the ends of its epochs, an error, its end."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
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


@final
class Hooks:
    """Calls each hook of a run that has the method; one that raises is named in the error."""

    def __init__(self, hooks: Sequence[RunHook]) -> None:
        self._hooks = tuple(hooks)

    def on_start(self, step: AnyStep, state: RunState) -> None:
        for hook in self._hooks:
            if isinstance(hook, OnStart):
                with _named(hook, "on_start"):
                    hook.on_start(step, state)

    def on_epoch_end(self, state: RunState) -> None:
        for hook in self._hooks:
            if isinstance(hook, OnEpochEnd):
                with _named(hook, "on_epoch_end"):
                    hook.on_epoch_end(state)

    def on_exception(self, error: BaseException, state: RunState) -> None:
        """What a hook raises here is told with the error that it was called for."""
        for hook in self._hooks:
            if isinstance(hook, OnException):
                try:
                    hook.on_exception(error, state)
                except Exception as failure:  # noqa: BLE001 the first error is the one to raise
                    told = f"{type(failure).__name__}: {failure}"
                    error.add_note(f"{type(hook).__name__}.on_exception failed too: {told}")

    def on_end(self, state: RunState) -> None:
        for hook in self._hooks:
            if isinstance(hook, OnEnd):
                with _named(hook, "on_end"):
                    hook.on_end(state)


@contextmanager
def _named(hook: object, method: str) -> Generator[None]:
    try:
        yield
    except Exception as error:
        note_part(error, hook, method)
        raise
