"""Weights by name: whether they are of this architecture, and numbers."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from torch import Tensor, nn

from artifact_torch.checkpoints.trees import is_finite, is_lazy, named, told

State: TypeAlias = Mapping[object, object]


def plain(name: object) -> str:
    """Without what `torch.compile(part)` puts between a part and its name."""
    return str(name).replace("_orig_mod.", "")


def trained_names(model: nn.Module) -> frozenset[str]:
    """Of the parameters that want a gradient."""
    return frozenset(plain(name) for name, p in model.named_parameters() if p.requires_grad)


def architecture_misfits(saved: State, own: State) -> Iterator[str]:
    """Names, shapes, dtypes; a part that is compiled has the names of one that is not."""
    given, mine = ({plain(name): each for name, each in of.items()} for of in (saved, own))
    if missing := [name for name in mine if name not in given]:
        yield f"missing {named(missing)}"
    if unknown := [name for name in given if name not in mine]:
        yield f"not in this model {named(unknown)}"
    differ = [
        f"{name} is {told(given[name])}, here {told(value)}"
        for name, value in mine.items()
        if name in given and isinstance(value, Tensor) and not _is_like(given[name], value)
    ]
    if differ:
        yield named(differ)


def _is_like(saved: object, own: Tensor) -> bool:
    if not isinstance(saved, Tensor):
        return False
    return is_lazy(own) or (saved.shape == own.shape and saved.dtype == own.dtype)


def not_finite(where: str, saved: State, trained: Collection[str]) -> Iterator[str]:
    """Of what is trained: a mask of minus infinity in a buffer is no fault."""
    bad = [
        name
        for name, each in saved.items()
        if plain(name) in trained and isinstance(each, Tensor) and not is_finite(each)
    ]
    if bad:
        yield (
            f"{where}: NaN or infinity in {named(bad)}; a run is not continued from there: restore "
            "an earlier checkpoint, and lower the learning rate or clip the gradient (clip_norm=)"
        )
