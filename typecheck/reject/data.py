"""Datasets and loaders that give no batches, or other ones."""

from collections.abc import AsyncIterator, Iterator, Sequence

import torch
import torch.utils.data as torch_data
from artifact_torch import DataLoader, TensorTable, TorchLoader, collated
from artifact_torch.contracts import BatchDataset, BatchSource, Dataset, IterableDataset
from torch import Tensor
from typecheck.common import CodesLoader, HasLabel, ImageLoader, LabelledInput, OptionalMaskInput, VAEInput

codes = torch.zeros(4, 3)
table = TensorTable(VAEInput(codes=codes))


def source(loader: BatchSource[VAEInput], /) -> None: ...
def labels(loader: BatchSource[HasLabel], /) -> None: ...
def dataset(rows: Dataset[VAEInput], /) -> None: ...
def batches(rows: BatchDataset[VAEInput], /) -> None: ...
def stream(rows: IterableDataset[VAEInput], /) -> None: ...


# the loader's own arguments
DataLoader(table, batch_size="nope")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "batch_size"]
DataLoader(table, batch_size=1, no_such_kw=1)  # E[pyright=reportCallIssue: no_such_kw, mypy=call-arg: no_such_kw]
DataLoader(table)  # E[pyright=reportCallIssue: batch_size, mypy=call-arg: batch_size]
DataLoader(table, 2)  # E[pyright=reportCallIssue: positional, mypy=call-arg]
DataLoader(table, batch_size=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "batch_size"]
DataLoader(table, batch_size=0.5)  # E[pyright=reportArgumentType: "float", mypy=arg-type: "batch_size"]
DataLoader(table, batch_size=2, shuffle="yes")  # E[pyright=reportArgumentType: "bool", mypy=arg-type: "shuffle"]
DataLoader(table, batch_size=2, seed=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "seed"]
DataLoader(batch_size=2)  # E[pyright=reportCallIssue: dataset, mypy=call-arg: dataset]
DataLoader(table, batch_size=2).batches()  # E[pyright=reportCallIssue: 1 more positional, mypy=call-arg]
DataLoader(table, batch_size=2).batches("1")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "batches"]
DataLoader(table, batch_size=2).batches(epoch=1)  # E[pyright=reportCallIssue: positional, mypy=call-arg: "epoch"]


# what can be a dataset
class TensorRows:
    def __getitem__(self, index: int) -> Tensor:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class TupleRows:
    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class DictRows:
    def __getitem__(self, index: int) -> dict[str, Tensor]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class WithoutLength:
    def __getitem__(self, index: int) -> VAEInput:
        raise NotImplementedError


class ByName:
    def __getitem__(self, index: str) -> VAEInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class AsyncRows:
    async def __getitem__(self, index: int) -> VAEInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class AsyncStream:
    def __aiter__(self) -> AsyncIterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class TakesList:
    def take(self, indices: list[int]) -> VAEInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class TakesByKeyword:
    def take(self, *, indices: Tensor) -> VAEInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class TakesRows:
    def take(self, indices: Tensor) -> list[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class LengthProperty:
    def __getitem__(self, index: int) -> VAEInput:
        raise NotImplementedError

    @property
    def __len__(self) -> int:
        return 2


class Labelled:
    def __getitem__(self, index: int) -> LabelledInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


class Unlabelled:
    def __getitem__(self, index: int) -> VAEInput:
        raise NotImplementedError

    def __len__(self) -> int:
        return 2


DataLoader(TensorRows(), batch_size=2)  # E[pyright=reportArgumentType: "TensorRows", mypy=type-var: cannot be "Tensor"]
DataLoader(TupleRows(), batch_size=2)  # E[pyright=reportArgumentType: "TupleRows", mypy=type-var: cannot be "tuple]
DataLoader(DictRows(), batch_size=2)  # E[pyright=reportArgumentType: "DictRows", mypy=type-var: cannot be "dict]
DataLoader(WithoutLength(), batch_size=2)  # E[pyright=reportArgumentType: "__len__" is not present, mypy=arg-type: "WithoutLength"]
DataLoader(ByName(), batch_size=2)  # E[pyright=reportArgumentType: "__getitem__" is an incompatible, mypy=arg-type: "ByName"]
DataLoader(AsyncRows(), batch_size=2)  # E[pyright=reportArgumentType: "AsyncRows", mypy=type-var: Coroutine]
DataLoader(AsyncStream(), batch_size=2)  # E[pyright=reportArgumentType: "__iter__" is not present, mypy=arg-type: "AsyncStream"]
DataLoader(codes, batch_size=2)  # E[pyright=reportArgumentType: "Tensor", mypy=type-var: "Tensor]
DataLoader([{"codes": codes}], batch_size=2)  # E[pyright=reportArgumentType: list\[dict, mypy=type-var: dict]
DataLoader(VAEInput(codes=codes), batch_size=2)  # E[pyright=reportArgumentType: "VAEInput", mypy=type-var: "str"]
DataLoader(torch_data.TensorDataset(codes), batch_size=2)  # E[pyright=reportArgumentType: "TensorDataset"] # HOLE[mypy]: torch leaves its __getitem__ unannotated
DataLoader(TensorTable, batch_size=2)  # E[pyright=reportArgumentType: "type\[TensorTable, mypy=arg-type: "type\[TensorTable]
DataLoader[LabelledInput](table, batch_size=2)  # E[pyright=reportArgumentType: "TensorTable\[VAEInput\]", mypy=arg-type: "TensorTable\[VAEInput\]"]
DataLoader[Tensor](TensorRows(), batch_size=2)  # E[pyright=reportInvalidTypeArguments: "Tensor", mypy=type-var: "Tensor"]
dataset(WithoutLength())  # E[pyright=reportArgumentType: "__len__" is not present, mypy=arg-type: "WithoutLength"]
dataset(DictRows())  # E[pyright=reportArgumentType: "__getitem__" is an incompatible, mypy=arg-type: "DictRows"]
dataset(LengthProperty())  # E[pyright=reportArgumentType: "__len__" is an incompatible, mypy=arg-type: "LengthProperty"]
batches(TakesList())  # E[pyright=reportArgumentType: "take" is an incompatible, mypy=arg-type: "TakesList"]
batches(TakesByKeyword())  # E[pyright=reportArgumentType: "take" is an incompatible, mypy=arg-type: "TakesByKeyword"]
batches(TakesRows())  # E[pyright=reportArgumentType: "take" is an incompatible, mypy=arg-type: "TakesRows"]
stream(AsyncStream())  # E[pyright=reportArgumentType: "__iter__" is not present, mypy=arg-type: "AsyncStream"]
wide: Dataset[LabelledInput] = Unlabelled()  # E[pyright=reportAssignmentType: "label" is missing|"LabelledInput", mypy=assignment: "Unlabelled"]
masked: Dataset[OptionalMaskInput] = Unlabelled()  # E[pyright=reportAssignmentType: "OptionalMaskInput", mypy=assignment: "Unlabelled"]



class Disagreeing(Unlabelled):
    """Its whole batches, which the loader prefers, are of another type than its items."""

    def take(self, indices: Tensor) -> LabelledInput:
        raise NotImplementedError


class EndlessStream(torch_data.IterableDataset[VAEInput]):
    def __iter__(self) -> Iterator[VAEInput]:
        raise NotImplementedError


DataLoader[VAEInput](EndlessStream(), batch_size=2)  # E[pyright=reportArgumentType: "__len__" is not present, mypy=arg-type: "EndlessStream"]
DataLoader[LabelledInput](Unlabelled(), batch_size=2)  # E[pyright=reportArgumentType: "Unlabelled", mypy=arg-type: "Unlabelled"]
DataLoader[OptionalMaskInput](Disagreeing(), batch_size=2)  # E[pyright=reportArgumentType: "Disagreeing", mypy=arg-type: "Disagreeing"]

# tables
TensorTable(codes)  # E[pyright=reportArgumentType: "Tensor", mypy=type-var: "Tensor"]
TensorTable({"codes": codes})  # E[pyright=reportArgumentType: "codes" is an undefined item, mypy=type-var: dict]
TensorTable(VAEInput(code=codes))  # E[pyright=reportCallIssue: Argument types: \(Tensor\), mypy=typeddict-unknown-key: Extra key "code"]
TensorTable(VAEInput(codes=[1, 2]))  # E[pyright=reportArgumentType: "Tensor", mypy=typeddict-item: "Tensor"]
TensorTable(VAEInput())  # E[pyright=reportCallIssue: Argument types: \(\), mypy=typeddict-item: "codes"]


# sources of batches
class IteratesOnly:
    def __iter__(self) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class NoEpoch:
    def batches(self) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class EpochName:
    def batches(self, epoch: str) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class EpochKeyword:
    def batches(self, *, epoch: int) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class SeedNeeded:
    def batches(self, epoch: int, seed: int) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class GivesList:
    def batches(self, epoch: int) -> Sequence[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class AsyncBatches:
    async def batches(self, epoch: int) -> AsyncIterator[VAEInput]:
        raise NotImplementedError
        yield VAEInput(codes=codes)

    def __len__(self) -> int:
        return 1


class BatchesProperty:
    @property
    def batches(self) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class EndlessLoader:
    def batches(self, epoch: int) -> Iterator[VAEInput]:
        raise NotImplementedError


class TensorBatches:
    def batches(self, epoch: int) -> Iterator[Tensor]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


source(IteratesOnly())  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "IteratesOnly"]
source(NoEpoch())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "NoEpoch"]
source(EpochName())  # E[pyright=reportArgumentType: "int" is not assignable to "str"|incompatible with type "str", mypy=arg-type: "EpochName"]
source(EpochKeyword())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "EpochKeyword"]
source(SeedNeeded())  # E[pyright=reportArgumentType: Extra parameter "seed", mypy=arg-type: "SeedNeeded"]
source(GivesList())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "GivesList"]
source(AsyncBatches())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "AsyncBatches"]
source(BatchesProperty())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "BatchesProperty"]
source(EndlessLoader())  # E[pyright=reportArgumentType: "__len__" is not present, mypy=arg-type: "EndlessLoader"]
source(TensorBatches())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "TensorBatches"]
source(ImageLoader())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "ImageLoader"]
labels(CodesLoader())  # E[pyright=reportArgumentType: "batches" is an incompatible, mypy=arg-type: "CodesLoader"]
labels(DataLoader(Unlabelled(), batch_size=2))  # E[pyright=reportArgumentType: "DataLoader\[VAEInput\]", mypy=arg-type: "Unlabelled"]
source([VAEInput(codes=codes)])  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: list]
source(table)  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "TensorTable\[VAEInput\]"]
source(CodesLoader)  # E[pyright=reportArgumentType: CodesLoader, mypy=arg-type: CodesLoader]


# torch's own loaders
class TorchRows(torch_data.Dataset[VAEInput]):
    def __getitem__(self, index: int) -> VAEInput:
        raise NotImplementedError


source(torch_data.DataLoader(TorchRows()))  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "DataLoader\[]
labels(TorchLoader(torch_data.DataLoader(TorchRows())))  # E[pyright=reportArgumentType: "TorchLoader\[VAEInput\]", mypy=arg-type: "TorchRows"]
TorchLoader(TorchRows())  # E[pyright=reportArgumentType: "TorchRows", mypy=arg-type: "TorchRows"]
TorchLoader(torch_data.DataLoader(TorchRows()), seed="0")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "seed"]
TorchLoader(DataLoader(table, batch_size=2))  # E[pyright=reportArgumentType, mypy=arg-type]


# collate
def of_labels(rows: list[LabelledInput]) -> VAEInput:
    return VAEInput(codes=codes)


collated(Unlabelled(), of_labels)  # E[pyright=reportArgumentType: list\[LabelledInput\], mypy=arg-type: list\[LabelledInput\]]
collated(Unlabelled(), len)  # OK
DataLoader(collated(Unlabelled(), len), batch_size=2)  # E[pyright=reportArgumentType: "BatchDataset\[int\]", mypy=type-var: cannot be "int"]
collated(WithoutLength(), list[VAEInput])  # E[pyright=reportArgumentType: "__len__" is not present, mypy=arg-type: "WithoutLength"]
