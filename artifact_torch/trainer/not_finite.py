"""What is not finite in an update: the outputs of modules, and the gradients."""

import math
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from artifact_torch.data.batches.structure import walk
from artifact_torch.inside.places import parts_of

_N_LARGEST: Final = 5


@contextmanager
def watching(model: nn.Module, tell: Callable[[str], object]) -> Generator[None]:
    """Each module whose output is not finite is told. Syncs at each module."""

    def look(name: str, module: nn.Module, given: object, output: object) -> None:
        if not _is_finite(output):
            came = "" if _is_finite(given) else ", whose input is not finite either"
            tell(f"{name} ({type(module).__name__}){came}")

    with ExitStack() as hooks:
        for part in parts_of(model):

            def saw(
                module: nn.Module, given: object, output: object, name: str = part.name
            ) -> None:
                look(name, module, given, output)

            hooks.callback(part.module.register_forward_hook(saw).remove)
        yield


def _is_finite(value: object) -> bool:
    return all(
        bool(torch.isfinite(part).all())
        for _, part in walk(value)
        if isinstance(part, Tensor) and part.layout is torch.strided and not part.is_nested
    )


def largest_norms(model: nn.Module) -> dict[str, float]:
    """Of its gradients: those that are not finite, and the largest."""
    norms = {
        name: get_total_norm([_values(each.grad)]).item()
        for name, each in model.named_parameters()
        if each.grad is not None
    }
    bad = {name: norm for name, norm in norms.items() if not math.isfinite(norm)}
    finite = sorted((n for n in norms if n not in bad), key=lambda name: -norms[name])
    return bad | {name: norms[name] for name in finite[:_N_LARGEST]}


def _values(gradient: Tensor) -> Tensor:
    return gradient.coalesce().values() if gradient.is_sparse else gradient
