"""Datasets and loaders; none of the user's classes names a contract."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.utils.data as torch_data
from artifact_torch import DataLoader, TensorTable, TorchLoader, collated
from artifact_torch.contracts import BatchDataset, BatchSource, Dataset, InT, IterableDataset, ModelInput
from torch import Tensor
from typecheck.common import CodesLoader, HasLabel, LabelledInput, LabelledLoader, OptionalMaskInput, VAEInput
from typing_extensions import assert_type

codes = torch.zeros(4, 3, dtype=torch.int64)


def source(loader: BatchSource[VAEInput], /) -> None: ...
def labels(loader: BatchSource[HasLabel], /) -> None: ...
def anything(loader: BatchSource[ModelInput], /) -> None: ...
def batch_of(loader: BatchSource[InT], /) -> InT:
    return next(loader.batches(1))


class Rows:
    """Items by position."""

    def __getitem__(self, index: int) -> LabelledInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class TorchRows(torch_data.Dataset[LabelledInput]):
    def __getitem__(self, index: int) -> LabelledInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class Stream:
    def __iter__(self) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class Table:
    """A whole batch at once."""

    def take(self, indices: Tensor) -> VAEInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class Graph(NamedTuple):
    nodes: Tensor


class Graphs:
    def __getitem__(self, index: int) -> Graph:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class Generating:
    """Batches from a generator function."""

    def batches(self, epoch: int) -> Iterator[LabelledInput]:
        yield LabelledInput(codes=codes, label=codes)

    def __len__(self) -> int:
        return 1


class Seeded:
    """More than is asked for."""

    def batches(self, epoch: int, seed: int = 0) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


def joined(graphs: list[Graph]) -> VAEInput:
    return VAEInput(codes=torch.cat([graph.nodes for graph in graphs]))


assert_type(TensorTable(VAEInput(codes=codes)), TensorTable[VAEInput])  # OK
assert_type(DataLoader(TensorTable(VAEInput(codes=codes)), batch_size=2), DataLoader[VAEInput])  # OK
assert_type(DataLoader(Rows(), batch_size=2, shuffle=True, seed=1), DataLoader[LabelledInput])  # OK
assert_type(DataLoader(TorchRows(), batch_size=2, drop_last=True), DataLoader[LabelledInput])  # OK
assert_type(DataLoader(Stream(), batch_size=2), DataLoader[VAEInput])  # OK
assert_type(DataLoader(Table(), batch_size=2, n_workers=2, pin_memory=True), DataLoader[VAEInput])  # OK
assert_type(DataLoader(collated(Graphs(), joined), batch_size=2), DataLoader[VAEInput])  # OK
assert_type(collated(Graphs(), joined), BatchDataset[VAEInput])  # OK
assert_type(collated(Rows(), lambda rows: rows[0]["label"]), BatchDataset[Tensor])  # OK
assert_type(TorchLoader(torch_data.DataLoader(TorchRows(), batch_size=2), seed=3), TorchLoader[LabelledInput])  # OK
assert_type(next(DataLoader(Rows(), batch_size=2).batches(1)), LabelledInput)  # OK
assert_type(batch_of(DataLoader(Rows(), batch_size=2)), LabelledInput)  # OK
assert_type(batch_of(CodesLoader()), VAEInput)  # OK
assert_type(len(DataLoader(Rows(), batch_size=2)), int)  # OK

rows: Dataset[LabelledInput] = Rows()  # OK
torch_rows: Dataset[LabelledInput] = TorchRows()  # OK
stream: IterableDataset[VAEInput] = Stream()  # OK
table: BatchDataset[VAEInput] = Table()  # OK
wide_rows: Dataset[VAEInput] = Rows()  # OK
source(CodesLoader())  # OK
source(LabelledLoader())  # OK
labels(LabelledLoader())  # OK
labels(Generating())  # OK
anything(CodesLoader())  # OK
source(Seeded())  # OK
source(DataLoader(Table(), batch_size=2))  # OK
source(DataLoader(Rows(), batch_size=2))  # OK
source(TorchLoader(torch_data.DataLoader(TorchRows())))  # OK
source(DataLoader[VAEInput](TensorTable(VAEInput(codes=codes)), batch_size=2))  # OK
DataLoader(TensorTable(OptionalMaskInput(codes=codes)), batch_size=2)  # OK
DataLoader(TensorTable(OptionalMaskInput(codes=codes, mask=codes)), batch_size=2)  # OK
