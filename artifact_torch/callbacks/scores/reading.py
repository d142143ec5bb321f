"""What a score is of: the pairs of prediction and truth that a callback reads from a pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypedDict, final

import torch
from torch import Tensor

from artifact_torch.callbacks.sums import described
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import Result_co, SeenIn_contra, SeenOut_contra
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import refuse, shown, text
from artifact_torch.internal.narrowing import is_mapping, is_tuple

Pairs: TypeAlias = tuple[Tensor, Tensor] | tuple[Tensor, Tensor, Tensor]
"""Prediction and target, in the order of torch's losses; then which of the targets count, as
booleans of the target's shape or of its first dimensions: False for padding.
"""


class HasTarget(TypedDict):
    """What a batch has, where a score is not told what to read."""

    target: Tensor


class HasLogits(TypedDict):
    """What the output of a classifier has, where a score is not told what to read."""

    logits: Tensor


class HasPrediction(TypedDict):
    """What the output of a regression has, where a score is not told what to read."""

    prediction: Tensor


class Reads(Protocol[SeenIn_contra, SeenOut_contra, Result_co]):
    """The function that a callback calls with each batch and output."""

    def __call__(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> Result_co: ...


def logits_and_target(batch: HasTarget, output: HasLogits) -> Pairs:
    """What scores of classes read where `of` is not given."""
    return output["logits"], batch["target"]


def prediction_and_target(batch: HasTarget, output: HasPrediction) -> Pairs:
    """What scores of numbers read where `of` is not given."""
    return output["prediction"], batch["target"]


@final
@dataclass(frozen=True, kw_only=True)
class Read:
    """One batch's pairs; `where` is of the target's shape."""

    prediction: Tensor
    target: Tensor
    where: Tensor


@final
class Reading:
    """Calls the function `of` of a callback, and says in words what it gave that cannot be used."""

    def __init__(self, part: str, name: str, of: Callable[..., object]) -> None:
        problems = text(f"{part}: name", name)
        if not callable(of):
            problems.append(
                f"{part}: of must be a function of batch and output, got {shown(of)}; write "
                'of=lambda batch, output: (output["..."], batch["..."])'
            )
        refuse(problems)
        self._of = of
        self._name = name

    def places(self, contract: object) -> Sequence[Place]:
        """The function, for the check of contracts. A lambda has no annotations to check."""
        if getattr(self._of, "__name__", "") == "<lambda>":
            return []
        if self._of in (logits_and_target, prediction_and_target):
            key = "logits" if self._of is logits_and_target else "prediction"
            role = (
                f'"{self._name}" has no of=, so it reads output["{key}"] and batch["target"]; give '
                'yours these names, or write of=lambda batch, output: (output["..."], batch["..."])'
            )
            return [(f"{role}: the default of", self._of, contract)]
        return [(f'"{self._name}": of', self._of, contract)]

    def given(self, batch: object, output: object) -> tuple[object, ...]:
        """What the function gives. Raises `ValidationError` for no tuple, and for a missing key."""
        try:
            given: object = self._of(batch, output)
        except KeyError as error:
            raise self.wrong(
                f"of reads the key {error}, which is in neither the batch ({_keys(batch)}) nor the "
                f"output ({_keys(output)}); read one that is there"
            ) from error
        if not is_tuple(given):
            raise self.wrong(f"of must return a tuple, got {shown(given)}; write (..., ...)")
        return given

    def pairs(self, batch: object, output: object) -> Read:
        """Raises `ValidationError` for anything but two or three tensors that fit."""
        given = self.given(batch, output)
        tensors = [each for each in given if isinstance(each, Tensor)]
        if len(tensors) not in (2, 3) or len(tensors) < len(given):
            got = ", ".join(shown(each) for each in given)
            raise self.wrong(
                "of must return two tensors, prediction and target, and possibly a third that "
                f"says which targets count; got ({got})"
            )
        prediction, target, *rest = (tensor.detach() for tensor in tensors)
        where = rest[0] if rest else target.new_ones(target.shape, dtype=torch.bool)
        if where.dtype is not torch.bool or where.shape != target.shape[: where.dim()]:
            raise self.wrong(
                f"the third tensor of `of` says which targets count: got {described(where)}, "
                f"expected booleans of the target's shape {list(target.shape)} or of its first "
                "dimensions"
            )
        where = where[(..., *[None] * (target.dim() - where.dim()))].expand_as(target)
        return Read(prediction=prediction, target=target, where=where)

    def wrong(self, text: str) -> ValidationError:
        return ValidationError(f'callback "{self._name}": {text}')


def _keys(value: object) -> str:
    return str(sorted(map(str, value))) if is_mapping(value) else shown(value)
