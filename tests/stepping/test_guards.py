"""What a step notices by itself: each was a silent loss, or torch's own words."""

import logging
import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import Tensor, nn, optim
from torch.nn import Parameter

from artifact_torch import OptimizerStep, per_step
from artifact_torch.contracts import Moment
from artifact_torch.errors import ConfigurationError, LossError
from artifact_torch.stepping.update.finite import FiniteWatch
from tests.toys import Fit, Points, advance, points, same_weights, seeded_regression

SGD = partial(optim.SGD, lr=0.1)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    return make(*given, **named)


def fit(out: Tensor) -> Fit:
    return Fit(loss=out.square().mean(), residual=out)


class Line(nn.Module):
    """One linear layer, and what a test changes of it."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layer = nn.Linear(3, 1)
        self.more = nn.Module()

    def forward(self, points: Points) -> Fit:
        out: Tensor = self.layer(points["x"])
        return fit(out)


class Growing(Line):
    def forward(self, points: Points) -> Fit:
        if "late" not in dict(self.more.named_children()):
            self.more.add_module("late", nn.Linear(3, 1))
        late: Tensor = self.more.get_submodule("late")(points["x"])
        return fit(late + super().forward(points)["residual"])


def test_a_layer_that_forward_makes_is_named_after_the_first_update() -> None:
    step = OptimizerStep(Growing(), optimizer=SGD)
    with pytest.raises(ConfigurationError) as refused:
        step.update(points(4))
    assert str(refused.value) == (
        "model: parameters more.late.weight, more.late.bias were made after the optimizer was "
        "built, which does not move them; make them in __init__, or run one batch through the "
        "model before the step is built"
    )


def test_a_layer_that_is_added_later_is_named_when_the_next_epoch_begins() -> None:
    model = Line()
    step = OptimizerStep(model, optimizer=SGD)
    step.update(points(4))
    model.more.register_parameter("scale", Parameter(torch.ones(1)))
    step.update(points(4))
    step.end_epoch()
    with pytest.raises(ConfigurationError, match=r"parameter more\.scale was made after the optim"):
        step.update(points(4))


def test_a_frozen_one_and_one_that_the_optimizer_was_given_may_be_added() -> None:
    model, kept = Line(), list[optim.SGD]()

    def keep(parameters: Iterable[Parameter]) -> optim.SGD:
        kept.append(SGD(parameters))
        return kept[0]

    step = OptimizerStep(model, optimizer=keep, clip_norm=1e-3)
    added = Parameter(torch.ones(1, 3))
    model.more.register_parameter("frozen", Parameter(torch.ones(1), requires_grad=False))
    model.layer.register_parameter("weight", Parameter(torch.ones(1, 3), requires_grad=False))
    model.more.register_parameter("added", added)
    kept[0].add_param_group({"params": [added], "name": "late"})
    with pytest.raises(ConfigurationError, match=r"parameter layer\.weight was replaced"):
        step.update(points(4))


def test_a_model_that_loads_by_replacing_its_parameters_is_noticed_before_the_next_update() -> None:
    model = Line()
    step = OptimizerStep(model, optimizer=SGD)
    step.update(points(4))
    state = deepcopy(step.state_dict())
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(weights, assign=True)
    for name, value in weights.items():  # torch keeps the object where it can
        setattr(model.layer, name.removeprefix("layer."), Parameter(value))
    step.load_state_dict(state)
    with pytest.raises(ConfigurationError) as refused:
        step.update(points(4))
    assert str(refused.value) == (
        "model: parameters layer.weight, layer.bias were replaced after the optimizer was built, "
        "which moves the old ones; load weights in place (without assign=True), or build the step "
        "after"
    )


def test_a_frozen_parameter_may_hold_infinity_and_a_trained_one_may_not() -> None:
    model = Line()
    mask = Parameter(torch.tensor([-math.inf, 0.0]), requires_grad=False)
    model.more.register_parameter("mask", mask)
    step = OptimizerStep(model, optimizer=SGD)
    step.update(points(4))
    step.end_epoch()
    mask.requires_grad_(True)
    with pytest.raises(LossError, match=r"parameter more\.mask is NaN or infinite after this epo"):
        step.end_epoch()


class BadGradient(Line):
    def forward(self, points: Points) -> Fit:
        weight: Tensor = torch.sqrt(torch.relu(self.layer.weight) * 0)  # 0, with gradient NaN
        return fit(points["x"] @ weight.T + self.layer.bias)


@pytest.mark.parametrize("clip_norm", [None, 1.0])
def test_a_gradient_that_is_not_finite_is_found_before_the_update(clip_norm: float | None) -> None:
    model = BadGradient()
    before = deepcopy(model.state_dict())
    step = OptimizerStep(model, optimizer=SGD, clip_norm=clip_norm)
    with pytest.raises(LossError) as refused:
        step.update(points(4))
    assert str(refused.value) == (
        "gradient: that of layer.weight is not finite at step 1, though the loss is; look for "
        "sqrt, log, norm or division at 0 in forward (add a small number inside), or lower the "
        "learning rate"
    )
    assert same_weights(model.state_dict(), before)
    assert step.n_steps == 0


class ScheduleFree(optim.SGD):
    """Has modes, as schedule-free optimizers do."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        super().__init__(parameters, lr=0.1)
        self.modes: list[str] = []

    def train(self) -> None:
        self.modes.append("train")

    def eval(self) -> None:
        self.modes.append("eval")


def test_an_optimizer_with_modes_is_in_the_one_that_is_needed() -> None:
    made: list[ScheduleFree] = []

    def make(parameters: Iterable[Parameter]) -> ScheduleFree:
        made.append(ScheduleFree(parameters))
        return made[0]

    step = OptimizerStep(seeded_regression(), optimizer=make)
    step.update(points(4))
    step.update(points(4))
    assert made[0].modes == ["train"]
    step.evaluate(points(4))
    step.evaluate(points(4))
    step.update(points(4))
    step.end_epoch()
    assert made[0].modes == ["train", "eval", "train", "eval"]
    step.load_state_dict(deepcopy(step.state_dict()))
    step.evaluate(points(4))
    assert made[0].modes[4:] == ["eval"]
    step.update(points(4))
    step.after_scores({}, Moment(epoch=0, step=1, ends_epoch=False))
    assert made[0].modes[4:] == ["eval", "train", "eval"]  # the best weights are kept after it


def elsewhere(_: Tensor) -> torch.device:
    return torch.device("cuda")


def no(_: Tensor) -> bool:
    return False


ON_ACCELERATOR: type[Tensor] = type(
    "OnAccelerator", (Tensor,), {"device": property(elsewhere), "is_cpu": property(no)}
)
"""A number on the CPU that says it is elsewhere."""


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_on_an_accelerator_a_number_is_looked_at_when_it_is_asked_for(bad: float) -> None:
    watch = FiniteWatch()
    for value in (65504.0, 65504.0, -3.0):  # whose sum float16 does not hold
        assert watch.sees(torch.tensor(value, dtype=torch.float16).as_subclass(ON_ACCELERATOR))
    assert watch.all_finite()
    for value in (1.0, bad, -bad, 2.0):
        assert watch.sees(torch.tensor(value).as_subclass(ON_ACCELERATOR))
    assert not watch.all_finite()
    assert watch.all_finite()  # it begins anew
    assert not watch.sees(torch.tensor(bad))


def test_a_model_without_values_is_refused_in_words() -> None:
    with torch.device("meta"):
        model = Line()
    with pytest.raises(ConfigurationError) as refused:
        OptimizerStep(model, optimizer=SGD)
    assert str(refused.value) == (
        "model: Line is on the meta device, without values (layer.weight, layer.bias, ...); call "
        'model.to_empty(device="cpu") and fill in its weights before the step is built'
    )


class Words(nn.Module):
    def __init__(self, *, sparse: bool) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.embedding = nn.Embedding(10, 3, sparse=sparse)
        self.layer = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        words: Tensor = self.embedding(torch.tensor([1, 1, 7, 2]))
        out: Tensor = self.layer(words)
        return fit(out)


def test_sparse_gradients_are_clipped_like_dense_ones() -> None:
    models = [Words(sparse=sparse) for sparse in (True, False)]
    for model in models:
        step = OptimizerStep(model, optimizer=SGD, clip_norm=0.01)
        before = [p.detach().clone() for p in model.parameters()]
        step.update(points(4))
        norm = step.gradient_norm
        assert norm is not None
        assert norm > 0.01
        moved = [(a - b).flatten() for a, b in zip(model.parameters(), before, strict=True)]
        assert nn.utils.get_total_norm(moved).item() == pytest.approx(0.001, rel=1e-4)
    for a, b in zip(*(model.parameters() for model in models), strict=True):
        assert torch.allclose(a, b, atol=1e-7)


class Normed(Line):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, points: Points) -> Fit:
        out: Tensor = self.layer(self.norm(points["x"]))
        return fit(out)


def test_a_batch_of_one_row_in_a_batch_norm_is_told_what_to_do() -> None:
    with pytest.raises(ValueError, match="Expected more than 1 value per channel") as raised:
        OptimizerStep(Normed(), optimizer=SGD).update(points(1))
    assert raised.value.__notes__ == [
        (
            "a batch of one row, as the last of an epoch may be, has no variance to normalise by; "
            "leave it out, DataLoader(..., drop_last=True), or choose another batch_size"
        )
    ]


def test_other_numbers_than_those_of_the_checkpoint_are_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def a_step(lr: float) -> OptimizerStep[Points, Fit]:
        schedule = partial(optim.lr_scheduler.StepLR, step_size=1, gamma=0.5)
        return OptimizerStep(
            seeded_regression(),
            optimizer=partial(optim.SGD, lr=lr),
            schedule=lambda optimizer: per_step(schedule(optimizer)),
        )

    first, same, other = a_step(0.1), a_step(0.1), a_step(0.3)
    first.update(points(4))
    state = first.state_dict()
    with caplog.at_level(logging.WARNING):
        same.load_state_dict(deepcopy(state))
        assert caplog.messages == []
        for _ in range(2):
            other.load_state_dict(deepcopy(state))
    assert caplog.messages == [
        (
            "optimizer: lr is 0.3 here and was 0.1 in the checkpoint, which goes on with its own; set "
            "it in the optimizer's param_groups after restoring"
        )
    ]
    assert other.learning_rates == {"lr": 0.05}


def test_a_gradient_that_the_loss_scale_skipped_does_not_advance_a_schedule() -> None:
    class Huge(Line):
        factor = 1e30

        def forward(self, points: Points) -> Fit:
            loss = super().forward(points)["loss"].float() * self.factor
            return Fit(loss=loss, residual=points["y"])

    model = Huge()
    step = OptimizerStep(
        model,
        optimizer=SGD,
        schedule=lambda optimizer: per_step(optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)),
        autocast=torch.float16,
        device="cpu",
    )
    step.update(points(4))
    assert step.n_steps == 1
    assert step.learning_rates == {"lr": 0.1}
    model.factor = 1.0
    step.update(points(4))
    assert step.learning_rates == {"lr": 0.05}


def test_the_norm_is_that_of_clip_grad_norm_and_so_are_the_weights() -> None:
    model, by_hand = seeded_regression().eval(), seeded_regression().eval()
    step = OptimizerStep(model, optimizer=SGD, clip_norm=0.5)
    optimizer = SGD(by_hand.parameters())
    for _ in range(3):
        optimizer.zero_grad()
        torch.autograd.backward(by_hand(points())["loss"])
        norm = nn.utils.clip_grad_norm_(by_hand.parameters(), 0.5)
        advance(optimizer)
        step.update(points())
        assert step.gradient_norm is not None
        assert torch.equal(step.gradient_norm, norm)
    assert same_weights(model.state_dict(), by_hand.state_dict())


def test_learning_rates_are_named_by_group() -> None:
    model = Line()
    groups: list[dict[str, object]] = [
        {"params": [model.layer.weight], "lr": 0.5, "name": "weights"},
        {"params": [model.layer.bias]},
    ]
    made: Callable[[Iterable[Parameter]], optim.SGD] = lambda _: SGD(groups)  # noqa: E731
    step = OptimizerStep(model, optimizer=made)
    assert step.learning_rates == {"weights": 0.5, "group_1": 0.1}
