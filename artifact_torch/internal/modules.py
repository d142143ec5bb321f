"""From the `Model` contract back to the `nn.Module` behind it, and its modes."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import torch
from torch import nn

from artifact_torch.contracts import AnyModel, InT, Model, OutT
from artifact_torch.errors import ContractError
from artifact_torch.internal.arguments import shown


def as_module(model: AnyModel) -> nn.Module:
    """The model as torch sees it. Raises `ContractError` for anything but an `nn.Module`."""
    if not isinstance(model, nn.Module):
        advice = "call it" if isinstance(model, type) else "make it a subclass of that"
        raise ContractError(f"model: got {shown(model)}, expected a torch.nn.Module; {advice}")
    if "_parameters" not in vars(model):
        raise ContractError(
            f"model: __init__ of {type(model).__qualname__} does not call super().__init__(), so "
            "it has no parameters; call it first"
        )
    return model


def as_forward(model: Model[InT, OutT]) -> Callable[[InT], OutT]:
    """The model's call with the types of its `forward`.

    It goes through `nn.Module.__call__`, so that hooks, in-place compilation and autocast apply.
    """
    return as_module(model)


@contextmanager
def evaluating(module: nn.Module) -> Generator[None]:
    """Evaluation mode and no gradient inside; every submodule's own mode is restored after.

    By the submodule's own `train(mode)`, which may do work: adapters leave the frozen weights. The
    flag itself after that: a batch norm that a model leaves out of its `train()` stays out of it.
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes:  # parents first: they take their children along
            if part.training is not mode:
                part.train(mode)
        for part, mode in modes:
            part.training = mode
