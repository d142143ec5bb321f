"""Torch's own loaders as they are, and sources of batches made of others."""

from collections.abc import Iterator, Sequence

import torch.utils.data as torch_data
from artifact_torch import DataLoader, TensorTable, TorchLoader, limited, mapped, prefetched, repeated
from artifact_torch.contracts import BatchCallback, Batches, BatchSource, InT, OutT, ResumableSource, TrainingStep
from artifact_torch.contracts.io import SolvedLast
from artifact_torch.data import as_source, batches_from
from torch import Tensor
from typecheck.common import CodesLoader, ImageInput, LabelledInput, LabelledLoader, LossOutput, SeesLabel, SeesLoss, SeesMu, VAEInput, VAEOutput
from typing_extensions import assert_type


def source(loader: BatchSource[VAEInput], /) -> None: ...
def trains(step: TrainingStep[InT, OutT], /, *, train_loader: Batches[InT], callbacks: Sequence[BatchCallback[InT, OutT]] | SolvedLast[InT, OutT] = ()) -> OutT:
    """The form of `Trainer`."""
    return step.update(next(as_source(train_loader, "train_loader").batches(1)))


class CodesRows(torch_data.Dataset[VAEInput]):
    def __getitem__(self, index: int) -> VAEInput:
        raise NotImplementedError


class LabelledRows(torch_data.Dataset[LabelledInput]):
    def __getitem__(self, index: int) -> LabelledInput:
        raise NotImplementedError


class StreamRows(torch_data.IterableDataset[VAEInput]):
    def __iter__(self) -> Iterator[VAEInput]:
        raise NotImplementedError


class Pairs(torch_data.Dataset[tuple[Tensor, int]]):
    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        raise NotImplementedError


class TupleSource:
    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class Resumes:
    def batches_from(self, epoch: int, n_done: int) -> Iterator[VAEInput]:
        raise NotImplementedError


def of_list(pair: list[Tensor]) -> LabelledInput:
    raise NotImplementedError


def of_tuple(pair: tuple[Tensor, Tensor]) -> LabelledInput:
    raise NotImplementedError


def of_codes(batch: VAEInput) -> ImageInput:
    raise NotImplementedError


def with_steps(of_codes: TrainingStep[VAEInput, VAEOutput], of_labels: TrainingStep[LabelledInput, LossOutput]) -> None:
    codes = torch_data.DataLoader(CodesRows(), batch_size=2)
    assert_type(trains(of_codes, train_loader=codes), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=torch_data.DataLoader(CodesRows(), batch_size=2, shuffle=True)), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=torch_data.DataLoader(LabelledRows()), callbacks=[SeesMu()]), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=torch_data.DataLoader(StreamRows())), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=torch_data.DataLoader(torch_data.Subset(CodesRows(), [0]))), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=TorchLoader(codes, seed=2)), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=CodesLoader()), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=DataLoader(TensorTable(VAEInput(codes=Tensor())), batch_size=2)), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=repeated(codes)), VAEOutput)  # OK
    assert_type(trains(of_codes, train_loader=prefetched(codes)), VAEOutput)  # OK
    assert_type(trains(of_labels, train_loader=torch_data.DataLoader(LabelledRows()), callbacks=[SeesLabel(), SeesLoss()]), LossOutput)  # OK
    assert_type(trains(of_labels, train_loader=mapped(pairs, lambda pair: LabelledInput(codes=pair[0], label=pair[1])), callbacks=[SeesLabel(), SeesLoss()]), LossOutput)  # OK


pairs = torch_data.DataLoader(torch_data.TensorDataset(Tensor()), batch_size=2)
assert_type(mapped(pairs, lambda pair: LabelledInput(codes=pair[0], label=pair[1])), BatchSource[LabelledInput])  # OK
assert_type(mapped(torch_data.DataLoader(Pairs()), of_list), BatchSource[LabelledInput])  # OK
assert_type(mapped(TorchLoader(pairs, seed=1), lambda pair: LabelledInput(codes=pair[0], label=pair[1])), BatchSource[LabelledInput])  # OK
assert_type(mapped(TupleSource(), of_tuple), BatchSource[LabelledInput])  # OK
assert_type(mapped(TupleSource(), lambda pair: LabelledInput(codes=pair[0], label=pair[1])), BatchSource[LabelledInput])  # OK
assert_type(mapped(LabelledLoader(), of_codes), BatchSource[ImageInput])  # OK
assert_type(limited(CodesLoader(), 3), BatchSource[VAEInput])  # OK
assert_type(limited(torch_data.DataLoader(CodesRows()), n_batches=3), BatchSource[VAEInput])  # OK
assert_type(repeated(torch_data.DataLoader(CodesRows()), 3), BatchSource[VAEInput])  # OK
assert_type(repeated(DataLoader(TensorTable(VAEInput(codes=Tensor())), batch_size=2)), BatchSource[VAEInput])  # OK
assert_type(prefetched(CodesLoader()), BatchSource[VAEInput])  # OK
assert_type(prefetched(torch_data.DataLoader(CodesRows()), n_batches=3), BatchSource[VAEInput])  # OK
assert_type(prefetched(mapped(pairs, lambda pair: LabelledInput(codes=pair[0], label=pair[1])), 2), BatchSource[LabelledInput])  # OK
assert_type(as_source(torch_data.DataLoader(CodesRows()), ""), BatchSource[VAEInput])  # OK
assert_type(batches_from(CodesLoader(), 1, 2, name=""), Iterator[VAEInput])  # OK
source(mapped(pairs, lambda pair: LabelledInput(codes=pair[0], label=pair[1])))  # OK
source(limited(mapped(pairs, of_list), 3))  # OK
resumes: ResumableSource[VAEInput] = Resumes()  # OK
resumable: ResumableSource[VAEInput] = DataLoader(TensorTable(VAEInput(codes=Tensor())), batch_size=2)  # OK
