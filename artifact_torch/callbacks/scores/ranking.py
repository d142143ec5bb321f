"""How well scores rank the rows of a class before all others, by scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final, Generic, TypeAlias, final, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artifact_torch.callbacks.scores.classification import labelled, require_known
from artifact_torch.callbacks.scores.reading import (
    HasLogits,
    HasTarget,
    Pairs,
    Reading,
    Reads,
    logits_and_target,
)
from artifact_torch.callbacks.sums import Sums
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import SeenIn_contra, SeenOut_contra
from artifact_torch.internal.extras import from_extra


@final
class AUROC(Generic[SeenIn_contra, SeenOut_contra]):
    """The area under the receiver operating characteristic: the chance that a row of class 1 has
    a higher score than one of class 0. Of more classes the mean of each against all others.

    Reads the same as `Accuracy`; more than two classes are ranked by the softmax of their logits.
    It keeps the logits of a whole pass on their device. NaN if a class has no row, or all, or if a
    logit is NaN. Needs scikit-learn: `MissingExtraError` without it. Raises `ValidationError` as
    `Accuracy` does.
    """

    higher_is_better: Final = True

    @overload
    def __init__(self: AUROC[HasTarget, HasLogits], name: str) -> None: ...
    @overload
    def __init__(
        self, name: str, *, of: Callable[[SeenIn_contra, SeenOut_contra], Pairs]
    ) -> None: ...
    def __init__(self, name: str, *, of: Callable[..., Pairs] = logits_and_target) -> None:
        self.name: Final = name
        self._reading = Reading("AUROC", name, of)
        self._function = _from_sklearn("roc_auc_score", f'AUROC "{name}"')
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._kept = _Kept(self._reading)

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        self._kept.add(batch, output)

    def seen(self) -> SeenRows | None:
        """The rows. Copies to the CPU."""
        return self._kept.seen()

    def merge(self, seen: Sequence[SeenRows | None], /) -> None:
        self._kept.merge(seen)

    def finish(self) -> float:
        """Copies to the CPU."""
        return self._kept.score(self._function)


@final
class AveragePrecision(Generic[SeenIn_contra, SeenOut_contra]):
    """The area under the curve of precision over recall, as a sum over its steps. Of more than two
    classes the mean of each against all others.

    Reads, keeps, needs and raises the same as `AUROC`, and is NaN in the same cases.
    """

    higher_is_better: Final = True

    @overload
    def __init__(self: AveragePrecision[HasTarget, HasLogits], name: str) -> None: ...
    @overload
    def __init__(
        self, name: str, *, of: Callable[[SeenIn_contra, SeenOut_contra], Pairs]
    ) -> None: ...
    def __init__(self, name: str, *, of: Callable[..., Pairs] = logits_and_target) -> None:
        self.name: Final = name
        self._reading = Reading("AveragePrecision", name, of)
        self._function = _from_sklearn("average_precision_score", f'AveragePrecision "{name}"')
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._kept = _Kept(self._reading)

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        self._kept.add(batch, output)

    def seen(self) -> SeenRows | None:
        """The rows. Copies to the CPU."""
        return self._kept.seen()

    def merge(self, seen: Sequence[SeenRows | None], /) -> None:
        self._kept.merge(seen)

    def finish(self) -> float:
        """Copies to the CPU."""
        return self._kept.score(self._function)


SeenRows: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor | None]
"""Logits, targets, which of them count, and the sum of those that do not exist."""

_Function = Callable[[NDArray[np.bool_], NDArray[np.int64]], float]


def _from_sklearn(function: str, thing: str) -> _Function:
    with from_extra("scores", thing):
        found: _Function = getattr(import_module("sklearn.metrics"), function)  # it has no types
    return found


@final
class _Kept:
    """The rows of a pass that count."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._logits: list[Tensor] = []
        self._targets: list[Tensor] = []
        self._where: list[Tensor] = []
        self._unknown = Sums()

    def add(self, batch: object, output: object) -> None:
        seen = labelled(self._reading, batch, output)
        if self._logits and self._logits[0].shape[1] != seen.logits.shape[1]:
            raise self._reading.wrong(
                f"got {seen.logits.shape[1]} classes after {self._logits[0].shape[1]}; give logits "
                "of all of them"
            )
        # a copy: whoever made them may write the next batch into the same memory
        self._logits.append(seen.logits.clone())
        self._targets.append(seen.target)  # clamped, which copies
        self._where.append(seen.where.clone())
        self._unknown.add(seen.unknown)

    def seen(self) -> SeenRows | None:
        """On the CPU; None of nothing."""
        if not self._logits:
            return None
        rows = [torch.cat(each).cpu() for each in (self._logits, self._targets, self._where)]
        return rows[0], rows[1], rows[2], self._unknown.seen()

    def merge(self, seen: Sequence[SeenRows | None]) -> None:
        """Those of all; raises `ValidationError` where they differ in their number of classes."""
        parts = [each for each in seen if each is not None]
        if len(given := {logits.shape[1] for logits, _, _, _ in parts}) > 1:
            raise self._reading.wrong(
                f"got {sorted(given)} classes on different processes; give logits of all of them"
            )
        self._logits = [logits for logits, _, _, _ in parts]
        self._targets = [targets for _, targets, _, _ in parts]
        self._where = [where for _, _, where, _ in parts]
        self._unknown.merge([unknown for _, _, _, unknown in parts])

    def score(self, function: _Function) -> float:
        """The mean of `function` over the classes, each against the others."""
        if not self._logits:
            return float("nan")
        where = torch.cat(self._where).cpu()
        logits = torch.cat(self._logits).cpu().double()[where]
        target = torch.cat(self._targets).cpu()[where]
        n_classes = logits.shape[1]
        require_known(self._reading, self._unknown.read(1)[0], n_classes)
        if n_classes == 2:
            return _of_class(function, target == 1, logits[:, 1] - logits[:, 0])
        likely = logits.softmax(dim=1)
        each = [_of_class(function, target == k, likely[:, k]) for k in range(n_classes)]
        return sum(each) / n_classes


def _of_class(function: _Function, is_class: Tensor, score: Tensor) -> float:
    """NaN where no curve exists; scikit-learn warns then, or refuses."""
    if score.isnan().any() or not is_class.any() or is_class.all():
        return float("nan")
    # ranks in place of scores: an infinite logit has one as well
    _, ranks = np.unique(score.numpy(), return_inverse=True)
    return float(function(is_class.numpy(), ranks))
