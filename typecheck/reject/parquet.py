"""Tables in Parquet files whose batches the model does not take, or whose function asks for what there is not."""

import torch
from artifact_torch import OptimizerStep, ParquetColumns, ParquetLoader, Trainer
from artifact_torch.contracts import BatchSource
from torch import Tensor
from typecheck.common import VAE, HasLabel, ImageInput, LabelledInput, VAEInput


def source(loader: BatchSource[VAEInput], /) -> None: ...
def labels(loader: BatchSource[HasLabel], /) -> None: ...


def images(columns: ParquetColumns) -> ImageInput:
    return ImageInput(pixels=columns.matrix(["a", "b"]))


def of_frame(columns: dict[str, Tensor]) -> VAEInput:
    return VAEInput(codes=columns["x"])


def tensor(columns: ParquetColumns) -> Tensor:
    return columns.column("x")


def nothing() -> VAEInput:
    raise NotImplementedError


# what it is built with
ParquetLoader("rows.parquet", images)  # E[pyright=reportCallIssue: batch_size, mypy=call-arg: batch_size]
ParquetLoader("rows.parquet", batch_size=2)  # E[pyright=reportCallIssue: to_batch, mypy=call-arg: to_batch]
ParquetLoader("rows.parquet", images, 2)  # E[pyright=reportCallIssue: positional, mypy=call-arg]
ParquetLoader("rows.parquet", images, batch_size="2")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "batch_size"]
ParquetLoader("rows.parquet", images, batch_size=2, streams="8")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "streams"]
ParquetLoader("rows.parquet", images, batch_size=2, n_workers=2)  # E[pyright=reportCallIssue: n_workers, mypy=call-arg: n_workers]
ParquetLoader(3, images, batch_size=2)  # E[pyright=reportArgumentType: "int"|Literal\[3\], mypy=arg-type: "int"]
ParquetLoader({"a.parquet"}, images, batch_size=2)  # E[pyright=reportArgumentType: set\[str\], mypy=arg-type: set\[str\]]
ParquetLoader("rows.parquet", of_frame, batch_size=2)  # E[pyright=reportArgumentType: dict\[str, Tensor\], mypy=arg-type: dict\[str, Tensor\]]
ParquetLoader("rows.parquet", nothing, batch_size=2)  # E[pyright=reportArgumentType: too few positional, mypy=arg-type: Callable\[\[\], VAEInput\]]
ParquetLoader("rows.parquet", tensor, batch_size=2)  # E[pyright=reportArgumentType: "Tensor", mypy=type-var: "Tensor"]
ParquetLoader("rows.parquet", ["x", "y"], batch_size=2)  # E[pyright=reportArgumentType: list\[str\], mypy=arg-type: list\[str\]]
ParquetLoader("rows.parquet", lambda columns: {"codes": columns.column("x")}, batch_size=2)  # E[pyright=reportArgumentType: dict\[str, Tensor\], mypy=type-var: dict]

# what the function takes of the columns
ParquetLoader("rows.parquet", lambda columns: VAEInput(code=columns.column("x")), batch_size=2)  # E[pyright=reportCallIssue: Argument types: \(Tensor\), mypy=typeddict-unknown-key: "code"]
ParquetLoader("rows.parquet", lambda columns: LabelledInput(codes=columns.column("x")), batch_size=2)  # E[pyright=reportCallIssue: Argument types: \(Tensor\), mypy=typeddict-item: "label"]
ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns["x"]), batch_size=2)  # E[pyright=reportIndexIssue: __getitem__, mypy=index: not indexable]
ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.column(["x"])), batch_size=2)  # E[pyright=reportArgumentType: "str", mypy=arg-type: "column"]
ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.matrix("a", "b")), batch_size=2)  # E[pyright=reportCallIssue: positional, mypy=call-arg: "matrix"]
ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.column("x", dtype="float32")), batch_size=2)  # E[pyright=reportArgumentType: "dtype, mypy=arg-type: "dtype"]
ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.codes("c")), batch_size=2)  # E[pyright=reportCallIssue: vocabulary, mypy=call-arg: vocabulary]
ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.codes("c", ["a"], unknown="a")), batch_size=2)  # E[pyright=reportArgumentType: "unknown", mypy=arg-type: "unknown"]

# where its batches go
source(ParquetLoader("rows.parquet", images, batch_size=2))  # E[pyright=reportArgumentType: ParquetLoader\[ImageInput\], mypy=arg-type: ImageInput]
labels(ParquetLoader("rows.parquet", images, batch_size=2))  # E[pyright=reportArgumentType: ParquetLoader\[ImageInput\], mypy=arg-type: ImageInput]
ParquetLoader[LabelledInput]("rows.parquet", images, batch_size=2)  # E[pyright=reportArgumentType: ImageInput, mypy=arg-type: ImageInput]
Trainer(OptimizerStep(VAE(), optimizer=torch.optim.SGD), train_loader=ParquetLoader("rows.parquet", images, batch_size=2), stop=[])  # E[pyright=reportArgumentType: ParquetLoader\[ImageInput\], mypy=misc: Cannot infer]
Trainer(OptimizerStep(VAE(), optimizer=torch.optim.SGD), train_loader=ParquetLoader("rows.parquet", lambda columns: ImageInput(pixels=columns.column("x")), batch_size=2), stop=[])  # E[pyright=reportArgumentType: ParquetLoader\[ImageInput\], mypy=misc: Cannot infer]
