"""Hooks that are there for a while, and gone after, whatever happened."""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import ParamSpec, TypeVar

from torch import nn

from artifact_torch.inside.window import Window

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def hooked(
    window: Window[R],
    model: nn.Module,
    modules: Mapping[str, nn.Module],
    sees: Callable[[str, object, ExitStack], None],
) -> Generator[None]:
    """Inside, `sees` gets the name and the output of each module at each of its calls, and where to
    leave what has to be undone. No hook is left after, and nothing of an update that failed. Calls
    in another mode of `model` are not seen: of a validation in the middle of a watched epoch.
    """
    mode = model.training
    with ExitStack() as hooks:
        for place, module in modules.items():

            def saw(_module: nn.Module, _given: object, output: object, at: str = place) -> None:
                if model.training is mode:
                    sees(at, output, hooks)

            hooks.callback(module.register_forward_hook(_as_it_is(saw)).remove)
        try:
            yield
        except BaseException:
            window.forget()
            raise


def in_backward() -> bool:
    """Whether a backward pass is running: `torch.utils.checkpoint` computes layers again in it.

    torch has no public question for it; without its own one, what is computed again is seen again.
    """
    task: object = getattr(sys.modules.get("torch._C"), "_current_graph_task_id", None)
    return callable(task) and task() != -1


def _as_it_is(hook: Callable[P, None]) -> Callable[P, object]:
    """A hook that is never compiled together with its module, which would fail for most of them."""
    dynamo = sys.modules.get("torch._dynamo")  # where it is not loaded, nothing is compiled
    disable: object = getattr(dynamo, "disable", None)
    kept: object = disable(hook) if callable(disable) else hook
    return kept if callable(kept) else hook
