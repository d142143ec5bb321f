"""From the `Model` contract back to the `nn.Module` behind it, and its modes."""

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from operator import methodcaller

import torch
from torch import nn

from artifact_torch.contracts import AnyModel, InT, Model, OutT
from artifact_torch.errors import ContractError
from artifact_torch.internal.arguments import shown


def as_module(model: AnyModel | nn.Module) -> nn.Module:
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
        _give_back(modes)


@contextmanager
def rehearsing(module: nn.Module) -> Generator[None]:
    """Training mode inside. Modes, gradients and buffers, saved or not, are as before after; for what
    else is in the module's state the caller cares.
    """
    modes = [(part, part.training) for part in module.modules()]
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    gradients = [None if p.grad is None else p.grad.clone() for p in module.parameters()]
    if not module.training:
        module.train()
    try:
        yield
    finally:
        with torch.no_grad():
            for name, buffer in module.named_buffers():
                if name in buffers:
                    buffer.copy_(buffers[name])
        for parameter, gradient in zip(module.parameters(), gradients, strict=True):
            parameter.grad = gradient
        _give_back(modes)


def resharded(module: nn.Module) -> None:
    """A module that is sharded has its shards alone again: after a forward pass without gradient torch
    leaves those that are roots whole, and what reads their parameters meets both.
    """
    fsdp = sys.modules.get("torch.distributed.fsdp")  # a sharded module brought it
    of_sharded: object = getattr(fsdp, "FSDPModule", None)
    if isinstance(of_sharded, type):
        for part in module.modules():
            if isinstance(part, of_sharded):
                methodcaller("reshard")(part)


def _give_back(modes: Sequence[tuple[nn.Module, bool]]) -> None:
    for part, mode in modes:  # parents first: they take their children along
        if part.training is not mode:
            part.train(mode)
    for part, mode in modes:
        if part.training is not mode:  # torch's setter takes 100 times as long as the look
            part.training = mode


def is_compiled(module: nn.Module) -> bool:
    """Whether its call, or that of a part of it, was compiled in place (`nn.Module.compile`)."""
    return any(getattr(part, "_compiled_call_impl", None) is not None for part in module.modules())
