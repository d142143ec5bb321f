"""Callbacks that say they can be told what their like have seen, and cannot."""

from collections.abc import Sequence

from artifact_torch import LossCallback
from artifact_torch.contracts import Merged


class Unread:
    """It tells numbers and takes texts."""

    def seen(self) -> float:
        return 0.0

    def merge(self, seen: Sequence[str], /) -> None: ...


class OneByOne:
    def seen(self) -> float:
        return 0.0

    def merge(self, seen: float, /) -> None: ...


class Silent:
    def merge(self, seen: Sequence[float], /) -> None: ...


_1: Merged[float] = Unread()  # E[pyright=reportAssignmentType: "merge" is an incompatible type, mypy=assignment: Merged]
_2: Merged[float] = OneByOne()  # E[pyright=reportAssignmentType: "merge" is an incompatible type, mypy=assignment: Merged]
_3: Merged[float] = Silent()  # E[pyright=reportAssignmentType: "seen" is not present, mypy=assignment: Merged]
_4: Merged[float] = LossCallback("loss")  # E[pyright=reportAssignmentType, mypy=assignment: Merged]
