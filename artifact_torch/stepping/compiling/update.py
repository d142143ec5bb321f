"""The update of an optimizer that is compiled."""

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from types import MethodType
from typing import Protocol, final

import torch

from artifact_torch.contracts import ClosureOptimizer, Optimizer
from artifact_torch.stepping.compiling.options import Compile

_logger = logging.getLogger(__name__)


def compile_update(
    optimizer: Optimizer | ClosureOptimizer, options: Compile | None, *, is_scaled: bool = False
) -> None:
    """Its `step` is compiled in place, where `options` are of a whole step. A fused one is left as it
    is, which is one kernel already; of any other that is left it is told why.
    """
    if options is None or options.of == "model":
        return
    if isinstance(optimizer, torch.optim.Optimizer) and _is_fused(optimizer):
        return
    if why := _why_not(optimizer, is_scaled=is_scaled):
        name = type(optimizer).__name__
        _logger.warning("compile: the update of %s is not compiled: %s", name, why)
    elif isinstance(optimizer, torch.optim.Optimizer):
        vars(optimizer)["step"] = _CompiledUpdate(optimizer, options).as_method()


def _why_not(optimizer: object, *, is_scaled: bool) -> str | None:
    if not isinstance(optimizer, torch.optim.Optimizer):
        return "it is no torch.optim.Optimizer, which is what torch can compile"
    if isinstance(optimizer, torch.optim.LBFGS):
        return "it asks for the loss itself, as often as it wants"
    if is_scaled:
        return (
            "under autocast=torch.float16 the loss scale decides at each step whether there is one; "
            "use torch.bfloat16, or an optimizer with fused=True"
        )
    return None


def _is_fused(optimizer: torch.optim.Optimizer) -> bool:
    return all(group.get("fused") is True for group in optimizer.param_groups)


class _Step(Protocol):
    def __call__(self) -> object: ...


@final
class _CompiledUpdate:
    """A compiled update has the learning rate as a constant, if it is a number: with another one it
    is made as it is written, else torch would compile anew at each.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, options: Compile) -> None:
        self._optimizer = optimizer
        plain: _Step = optimizer.step
        self._plain = plain
        compile_: Callable[..., _Step] = vars(torch)["compile"]  # its signature is not all known
        # never in one graph: torch's own step has a break around what its profiler records
        self._compiled = compile_(plain, **{**options.of_torch, "fullgraph": False})
        self._rates: Sequence[object] | None = None
        self._has_told = False

    def as_method(self) -> MethodType:
        """As torch's schedulers want the `step` that they count."""

        @wraps(self._optimizer.step)
        def step(_: object) -> object:
            return self.step()

        return MethodType(step, self._optimizer)

    def step(self) -> object:
        """One update."""
        groups = self._optimizer.param_groups
        rates = [rate for group in groups if isinstance(rate := group.get("lr"), int | float)]
        if self._rates is None:
            self._rates = rates
        if rates == self._rates:
            return self._compiled()
        if not self._has_told:
            self._has_told = True
            _logger.warning(
                "compile: the learning rate of %s has changed from %s to %s, which its compiled "
                "update has as a constant: it is made as it is written; use an optimizer with "
                "fused=True, or give the rate as a tensor, lr=torch.tensor(0.1)",
                *(type(self._optimizer).__name__, self._rates, rates),
            )
        return self._plain()
