"""The values of the first steps, and that later steps pay nothing."""

import logging
from collections.abc import Callable, Iterator
from typing import TypedDict

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn, optim

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
)
from artifact_torch.contracts import Model
from artifact_torch.errors import ContractError, DataError
from artifact_torch.trainer.checks.first_values import Declared, FirstCalls
from tests.trainer.composed import SGD, untyped


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
    return Trainer(
        OptimizerStep(model, optimizer=lambda p: optim.SGD(p, lr=0.1)),
        train_loader=source,
        stop=[EpochBoundStopper(max_n_epochs=2)],
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


def test_a_fixed_name_that_nothing_is_annotated_with_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sizes = Source((3, 4), (5, 4))
    with caplog.at_level(logging.WARNING):
        trainer(sizes, Encoder(), fixed=("features", "genes")).train()
    (said,) = (record.getMessage() for record in caplog.records)
    assert said == (
        "fixed_dimensions: ['genes'] is in no annotation of the first batch and output, so it is "
        "not looked at; the names there are ['batch', 'features', 'latent']"
    )


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


class Coded(TypedDict):
    code: Tensor


class Pixels(TypedDict):
    pixels: Tensor


def only_loss(loss: Tensor) -> dict[str, Tensor]:
    return {"loss": loss}


class Quiet(nn.Module):
    """Leaves `code` out where a routine runs it, and declares nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 2)
        self.short = only_loss

    def forward(self, shaped: Shaped) -> Answer:
        code: Tensor = self.layer(shaped["x"])
        if self.training:
            return Answer(loss=code.square().mean(), code=code)
        short: Answer = vars(self)["short"](code.square().mean())
        return short


class ReadsCode:
    name = "code"

    def start(self) -> None: ...

    def update(self, batch: object, output: Coded) -> None:
        output["code"].sum()

    def finish(self) -> float:
        return 0.0


class ReadsPixels:
    def on_batch(self, step: int, batch: Pixels, output: object) -> None:
        batch["pixels"].sum()


class Untold(Source):
    def batches(self, epoch: int) -> Iterator[Shaped]:
        return super().batches(epoch)


Untold.batches.__annotations__.clear()


def whatever(step: object, **named: object) -> Trainer[Shaped, Answer]:
    stop = [EpochBoundStopper(max_n_epochs=2)]
    return untyped(Trainer[Shaped, Answer], step, stop=stop, progress=False, **named)


def table() -> DataLoader[Shaped]:
    """Its type is not known at run time."""
    return DataLoader(TensorTable(Shaped(x=torch.ones(6, 4))), batch_size=2)


def sgd(model: nn.Module) -> object:
    return untyped(OptimizerStep[Shaped, Answer], model, optimizer=SGD)


def test_a_key_that_only_validation_lacks_is_named() -> None:
    model = Quiet()
    routine = DataLoaderRoutine(table(), scores=[ReadsCode()])
    run = whatever(sgd(model), train_loader=table(), routines=[routine])
    with pytest.raises(DataError, match=r'output of Quiet\["code"\]: is missing, Answer requires'):
        run.train()


def test_a_key_that_a_callback_reads_and_the_batches_lack_is_named() -> None:
    """A table tells its keys at build; what a source without annotations gives, the first batch."""
    with pytest.raises(ContractError, match='dict of "x" has no key "pixels"'):
        whatever(sgd(Encoder()), train_loader=table(), callbacks=[ReadsPixels()])
    run = whatever(sgd(Encoder()), train_loader=Untold((2, 4)), callbacks=[ReadsPixels()])
    with pytest.raises(DataError, match=r'batch for ReadsPixels\["pixels"\]: is missing, Pixels'):
        run.train()


def test_a_forward_that_declares_nothing_is_held_to_the_written_types() -> None:
    class Silent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 2)

    def forward(self: Silent, shaped: Shaped) -> object:
        return {"loss": self.layer(shaped["x"]).sum()}

    forward.__annotations__.clear()
    setattr(Silent, "forward", forward)  # noqa: B010  (a checker would refuse it)
    model = Silent()
    with pytest.raises(
        DataError, match=r'output of OptimizerStep\["code"\]: is missing, Answer requires'
    ):
        whatever(sgd(model), train_loader=table()).train()


def declares(model: Quiet) -> Callable[[], Declared]:
    place = ("model", model, Model[Shaped, Answer])
    return lambda: Declared([place], fixed=set(), sizes={})


def test_the_first_three_calls_are_checked_and_no_later_one() -> None:
    calls: list[int] = []

    def forward(batch: Shaped) -> Answer:
        calls.append(1)
        return Answer(loss=torch.zeros(()), code=torch.zeros(2, 1))

    model = Quiet().eval()
    checked = FirstCalls[Shaped, Answer](forward, declares(model), debug=False)
    batch, flat = Shaped(x=torch.ones(2, 4)), Shaped(x=torch.ones(2))
    kept = checked.call
    for _ in range(2):
        checked.call(batch)
    with pytest.raises(DataError):
        checked.call(flat)
    assert checked.call is not forward  # what was refused is not one of the three
    checked.call(batch)
    assert checked.call is forward
    kept(flat)  # by whoever kept it over a pass
    assert len(calls) == 4
    every = FirstCalls[Shaped, Answer](forward, declares(model), debug=True)
    for _ in range(9):
        every.call(batch)
    with pytest.raises(DataError):
        every.call(flat)


def test_a_fixed_name_keeps_its_size_in_validation_too() -> None:
    model = Encoder()
    run = Trainer(
        OptimizerStep(model, optimizer=lambda p: optim.SGD(p, lr=0.1)),
        train_loader=Source((3, 4)),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        fixed_dimensions=["batch"],
        progress=False,
        sanity=False,
        routines=[DataLoaderRoutine(Source((5, 4)), scores=[LossCallback("loss")])],
    )
    with pytest.raises(DataError, match="batch is 5 here and 3 in"):
        run.train()
