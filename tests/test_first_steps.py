"""The values of the first steps, and that later steps pay nothing."""

from collections.abc import Iterator
from typing import TypedDict

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn, optim

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.errors import DataError


class Shaped(TypedDict):
    x: Float[Tensor, "batch features"]


class Answer(TypedDict):
    loss: Tensor
    code: Float[Tensor, "batch latent"]


class Encoder(nn.Module):
    """Returns codes for `rows` rows, or for as many as came in."""

    def __init__(self, rows: int | None = None) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.rows = rows

    def forward(self, shaped: Shaped) -> Answer:
        code: Tensor = self.layer(shaped["x"])
        return Answer(loss=code.square().mean(), code=code[: self.rows])


class Source:
    """Batches of the given sizes."""

    def __init__(self, *sizes: tuple[int, int]) -> None:
        self.sizes = sizes

    def batches(self, epoch: int) -> Iterator[Shaped]:
        for n_rows, n_features in self.sizes:
            yield Shaped(x=torch.ones(n_rows, n_features))

    def __len__(self) -> int:
        return len(self.sizes)


def trainer(
    source: Source, model: Encoder, *, debug: bool = False, fixed: tuple[str, ...] = ()
) -> Trainer[Shaped, Answer]:
    return Trainer[Shaped, Answer](
        model=model,
        train_loader=source,
        step=OptimizerStep(model, optimizer=lambda p: optim.SGD(p, lr=0.1)),
        stop=EpochBoundStopper(max_n_epochs=2),
        debug=debug,
        fixed_dimensions=fixed,
        progress=False,
    )


def test_a_wrong_shape_is_named_before_forward_sees_it() -> None:
    class Flat(Source):
        def batches(self, epoch: int) -> Iterator[Shaped]:
            yield Shaped(x=torch.ones(3))

    with pytest.raises(DataError, match=r'batch for Encoder\["x"\]'):
        trainer(Flat((3, 4)), Encoder()).train()


def test_one_name_is_one_size_in_the_input_and_the_output_of_a_step() -> None:
    with pytest.raises(DataError, match=r'batch is 2 here and 3 in batch for Encoder\["x"\]'):
        trainer(Source((3, 4)), Encoder(rows=2)).train()


def test_a_fixed_name_keeps_its_size_over_steps_and_others_may_change() -> None:
    sizes = Source((3, 4), (5, 4))
    trainer(sizes, Encoder()).train()
    with pytest.raises(DataError, match="batch is 5 here and 3 in"):
        trainer(sizes, Encoder(), fixed=("batch",)).train()


def test_after_the_third_step_nothing_is_looked_at_except_in_debug_mode() -> None:
    model = Encoder()

    def late(step: int) -> Iterator[Shaped]:
        model.rows = None if step <= 3 else 1
        yield Shaped(x=torch.ones(3, 4))

    class Late(Source):
        def batches(self, epoch: int) -> Iterator[Shaped]:
            for step in range(1, 6):
                yield from late(step)

    assert trainer(Late((3, 4)), model).train().n_steps == 10
    model = Encoder()
    with pytest.raises(DataError, match="batch is 1 here and 3 in"):
        trainer(Late((3, 4)), model, debug=True).train()
