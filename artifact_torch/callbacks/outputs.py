"""Whatever else a model puts into its output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, Generic, final, overload

import torch
from torch import Tensor

from artifact_torch.callbacks.rows import CountsRows, Rows
from artifact_torch.callbacks.sums import ratio, wide
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import SeenIn_contra
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import refuse, text

if TYPE_CHECKING:
    from artifact_torch.contracts.kinds import Array


@final
class OutputMeansCallback(Generic[SeenIn_contra]):
    """The mean of some keys of the output over the rows of a loader, as a score collection.

    For the terms of a loss: `OutputMeansCallback("terms", keys=["reconstruction", "kl"])`. A value
    of any shape counts by its mean; batches count by their number of rows: what `rows` says, a
    number or a tensor of shape [], or else the first dimension of their first tensor. Raises
    `ConfigurationError` for no key, a string in place of a list, or a name that is none.
    """

    @overload
    def __init__(self: OutputMeansCallback[object], name: str, *, keys: Sequence[str]) -> None: ...
    @overload
    def __init__(
        self, name: str, *, keys: Sequence[str], rows: Callable[[SeenIn_contra], int | Tensor]
    ) -> None: ...
    def __init__(
        self, name: str, *, keys: Sequence[str], rows: Callable[..., int | Tensor] | None = None
    ) -> None:
        problems = text("OutputMeansCallback: name", name)
        if isinstance(keys, str) or not keys:
            problems.append(
                f'OutputMeansCallback "{name}": keys must be a list of one or more keys of the '
                f"output, got {keys!r}; write keys=[...]"
            )
        refuse(problems)
        self.name: Final = name
        self._keys = tuple(dict.fromkeys(keys))  # one given twice counts once
        self._rows = Rows("OutputMeansCallback", name, rows)
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._rows.places(CountsRows[SeenIn_contra])

    def start(self) -> None:
        self._n_rows: int | Tensor = 0
        self._sums: dict[str, Tensor] = {}

    def update(self, batch: SeenIn_contra, output: Mapping[str, object], /) -> None:
        """Raises `ValidationError` for a missing key."""
        n_rows = self._rows.of(batch)
        self._n_rows = self._n_rows + n_rows
        for key in self._keys:
            weighted = wide(_tensor(output, key, self.name)).mean() * n_rows
            self._sums[key] = self._sums[key] + weighted if key in self._sums else weighted

    def seen(self) -> tuple[float, Mapping[str, float]]:
        """How many rows, and the sum of each key over them. Syncs."""
        return float(self._n_rows), {key: total.item() for key, total in self._sums.items()}

    def merge(self, seen: Sequence[tuple[float, Mapping[str, float]]], /) -> None:
        parts = [sums for n_rows, sums in seen if n_rows]
        self._n_rows = torch.tensor([n_rows for n_rows, _ in seen], dtype=torch.float64).sum()
        self._sums = {
            key: torch.tensor([sums[key] for sums in parts], dtype=torch.float64).sum()
            for key in (parts[0] if parts else ())
        }

    def finish(self) -> Mapping[str, float]:
        """Key to mean, NaN where there was no row. Syncs."""
        n_rows = float(self._n_rows)
        return {key: ratio(total.item(), n_rows) for key, total in self._sums.items()}


@final
class OutputArrayCallback:
    """One key of the output over all rows of a loader, concatenated, as an array.

    For embeddings: `OutputArrayCallback("latent_means", key="mu")` gives `[rows, latent]`.
    """

    def __init__(self, name: str, *, key: str) -> None:
        refuse(text("OutputArrayCallback: name", name) + text("OutputArrayCallback: key", key))
        self.name: Final = name
        self._key = key
        self._parts: list[Tensor] = []

    def start(self) -> None:
        self._parts = []

    def update(self, _batch: object, output: Mapping[str, object], /) -> None:
        """Raises `ValidationError` for a missing key."""
        part = _tensor(output, self._key, self.name).detach()
        if not part.dim():
            raise ValidationError(
                f'callback "{self.name}": the output\'s key "{self._key}" must have rows, [rows, '
                "...], got a single value a batch; OutputMeansCallback gives the mean of those"
            )
        self._parts.append(part)

    def seen(self) -> list[Tensor]:
        """The rows of each batch. Copies to the CPU."""
        return [part.cpu() for part in self._parts]

    def merge(self, seen: Sequence[Sequence[Tensor]], /) -> None:
        """In the order in which one process sees them: batch by batch, in each rank by rank."""
        batches = zip_longest(*seen)
        self._parts = [part for batch in batches for part in batch if part is not None]

    def finish(self) -> Array:
        """`[rows, ...]`, float64. Copies to the CPU."""
        array: Array = torch.cat(self._parts).cpu().double().numpy()
        return array


def _tensor(output: Mapping[str, object], key: str, name: str) -> Tensor:
    value = output.get(key)
    if not isinstance(value, Tensor):
        got = f"got {type(value).__name__}" if key in output else f"got the keys {sorted(output)}"
        raise ValidationError(
            f'callback "{name}": the output\'s key "{key}" must be a tensor, {got}; name a key '
            "that forward returns"
        )
    return value
