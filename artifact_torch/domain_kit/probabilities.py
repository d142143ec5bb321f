"""Probabilities of classes, as a model returned them."""

from collections import Counter

import numpy as np
from torch import Tensor

from artifact_torch.domain_kit.labelled import Floats, counted, said
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import listed, text
from artifact_torch.internal.narrowing import is_collection

_SUM_TOLERANCE = 0.02
"""Of bfloat16, whose softmax over thousands of classes is a percent off."""


def class_name_problems(names: object, n_classes: int | None = None) -> list[str]:
    """What is wrong with the names of classes, in words."""
    if problems := listed("class_names", names):
        return problems
    given = [*names] if is_collection(names) else []
    problems = [problem for name in given for problem in text("class_names: each", name)]
    twice = [name for name, count in Counter(map(str, given)).items() if count > 1]
    problems += [f"class_names: {name!r} is named twice" for name in twice]
    expected = f"{n_classes or 'at least 2'} names, one a class"
    if len(given) < 2 or (n_classes is not None and len(given) != n_classes):
        problems.append(f"class_names must be {expected}, got {len(given)}")
    return problems


def probabilities(answer: object, shape: tuple[int, ...], what: str, advice: str) -> Floats:
    """What the method `what` of a model returned, as doubles on the CPU.

    Raises `ValidationError` for anything but numbers from 0 to 1 of `shape`; for whole ones, which
    are classes that were decided already: of them an area under a curve would be wrong without a word.
    """
    found = said(answer, shape, what, advice=advice)
    if isinstance(answer, Tensor) and not answer.is_floating_point():
        raise ValidationError(
            f"{what}: got classes ({answer.dtype}), expected probabilities from 0 to 1; {advice}"
        )
    if ((found < 0) | (found > 1)).any():
        raise ValidationError(
            f"{what}: got numbers from {found.min():g} to {found.max():g}, expected probabilities "
            f"from 0 to 1; {advice}"
        )
    return found


def distributions(answer: object, shape: tuple[int, int], what: str) -> Floats:
    """The same for several classes: each row sums to 1, exactly, whatever the model's precision."""
    found = probabilities(answer, shape, what, "of logits, .softmax(dim=1)")
    sums = found.sum(axis=1, keepdims=True)
    if (off := np.abs(sums - 1) > _SUM_TOLERANCE).any():
        raise ValidationError(
            f"{what}: the probabilities of {counted(off)} do not sum to 1, but to {sums[off][0]:g}; "
            "of logits, .softmax(dim=1)"
        )
    summing: Floats = found / sums
    return summing
