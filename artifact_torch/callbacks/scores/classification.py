"""How often a classifier is right, and what it takes for what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, final, overload

import torch
from torch import Tensor

from artifact_torch.callbacks.scores.reading import (
    HasLogits,
    HasTarget,
    Pairs,
    Reading,
    Reads,
    logits_and_target,
)
from artifact_torch.callbacks.sums import Sums, described, ratio, total, wide
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import SeenIn_contra, SeenOut_contra
from artifact_torch.internal.arguments import integer, refuse

if TYPE_CHECKING:
    from artifact_torch.contracts.kinds import Array


@final
class Accuracy(Generic[SeenIn_contra, SeenOut_contra]):
    """The share of targets that are the most likely class, or among the `top_k` most likely.

    Reads `logits` of the output and `target` of the batch, or what `of` gives: logits (or anything
    that orders the classes) `[..., classes]` and target `[...]`, class numbers from 0; or, for two
    classes and for labels that do not exclude each other, logits of the target's shape, where 1 is
    predicted above 0 (one-hot targets look like these: give their `argmax(-1)`). A third tensor
    says which targets count. Of equal logits the first class is the likeliest. NaN if a logit is
    NaN or nothing counts. Raises `ValidationError` for shapes and types that do not fit, at the end
    of the pass for class numbers that do not exist.
    """

    higher_is_better: Final = True

    @overload
    def __init__(self: Accuracy[HasTarget, HasLogits], name: str, *, top_k: int = 1) -> None: ...
    @overload
    def __init__(
        self,
        name: str,
        *,
        of: Callable[[SeenIn_contra, SeenOut_contra], Pairs],
        top_k: int = 1,
    ) -> None: ...
    def __init__(
        self, name: str, *, of: Callable[..., Pairs] = logits_and_target, top_k: int = 1
    ) -> None:
        refuse(integer("Accuracy: top_k", top_k, least=1))
        self.name: Final = name
        self._reading = Reading("Accuracy", name, of)
        self._top_k = top_k
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._sums = Sums()
        self._n_classes = 0

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        seen = labelled(self._reading, batch, output)
        self._n_classes = seen.logits.shape[1]
        if self._top_k >= self._n_classes:
            raise self._reading.wrong(
                f"the top {self._top_k} of {self._n_classes} classes hold every target; give a "
                f"top_k below {self._n_classes}"
            )
        target = seen.target.unsqueeze(1)
        own = seen.logits.gather(1, target)
        numbers = torch.arange(self._n_classes, device=target.device)
        ahead = (seen.logits > own) | ((seen.logits == own) & (numbers < target))
        hit = wide(ahead.sum(1) < self._top_k).masked_fill(seen.logits.isnan().any(1), float("nan"))
        self._sums.add(hit.where(seen.where, 0), seen.where, seen.unknown)

    def seen(self) -> tuple[Tensor | None, int]:
        """Hits, targets and unknown ones; of how many classes. Syncs."""
        return self._sums.seen(), self._n_classes

    def merge(self, seen: Sequence[tuple[Tensor | None, int]], /) -> None:
        self._sums.merge([sums for sums, _ in seen])
        self._n_classes = max(n_classes for _, n_classes in seen)

    def finish(self) -> float:
        """Syncs."""
        n_hits, n, n_unknown = self._sums.read(3)
        require_known(self._reading, n_unknown, self._n_classes)
        return ratio(n_hits, n)


@final
class ConfusionMatrix(Generic[SeenIn_contra, SeenOut_contra]):
    """How many targets of each class were taken for each: `[classes, classes]`, rows are targets.

    Reads the same as `Accuracy`. All NaN if a logit is NaN. Raises `ValidationError` as that does,
    and where batches differ in their number of classes.
    """

    @overload
    def __init__(self: ConfusionMatrix[HasTarget, HasLogits], name: str) -> None: ...
    @overload
    def __init__(
        self, name: str, *, of: Callable[[SeenIn_contra, SeenOut_contra], Pairs]
    ) -> None: ...
    def __init__(self, name: str, *, of: Callable[..., Pairs] = logits_and_target) -> None:
        self.name: Final = name
        self._reading = Reading("ConfusionMatrix", name, of)
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._n_classes = 0
        self._counts: Tensor | None = None
        self._unknown = Sums()

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        seen = labelled(self._reading, batch, output)
        n_classes = seen.logits.shape[1]
        if self._counts is None:
            self._n_classes = n_classes
            self._counts = wide(seen.target.new_zeros(n_classes**2))
        if n_classes != self._n_classes:
            raise self._reading.wrong(
                f"got {n_classes} classes after {self._n_classes}; give logits of all of them"
            )
        one = wide(seen.where).masked_fill(seen.where & seen.logits.isnan().any(1), float("nan"))
        # counts are whole numbers, so that their sum does not depend on the order of addition
        self._counts.index_add_(0, seen.target * n_classes + seen.logits.argmax(1), one)
        self._unknown.add(seen.unknown)

    def seen(self) -> tuple[Tensor | None, Tensor | None, int]:
        """Counts, targets of unknown classes, and how many classes there are. Syncs."""
        counts = None if self._counts is None else self._counts.cpu()
        return counts, self._unknown.seen(), self._n_classes

    def merge(self, seen: Sequence[tuple[Tensor | None, Tensor | None, int]], /) -> None:
        if len(given := {n_classes for counts, _, n_classes in seen if counts is not None}) > 1:
            raise self._reading.wrong(
                f"got {sorted(given)} classes on different processes; give logits of all of them"
            )
        self._n_classes = max(n_classes for _, _, n_classes in seen)
        self._counts = total([counts for counts, _, _ in seen])
        self._unknown.merge([unknown for _, unknown, _ in seen])

    def finish(self) -> Array:
        """Float64. Syncs."""
        require_known(self._reading, self._unknown.read(1)[0], self._n_classes)
        counts = torch.zeros(0) if self._counts is None else self._counts
        square = counts.cpu().double().reshape(self._n_classes, self._n_classes)
        made: Array = square.where(~square.isnan().any(), float("nan")).numpy()
        return made


@final
@dataclass(frozen=True, kw_only=True)
class FlatPairs:
    """One batch, flat."""

    logits: Tensor  # [n, classes]
    target: Tensor  # [n], class numbers, all of them existing
    where: Tensor  # [n]
    unknown: Tensor  # [n]: those that count and whose class does not exist


def labelled(reading: Reading, batch: object, output: object) -> FlatPairs:
    """The pairs as logits of classes; one logit is that of class 1, class 0 has the logit 0.

    Raises `ValidationError`.
    """
    read = reading.pairs(batch, output)
    logits, target = read.prediction, read.target
    is_binary = logits.shape == target.shape
    has_classes = logits.shape[:-1] == target.shape and logits.dim() and logits.shape[-1] > 1
    if not logits.is_floating_point() or not (is_binary or has_classes):
        raise reading.wrong(
            f"got logits {described(logits)} and target {described(target)}, expected floating "
            "logits [..., classes] with target [...], or both of one shape for two classes; "
            "movedim(1, -1) puts classes last, squeeze(-1) takes away a dimension of 1; `of` gives "
            "prediction before target"
        )
    if target.is_complex() or (target.is_floating_point() and not is_binary):
        raise reading.wrong(
            f"got target {described(target)}, expected class numbers: integers from 0 to "
            f"{logits.shape[-1] - 1}; `of` gives prediction before target"
        )
    if is_binary:
        logits = torch.stack([torch.zeros_like(logits), logits], dim=-1)
    numbers = target.long()
    n_classes = logits.shape[-1]
    unknown = (numbers < 0) | (numbers >= n_classes) | (numbers != target)
    return FlatPairs(
        logits=logits.reshape(-1, n_classes),
        target=numbers.clamp(0, n_classes - 1).reshape(-1),
        where=read.where.reshape(-1),
        unknown=(unknown & read.where).reshape(-1),
    )


def require_known(reading: Reading, n_unknown: float, n_classes: int) -> None:
    """Raises `ValidationError` if there were classes that do not exist."""
    if n_unknown:
        raise reading.wrong(
            f"{n_unknown:.0f} targets are no class number from 0 to {n_classes - 1}; count classes "
            "from 0, and let `of` give a third tensor that is False where a target is padding"
        )
