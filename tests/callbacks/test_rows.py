"""What a mean over a pass takes for the rows of a batch."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypedDict

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from artifact_torch import (
    ConfigurationError,
    ContractError,
    LossCallback,
    OutputMeansCallback,
    ValidationError,
)
from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import LoaderCallback, ModelOutput
from artifact_torch.errors import DataError
from tests.callbacks.scoring import untyped


class Graphs(TypedDict):
    """Two graphs of five nodes and seven edges."""

    nodes: Tensor  # [nodes, 3]
    edges: Tensor  # [edges, 2]
    n_graphs: int


class Sequences(TypedDict):
    packed: PackedSequence


def graphs(n_graphs: int = 2) -> Graphs:
    return Graphs(nodes=torch.zeros(5, 3), edges=torch.zeros(7, 2).long(), n_graphs=n_graphs)


def n_graphs(batch: Graphs) -> int:
    return batch["n_graphs"]


def n_graphs_on_the_device(batch: Graphs) -> Tensor:
    return torch.tensor(batch["n_graphs"])


def output(loss: float) -> ModelOutput:
    return ModelOutput(loss=torch.tensor(loss))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("rows", [n_graphs, n_graphs_on_the_device])
def test_a_batch_counts_by_what_is_said(
    rows: Callable[[Graphs], int | Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    loss, means = LossCallback("loss", rows=rows), OutputMeansCallback("m", keys=["kl"], rows=rows)
    for _ in range(2):  # the second pass forgets the first
        loss.start()
        means.start()
        for number, value in ((3, 1.0), (1, 5.0)):
            loss.update(graphs(number), output(value))
            means.update(graphs(number), {"kl": torch.tensor(value)})
        assert loss.finish() == 2.0
        assert means.finish() == {"kl": 2.0}
    assert said(caplog) == []


def test_counts_on_the_device_are_not_read_before_the_end() -> None:
    """The meta device has no values: reading one raises."""

    def rows(batch: Mapping[str, Tensor]) -> Tensor:
        return batch["mask"].sum()

    callback = LossCallback("loss", rows=rows)
    callback.start()
    mask = torch.ones(3, device="meta").bool()
    for _ in range(2):
        callback.update({"mask": mask}, ModelOutput(loss=torch.zeros((), device="meta")))


def test_first_dimensions_that_differ_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    callback = LossCallback("val_loss")
    for _ in range(2):
        callback.start()
        callback.update(graphs(), output(1.0))
        callback.update(graphs(), output(4.0))
        assert callback.finish() == 2.5
    (told,) = said(caplog)
    assert told.startswith(
        'callback "val_loss": the tensors of a batch have the first dimensions [5, 7]'
    )
    assert told.endswith('say what counts: rows=lambda batch: len(batch["..."])')
    means = OutputMeansCallback("terms", keys=["kl"])
    means.update(graphs(), {"kl": torch.tensor(0.0)})
    assert said(caplog)[1].startswith('callback "terms": the tensors of a batch')


def test_packed_sequences_are_told(caplog: pytest.LogCaptureFixture) -> None:
    packed = pack_sequence([torch.zeros(4), torch.zeros(2)])
    callback = LossCallback("loss")
    callback.update(Sequences(packed=packed), output(1.0))
    assert "first dimensions [6, 4]" in said(caplog)[0]  # six tokens, four time steps: two rows


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_nested_tensors_have_rows(layout: torch.layout, caplog: pytest.LogCaptureFixture) -> None:
    parts = [torch.zeros(4, 2), torch.zeros(1, 2), torch.zeros(3, 2)]
    make: Callable[..., Tensor] = import_module("torch.nested").nested_tensor  # partly untyped
    nested = make(parts, layout=layout)
    callback = LossCallback("loss")
    callback.start()
    callback.update({"tokens": nested}, output(1.0))
    callback.update({"tokens": torch.zeros(1, 2)}, output(5.0))
    assert callback.finish() == 2.0
    assert said(caplog) == []


def test_where_nothing_can_be_counted_the_remedy_is_told() -> None:
    with pytest.raises(DataError) as refused:
        LossCallback("loss").update({"text": ["a", "b"]}, output(1.0))
    assert str(refused.value).startswith('callback "loss": the number of rows of a batch')
    assert str(refused.value).endswith('or say what counts: rows=lambda batch: len(batch["..."])')


@pytest.mark.parametrize("rows", [1.5, True, None, torch.ones(3).bool(), "2"])
def test_a_count_that_is_none_is_refused(rows: object) -> None:
    def counts(_batch: object) -> object:
        return rows

    callback = untyped(LossCallback[object], "loss", rows=counts)
    with pytest.raises(ValidationError) as refused:
        callback.update(graphs(), output(1.0))
    assert 'callback "loss": rows gave' in str(refused.value)


@pytest.mark.parametrize("rows", ["n_graphs", 3, lambda: 2])
def test_what_is_no_function_is_refused(rows: object) -> None:
    with pytest.raises(ConfigurationError, match="LossCallback: rows must be a function of one"):
        untyped(LossCallback[object], "loss", rows=rows)
    with pytest.raises(ConfigurationError, match="OutputMeansCallback: rows must be a function"):
        untyped(OutputMeansCallback[object], "loss", keys=["kl"], rows=rows)


def test_the_function_is_compared_before_the_first_batch() -> None:
    callback = LossCallback("loss", rows=n_graphs)
    check_contracts(("scores", callback, LoaderCallback[Graphs, ModelOutput, float]))
    with pytest.raises(ContractError) as refused:
        check_contracts(("scores", callback, LoaderCallback[Sequences, ModelOutput, float]))
    assert '"loss": rows= n_graphs does not satisfy CountsRows' in str(refused.value)
