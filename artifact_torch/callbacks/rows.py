"""How many rows a batch counts for in a mean over a pass."""

import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol, final

from torch import Tensor

from artifact_torch.callbacks.sums import described, wide
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import SeenIn_contra
from artifact_torch.data import number_of_rows
from artifact_torch.data.batches.structure import walk
from artifact_torch.errors import DataError, ValidationError
from artifact_torch.internal.arguments import function_of_one, refuse, shown

_logger = logging.getLogger(__name__)

_EXAMPLE: Final = 'rows=lambda batch: len(batch["..."])'


class CountsRows(Protocol[SeenIn_contra]):
    """The function that a callback calls with each batch."""

    def __call__(self, batch: SeenIn_contra, /) -> int | Tensor: ...


@final
class Rows:
    """Counts by `rows`, or by the first dimension of a batch's first tensor; it warns once where
    the first dimensions of its tensors differ.
    """

    def __init__(self, part: str, name: str, rows: Callable[..., int | Tensor] | None) -> None:
        if rows is not None:
            refuse(function_of_one(f"{part}: rows", rows, _EXAMPLE.removeprefix("rows=")))
        self._count = rows
        self._name = name
        self._subject = f'callback "{name}"'
        self._is_looked_at = rows is not None

    def places(self, contract: object) -> Sequence[Place]:
        """The function, for the check of contracts. A lambda has no annotations to check."""
        is_lambda = getattr(self._count, "__name__", "") == "<lambda>"
        if self._count is None or is_lambda:
            return []
        return [(f'"{self._name}": rows', self._count, contract)]

    def of(self, batch: object) -> int | Tensor:
        """A tensor is of shape []. Raises `ValidationError` for no count, and `DataError` where
        none was told and no tensor has rows.
        """
        if self._count is not None:
            return self._told(self._count(batch))
        try:
            if not self._is_looked_at:
                self._look_at(batch)
            return number_of_rows(batch)
        except DataError as error:
            raise DataError(f"{self._subject}: {error}; or say what counts: {_EXAMPLE}") from error

    def _told(self, n_rows: object) -> int | Tensor:
        if isinstance(n_rows, int) and not isinstance(n_rows, bool):
            return n_rows
        if isinstance(n_rows, Tensor) and not n_rows.dim():
            return wide(n_rows)
        got = f"a tensor {described(n_rows)}" if isinstance(n_rows, Tensor) else shown(n_rows)
        raise ValidationError(
            f"{self._subject}: rows gave {got}, expected a whole number or a tensor of shape []; "
            "of a mask give its sum"
        )

    def _look_at(self, batch: object) -> None:
        self._is_looked_at = True
        tensors = [part for _, part in walk(batch) if isinstance(part, Tensor) and part.dim()]
        sizes = list(dict.fromkeys(tensor.size(0) for tensor in tensors))
        if len(sizes) > 1:
            _logger.warning(
                "%s: the tensors of a batch have the first dimensions %s; the first is taken for "
                "the number of rows. If it is not, say what counts: %s",
                *(self._subject, sizes, _EXAMPLE),
            )
