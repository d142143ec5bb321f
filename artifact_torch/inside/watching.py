"""Looks inside the model while it trains, by hooks that are there only while they are due."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Final, Generic, TypeVar, final

import torch
from torch import Tensor, nn
from torch.autograd.graph import register_multi_grad_hook

from artifact_torch.contracts import (
    AnyModel,
    AnyStep,
    Every,
    Failure,
    ModelInput,
    ModelOutput,
    Moment,
    Result,
    ResultName,
    Summary,
)
from artifact_torch.inside.hooks import hooked, in_backward
from artifact_torch.inside.places import (
    Where,
    hidden_ones,
    modules_at,
    parameters_at,
    parts_of,
    some,
)
from artifact_torch.inside.window import SeenThrough, Window, tensors_in
from artifact_torch.internal.arguments import refuse, text
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.internal.modules import as_module

R = TypeVar("R")


@final
class WatchActivations(Generic[R]):
    """What `summary` keeps of the outputs of the modules `at`, as the result `name`.

    In `callbacks=[...]` of a trainer: with `every=steps(100)` of every hundredth update, with
    `every=5` of every fifth epoch (of one that was interrupted, what was left). In a
    `DataLoaderRoutine`: of its passes, where `every` is the routine's. `summary` is called to make
    a summary for each of these: `Mean` gives one score, `each(Mean)` one for every module, by
    qualified name. `at` is a module (`model.encoder`), a class (`nn.ReLU`), a pattern of names
    (`"encoder.*"`) or a list of those; without it, every module that has no other inside.

    A module that returns several tensors has several keys: `lstm[0]`, `encoder[mu]`; one that is
    called several times is seen every time, but not what `torch.utils.checkpoint` computes again.
    Only floating-point tensors are seen. Nothing that is computed changes, except that
    `nn.TransformerEncoder` in evaluation leaves its fused path while hooks are attached.

    Of several processes, what all have seen counts, where the summary has `seen` and `merge` as ours do
    (`artifact_torch.contracts.Merged`); where it has not, a routine refuses it, and in `callbacks` it shows
    the first one's rows.

    Inside a compiled module torch calls no hook: that is refused. Raises `ConfigurationError` for
    an `at` that matches nothing.
    """

    def __init__(
        self,
        name: str,
        summary: Callable[[], Summary[R]],
        model: AnyModel | nn.Module,
        *,
        at: Where | Sequence[Where] | None = None,
        every: Every = 1,
    ) -> None:
        what = checked(type(self).__name__, name, every)
        self._model = as_module(model)
        self._modules = modules_at(self._model, at, what)
        self._window = Window(name, summary, what)
        self.name: Final = name
        self.every: Final = every

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(self._window.kind, self.name)]

    def watching(self) -> AbstractContextManager[object]:
        """Hooks on the chosen modules, and on nothing after."""
        self._window.open(now_hidden(self._model, self._modules))
        return hooked(self._window, self._model, self._modules, self._see)

    def _see(self, place: str, output: object, _hooks: ExitStack) -> None:
        if not in_backward():
            self._window.see(place, output)

    def on_moment(self, _step: AnyStep, _moment: Moment, /) -> Sequence[Result | Failure]:
        """What was seen since it was last asked; nothing if no update was due. Syncs."""
        return self._window.results(self._expected())

    def start(self) -> None:
        self._window.forget()

    def update(self, _batch: ModelInput, _output: ModelOutput, /) -> None:
        """The hooks have seen it."""

    @property
    def cannot_be_shared(self) -> Sequence[str]:
        """Why `summary` does not come to one for all processes, in words."""
        return [
            f'{type(self).__name__} "{self.name}": {each}' for each in self._window.cannot_be_shared
        ]

    def seen(self) -> SeenThrough:
        """What its summary says, or what it raised. Syncs."""
        return self._window.seen()

    def merge(self, seen: Sequence[SeenThrough], /) -> None:
        self._window.merge(seen)

    def finish(self) -> R:
        """What was seen in the pass. Raises `ValidationError` for nothing. Syncs."""
        return self._window.result(self._expected())

    def _expected(self) -> str:
        return never_called(self._modules, "gave a floating-point tensor")


@final
class WatchGradients(Generic[R]):
    """What `summary` keeps of the gradients of the loss at the outputs of the modules `at`.

    For `callbacks=[...]` of a trainer; a pass over a loader has no gradients. As
    `WatchActivations` in all else. The gradients are those that the backward pass has: of the loss
    as it was scaled for accumulation or by a gradient scaler, before clipping.

    Each output has a hook of its own, since torch's hooks for whole modules wrap the outputs and
    refuse modules after which something is done in place, such as `nn.ReLU(inplace=True)`.
    """

    def __init__(
        self,
        name: str,
        summary: Callable[[], Summary[R]],
        model: AnyModel | nn.Module,
        *,
        at: Where | Sequence[Where] | None = None,
        every: Every = 1,
    ) -> None:
        what = checked(type(self).__name__, name, every)
        self._model = as_module(model)
        self._modules = modules_at(self._model, at, what)
        self._window = Window(name, summary, what)
        self.name: Final = name
        self.every: Final = every

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(self._window.kind, self.name)]

    def watching(self) -> AbstractContextManager[object]:
        """Hooks on the chosen modules and on what they return, and on nothing after."""
        self._window.open(now_hidden(self._model, self._modules))
        return hooked(self._window, self._model, self._modules, self._follow)

    def _follow(self, place: str, output: object, hooks: ExitStack) -> None:
        for name, tensor in tensors_in(output, place):
            if tensor.requires_grad and torch.is_grad_enabled():

                def saw(gradient: Tensor, at: str = name) -> None:
                    self._window.see_one(at, gradient)

                hooks.callback(register_multi_grad_hook([tensor], saw, mode="any").remove)

    def on_moment(self, _step: AnyStep, _moment: Moment, /) -> Sequence[Result | Failure]:
        """What was seen since it was last asked; nothing if no update was due. Syncs."""
        return self._window.results(never_called(self._modules, "had a gradient to pass on"))


@final
class ParameterGradients(Generic[R]):
    """What `summary` keeps of the gradients of parameters, as the result `name`.

    `each(Norm)` gives the norm for every parameter, by qualified name. For `callbacks=[...]` of a
    trainer: the gradients of the last update, as the optimizer had them, after clipping. `at` is a
    module, a class, a pattern of names of modules or parameters (`"*.weight"`), or a list of those;
    without it, every parameter. It needs no hook, so a compiled model is no matter. Sparse
    gradients are made dense. Raises `ConfigurationError` for an `at` that matches no parameter.
    """

    def __init__(
        self,
        name: str,
        summary: Callable[[], Summary[R]],
        model: AnyModel | nn.Module,
        *,
        at: Where | Sequence[Where] | None = None,
        every: Every = 1,
    ) -> None:
        what = checked(type(self).__name__, name, every)
        self._parameters = parameters_at(as_module(model), at, what)
        self._window = Window(name, summary, what)
        self.name: Final = name
        self.every: Final = every

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(self._window.kind, self.name)]

    def on_moment(self, step: AnyStep, _moment: Moment, /) -> Sequence[Result | Failure]:
        """Of the gradients that are there. Before the first update there are none. Syncs."""
        if step.n_steps > 0:
            self._window.open(())
        for place, parameter in self._parameters.items():
            if parameter.grad is not None:
                self._window.see(place, parameter.grad)
        return self._window.results(
            f"no gradient is left at {some(list(self._parameters))} after the update; are they trained, "
            "and does the step keep gradients until the next update?"
        )


def checked(what: str, name: str, every: Every) -> str:
    """The part in words, for its errors. Raises `ConfigurationError`."""
    refuse([f"{what}: {each}" for each in text("name", name) + cadence_problems("every", every)])
    return f'{what} "{name}"'


def now_hidden(model: nn.Module, modules: Mapping[str, nn.Module]) -> list[str]:
    """What was compiled after the watch was built hides its insides."""
    return hidden_ones(part for part in parts_of(model) if part.name in modules)


def never_called(modules: Mapping[str, nn.Module], did: str) -> str:
    """Why a watch saw nothing, in words."""
    return (
        f"none of {some(list(modules))} was called and {did}; if the model was wrapped by "
        "torch.compile(model), torch calls no hook inside: give the wrapper here as the model"
    )
