"""Torch's own loaders, and sources made of others, that give what the model does not take."""

from collections.abc import Iterator, Sequence

import torch.utils.data as torch_data
from artifact_torch import TensorTable, TorchLoader, limited, mapped, prefetched, repeated
from artifact_torch.contracts import BatchCallback, Batches, BatchSource, InT, OutT, ResumableSource, TrainingStep
from artifact_torch.contracts.io import SolvedLast
from artifact_torch.data import as_source
from torch import Tensor
from typecheck.common import CodesLoader, ImageInput, ImageLoader, LabelledInput, LossOutput, SeesLabel, VAEInput, VAEOutput


def source(loader: BatchSource[VAEInput], /) -> None: ...
def trains(step: TrainingStep[InT, OutT], /, *, train_loader: Batches[InT], callbacks: Sequence[BatchCallback[InT, OutT]] | SolvedLast[InT, OutT] = ()) -> OutT:
    """The form of `Trainer`."""
    return step.update(next(as_source(train_loader, "train_loader").batches(1)))


class CodesRows(torch_data.Dataset[VAEInput]):
    def __getitem__(self, index: int) -> VAEInput:
        raise NotImplementedError


class ImageRows(torch_data.Dataset[ImageInput]):
    def __getitem__(self, index: int) -> ImageInput:
        raise NotImplementedError


class Pairs(torch_data.Dataset[tuple[Tensor, int]]):
    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        raise NotImplementedError


class TupleSource:
    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class ForgetsEpoch:
    def batches_from(self, n_done: int) -> Iterator[VAEInput]:
        raise NotImplementedError


def of_list(pair: list[Tensor]) -> LabelledInput:
    raise NotImplementedError


def of_labels(batch: LabelledInput) -> ImageInput:
    raise NotImplementedError


def of_codes(batch: VAEInput) -> ImageInput:
    raise NotImplementedError


def with_steps(of_codes: TrainingStep[VAEInput, VAEOutput], of_labels: TrainingStep[LabelledInput, LossOutput]) -> None:
    codes = torch_data.DataLoader(CodesRows(), batch_size=2)
    images = torch_data.DataLoader(ImageRows(), batch_size=2)
    trains(of_codes, train_loader=images)  # E[pyright=reportArgumentType: "DataLoader\[ImageInput\]", mypy=misc: Cannot infer]
    trains(of_codes, train_loader=torch_data.DataLoader(ImageRows()))  # E[pyright=reportArgumentType: "DataLoader\[ImageInput\]", mypy=misc: Cannot infer]
    trains(of_codes, train_loader=torch_data.DataLoader(torch_data.Subset(ImageRows(), [0])))  # E[pyright=reportArgumentType: "DataLoader\[ImageInput\]", mypy=misc: Cannot infer]
    trains(of_codes, train_loader=pairs)  # E[pyright=reportArgumentType: "DataLoader\[tuple\[Tensor, ...\]\]", mypy=misc: Cannot infer]
    trains(of_codes, train_loader=torch_data.DataLoader(Pairs()))  # E[pyright=reportArgumentType: "DataLoader\[tuple\[Tensor, int\]\]", mypy=misc: Cannot infer]
    trains(of_codes, train_loader=CodesRows())  # E[pyright=reportArgumentType: "CodesRows", mypy=arg-type: "CodesRows"]
    trains(of_labels, train_loader=codes)  # E[pyright=reportArgumentType: "DataLoader\[VAEInput\]", mypy=misc: Cannot infer]
    trains(of_labels, train_loader=repeated(codes))  # E[pyright=reportArgumentType: "BatchSource\[VAEInput\]", mypy=misc: Cannot infer]
    trains(of_labels, train_loader=mapped(pairs, lambda pair: VAEInput(codes=pair[0])))  # E[pyright=reportArgumentType: "BatchSource\[VAEInput\]", mypy=misc: Cannot infer]
    trains(of_codes, train_loader=codes, callbacks=[SeesLabel()])  # E[pyright=reportArgumentType: "label" is missing from "VAEInput", mypy=list-item: "SeesLabel"]


pairs = torch_data.DataLoader(torch_data.TensorDataset(Tensor()), batch_size=2)
source(mapped(pairs, lambda pair: ImageInput(pixels=pair[0])))  # E[pyright=reportArgumentType: "BatchSource\[ImageInput\]", mypy=arg-type: ImageInput]
source(mapped(CodesLoader(), of_codes))  # E[pyright=reportArgumentType: "BatchSource\[ImageInput\]", mypy=arg-type: ImageInput]
mapped(CodesLoader(), of_labels)  # E[pyright=reportArgumentType: LabelledInput, mypy=arg-type: LabelledInput]
mapped(TupleSource(), of_list)  # E[pyright=reportArgumentType: list\[Tensor\], mypy=arg-type: list\[Tensor\]]
mapped(pairs, len)  # E[pyright=reportArgumentType: "int", mypy=type-var: cannot be "int"]
mapped(pairs)  # E[pyright=reportCallIssue, mypy=call-overload]
mapped(TensorTable(VAEInput(codes=Tensor())), of_codes)  # E[pyright=reportArgumentType: "TensorTable\[VAEInput\]", mypy=call-overload: TensorTable]
source(limited(ImageLoader(), 3))  # E[pyright=reportArgumentType: "BatchSource\[ImageInput\]", mypy=arg-type: "ImageLoader"]
source(repeated(ImageLoader()))  # E[pyright=reportArgumentType: "BatchSource\[ImageInput\]", mypy=arg-type: "ImageLoader"]
source(prefetched(ImageLoader()))  # E[pyright=reportArgumentType: "BatchSource\[ImageInput\]", mypy=arg-type: "ImageLoader"]
prefetched(pairs)  # E[pyright=reportArgumentType: "DataLoader\[tuple\[Tensor, ...\]\]", mypy=type-var: tuple]
prefetched(CodesLoader(), "3")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "int"]
prefetched(TensorTable(VAEInput(codes=Tensor())), 3)  # E[pyright=reportArgumentType: "TensorTable\[VAEInput\]", mypy=arg-type: TensorTable]
limited(pairs, 3)  # E[pyright=reportArgumentType: "DataLoader\[tuple\[Tensor, ...\]\]", mypy=type-var: tuple]
limited(CodesLoader(), "3")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "int"]
limited(CodesLoader())  # E[pyright=reportCallIssue: n_batches, mypy=call-arg: n_batches]
limited(TensorTable(VAEInput(codes=Tensor())), 3)  # E[pyright=reportArgumentType: "TensorTable\[VAEInput\]", mypy=arg-type: TensorTable]
source(TorchLoader(pairs))  # E[pyright=reportArgumentType: tuple\[Tensor, ...\], mypy=arg-type: tuple]
resumes: ResumableSource[VAEInput] = ForgetsEpoch()  # E[pyright=reportAssignmentType: "batches_from", mypy=assignment]
