"""The user's function, called once when a loader is built, with two rows that are in no file.

So it is known what it asks for before anything is read, and all that does not fit is told at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, final

import torch
from torch import Tensor

from artifact_torch.contracts.io import InT
from artifact_torch.data.parquet.columns import ParquetColumns
from artifact_torch.data.parquet.files import File
from artifact_torch.data.parquet.library import Value, array_of
from artifact_torch.data.parquet.types import advice, holds, own_dtype, vocabulary_kind
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import integer, listed, shown
from artifact_torch.internal.narrowing import is_plain_dict

_N_ROWS = 2
_N_SHOWN = 12


@final
@dataclass(frozen=True, kw_only=True)
class Rehearsed(Generic[InT]):
    """What is to be read, and what comes of it."""

    all_names: tuple[str, ...]
    """Those of the first file."""
    names: tuple[str, ...]
    """Those that are asked for."""
    batch: InT
    tensors: Mapping[str, Tensor]
    """What is in `batch`: its dtypes, and its shapes but for the first dimension."""


def rehearsed(to_batch: Callable[[ParquetColumns], InT], files: Sequence[File]) -> Rehearsed[InT]:
    """Raises ConfigurationError with all that `to_batch` asks for and the files do not have, and for
    a batch that is no dict of tensors with a row for each row; else what `to_batch` raises.
    """
    source = _Rehearsal(files)
    try:
        batch = to_batch(ParquetColumns(source))
    except Exception as error:
        source.refuse()
        error.add_note(
            "ParquetLoader: to_batch, called with two rows of ones and code 0 to see what it reads"
        )
        raise
    tensors = tensors_of(batch, _N_ROWS, source.problems)
    if not source.asked:
        source.problems.append("to_batch asked for no column, expected at least one")
    source.refuse()
    return Rehearsed(
        all_names=tuple(files[0].types),
        names=tuple(source.asked),
        batch=batch,
        tensors=tensors,
    )


def tensors_of(batch: object, n_rows: int, problems: list[str]) -> dict[str, Tensor]:
    """The tensors in what `to_batch` returned for `n_rows` rows; what it is not goes to `problems`."""
    if not is_plain_dict(batch) or not batch:
        problems.append(f"to_batch must return a dict of tensors, got {shown(batch)}")
        return {}
    found: dict[str, Tensor] = {}
    for name, value in batch.items():
        if not isinstance(value, Tensor):
            problems.append(f'to_batch: "{name}" must be a tensor, got {shown(value)}')
        elif value.device.type != "cpu":
            problems.append(
                f'to_batch: "{name}" must lie on the CPU, got {value.device}; the trainer moves batches'
            )
        elif not value.dim() or value.shape[0] != n_rows:
            problems.append(
                f'to_batch: "{name}" must have a row for each of the {n_rows} rows, got the shape '
                f"{[*value.shape]}; what is computed over rows belongs into the model"
            )
        else:
            found[str(name)] = value.detach()
    return found


@final
class _Rehearsal:
    """Ones, and code 0, of whatever is asked for; what cannot be had is remembered."""

    def __init__(self, files: Sequence[File]) -> None:
        self._files = files
        self.names = [*files[0].types]
        self.n_rows = _N_ROWS
        self.asked: dict[str, None] = {}
        self.problems: list[str] = []

    def refuse(self) -> None:
        if self.problems:
            raise ConfigurationError("ParquetLoader: " + "\n".join(dict.fromkeys(self.problems)))

    def numbers(
        self, names: Sequence[str], dtype: torch.dtype | None, fill: float | bool | None, /
    ) -> Tensor:
        if isinstance(names, str) or not names:
            self.problems.append(f"matrix: names must be a list of columns, got {shown(names)}")
            return torch.ones(_N_ROWS, 1)
        owns = [own for name in names if (own := self._own_dtype(name)) is not None]
        result = dtype or (owns[0] if owns else torch.float32)
        if dtype is None and len(set(owns)) > 1:
            self.problems.append(
                f"{_listed(names)} have the types {_listed(map(str, dict.fromkeys(owns)))}, a matrix "
                "has one; add dtype=torch.float32"
            )
        for name, own in zip(names, owns, strict=False):
            if not holds(result, own):
                self.problems.append(f"{name} is {own}, which {result} cannot hold")
        if fill is None:
            self._refuse_nulls(names, "fill=")
        elif not _fits(fill, result):
            self.problems.append(f"fill={fill!r} is no value of {result}, for {_listed(names)}")
        return torch.ones(_N_ROWS, len(names), dtype=result)

    def codes(
        self, name: str, vocabulary: Sequence[Value], unknown: int | None, null: int | None, /
    ) -> Tensor:
        kind = self._type(name, of=lambda kind: vocabulary_kind(kind) or kind)
        if kind is not None and vocabulary_kind(kind) is None:
            self.problems.append(f"{name} is {kind}; codes is for texts, integers and truth values")
        elif kind is not None:
            self.problems += _vocabulary_problems(name, vocabulary, kind)
        if unknown is not None:
            self.problems += integer(f"{name}: unknown", unknown, least=0)
        if null is not None:
            self.problems += integer(f"{name}: null", null, least=0)
        else:
            self._refuse_nulls([name], "null=")
        return torch.zeros(_N_ROWS, dtype=torch.int64)

    def _own_dtype(self, name: str) -> torch.dtype | None:
        kind = self._type(name)
        own = None if kind is None else own_dtype(kind)
        if kind is not None and own is None:
            self.problems.append(f"{name} is {kind}, which is no number; {advice(kind)}")
        return own

    def _type(self, name: str, of: Callable[[str], str] = str) -> str | None:
        """In pyarrow's words, where all files agree in what `of` makes of them."""
        self.asked[name] = None
        kinds: dict[str, File] = {}
        for file in self._files:
            if name not in file.types:
                self.problems.append(_no_column(name, file))
                return None
            kinds.setdefault(of(file.types[name]), file)
        if len(kinds) > 1:
            told = ", ".join(f"{kind} in {file.path}" for kind, file in kinds.items())
            self.problems.append(f"{name} is {told}; write the files with one schema")
            return None
        return next(iter(kinds))

    def _refuse_nulls(self, names: Iterable[str], remedy: str) -> None:
        n_rows = sum(sum(file.n_rows_of) for file in self._files)
        counts = {
            name: sum(file.n_nulls_of.get(name) or 0 for file in self._files) for name in names
        }
        told = _listed(f"{count:,} nulls in {name}" for name, count in counts.items() if count)
        if told:
            self.problems.append(
                f"{told}, of {n_rows:,} rows; say what stands for them with {remedy}, or leave these "
                "rows out of the files"
            )


def _no_column(name: str, file: File) -> str:
    near = get_close_matches(str(name), file.types, n=1)
    there = _listed(f"{each} ({kind})" for each, kind in file.types.items())
    meant = f"; did you mean {near[0]}?" if near else ""
    return (
        f"{file.path} has no column {name!r}{meant} It has {there}"
        if meant
        else (f"{file.path} has no column {name!r}; it has {there}")
    )


def _vocabulary_problems(name: str, vocabulary: Sequence[Value], words: str) -> list[str]:
    if problems := listed(f"{name}: vocabulary", vocabulary):
        return problems
    if not vocabulary:
        return [f"{name}: vocabulary must have at least one value, got none"]
    if None in vocabulary:
        return [f"{name}: vocabulary has None in it; null= is the code of nulls"]
    if len(set(vocabulary)) < len(vocabulary):
        twice = sorted({repr(word) for word in vocabulary if vocabulary.count(word) > 1})
        return [f"{name}: vocabulary has {_listed(twice)} twice"]
    try:
        array_of(vocabulary, words)
    except (TypeError, ValueError) as error:
        return [f"{name} is {words}, and its vocabulary is not: {error}"]
    return []


def _fits(fill: object, dtype: torch.dtype) -> bool:
    if dtype == torch.bool:
        return isinstance(fill, bool)
    if dtype.is_floating_point:
        return isinstance(fill, int | float)
    bounds = torch.iinfo(dtype)
    return isinstance(fill, int) and bounds.min <= fill <= bounds.max


def _listed(names: Iterable[str]) -> str:
    each = [*names]
    more = f" and {len(each) - _N_SHOWN} more" if len(each) > _N_SHOWN else ""
    return ", ".join(each[:_N_SHOWN]) + more
