"""Tables in Parquet files: the type of a batch is what the user's function says."""

from collections.abc import Iterator
from pathlib import Path

import torch
from artifact_torch import OptimizerStep, ParquetColumns, ParquetLoader, Trainer, limited, mapped
from artifact_torch.contracts import BatchSource, ResumableSource, Share, SharedSource, Stateful
from typecheck.common import VAE, HasLabel, ImageInput, LabelledInput, VAEInput, VAEOutput
from typing_extensions import assert_type


def source(loader: BatchSource[VAEInput], /) -> None: ...
def labels(loader: BatchSource[HasLabel], /) -> None: ...


def labelled(columns: ParquetColumns) -> LabelledInput:
    features = [name for name in columns.names if name != "y"]
    return LabelledInput(codes=columns.matrix(features, dtype=torch.float32, fill=0.0), label=columns.column("y"))


assert_type(ParquetLoader("rows.parquet", labelled, batch_size=512), ParquetLoader[LabelledInput])  # OK
assert_type(ParquetLoader(["a.parquet", Path("b.parquet")], labelled, batch_size=512), ParquetLoader[LabelledInput])  # OK
assert_type(ParquetLoader(Path("folder"), labelled, batch_size=512, shuffle=True, seed=1, drop_last=True, buffer_rows=4096), ParquetLoader[LabelledInput])  # OK
assert_type(ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.column("x")), batch_size=512), ParquetLoader[VAEInput])  # OK
assert_type(ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.codes("colour", ["red", "blue"], unknown=2, null=2)), batch_size=512), ParquetLoader[VAEInput])  # OK
loader = ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.matrix(["a", "b"])), batch_size=512, shuffle=True)
assert_type(loader, ParquetLoader[VAEInput])  # OK
assert_type(loader.batches(1), Iterator[VAEInput])  # OK
assert_type(loader.batches_from(1, 7), Iterator[VAEInput])  # OK
resumes: ResumableSource[VAEInput] = loader  # OK
stateful: Stateful = loader  # OK
shared: SharedSource[VAEInput] = ParquetLoader("rows.parquet", lambda columns: VAEInput(codes=columns.column("x")), batch_size=512, streams=8)  # OK
assert_type(loader.shares_from(1, 7, 0, 2), Iterator[Share[VAEInput]] | None)  # OK
source(loader)  # OK
labels(ParquetLoader("rows.parquet", labelled, batch_size=512))  # OK
source(limited(loader, 3))  # OK
assert_type(mapped(loader, lambda batch: ImageInput(pixels=batch["codes"])), BatchSource[ImageInput])  # OK
assert_type(Trainer(OptimizerStep(VAE(), optimizer=torch.optim.SGD), train_loader=loader, stop=[]), Trainer[VAEInput, VAEOutput])  # OK
