"""Several processes are refused in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed
from torch import nn

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.errors import ConfigurationError
from tests.toys import Batches, Fit, Points, Regression, points, seeded_regression
from tests.trainer.composed import SGD


def trainer(model: Regression) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
    )


def test_a_world_of_two_processes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.distributed, "is_available", lambda: True)
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)
    with pytest.raises(ConfigurationError) as refused:
        trainer(seeded_regression())
    assert str(refused.value) == (
        "Trainer: runs in a world of 2 processes, which is not supported yet: each would write the "
        "same checkpoint files, and scores would be of its own rows alone; train in one process, "
        "or do not initialize torch.distributed"
    )
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 1)
    assert trainer(seeded_regression()).train().n_epochs_elapsed == 1


@pytest.fixture
def one_process(tmp_path: Path) -> Iterator[None]:
    """A world of one process, which meets itself in a file."""
    if not torch.distributed.is_available() or not torch.distributed.is_gloo_available():
        pytest.skip("torch is built without torch.distributed")
    meeting = f"file://{tmp_path / 'meeting'}"
    torch.distributed.init_process_group("gloo", init_method=meeting, rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.usefixtures("one_process")
def test_a_sharded_parameter_is_refused_by_its_name() -> None:
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor import Shard, distribute_tensor

    model = seeded_regression()
    assert trainer(model).train().n_epochs_elapsed == 1
    mesh = init_device_mesh("cpu", (1,))
    first = model.layers[0]
    first.weight = nn.Parameter(distribute_tensor(torch.zeros(8, 3), mesh, [Shard(0)]))
    with pytest.raises(ConfigurationError) as refused:
        trainer(model)
    assert str(refused.value) == (
        "Trainer: parameter layers.0.weight is sharded (DTensor), which is not supported yet: a "
        "checkpoint would hold one process's part of it; hand over the model before fully_shard"
    )
