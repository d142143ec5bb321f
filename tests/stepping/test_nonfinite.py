"""Losses and gradients that are not finite: raised with all as before, or left out and counted."""

import math
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import partial
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn, optim
from torch.nn import Parameter

from artifact_torch import (
    AlternatingStep,
    ClosureStep,
    OptimizerStep,
    Part,
    Schedule,
    averaged,
    ema,
    per_step,
)
from artifact_torch.contracts import Turn
from artifact_torch.errors import ConfigurationError, LossError
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple
from artifact_torch.stepping.update.finite import GradientWatch
from artifact_torch.stepping.update.undo import Undo
from artifact_torch.stepping.update.updates import NonFinite
from tests.toys import advance
from tests.trainer.composed import untyped

ADAM = partial(optim.Adam, lr=0.1)
ROWS = 6


class Rows(TypedDict):
    x: Tensor


class Out(TypedDict):
    loss: Tensor


class Net(nn.Module):
    """A norm and a layer; `fails` is done to the loss."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.norm = nn.BatchNorm1d(3)
        self.layer = nn.Linear(3, 2)
        self.fails: Callable[[Tensor], Tensor] = lambda loss: loss

    def forward(self, rows: Rows) -> Out:
        out: Tensor = self.layer(self.norm(rows["x"]))
        fails: Callable[[Tensor], Tensor] = vars(self)["fails"]
        return Out(loss=fails(out.square().mean()))


def of_nan(loss: Tensor) -> Tensor:
    return loss * math.nan


def of_infinity(loss: Tensor) -> Tensor:
    return loss + math.inf  # whose gradient is finite


def of_nan_gradient(loss: Tensor) -> Tensor:
    return loss + torch.sqrt(loss * 0)


FAULTS = [of_nan, of_infinity, of_nan_gradient]


def rows(seed: int = 0) -> Rows:
    return Rows(x=torch.randn(ROWS, 3, generator=torch.Generator().manual_seed(seed)) + 3)


def kept(*parts: Callable[[], Mapping[str, object]]) -> list[object]:
    """Copies, in a form that compares by value."""
    return [_plain(deepcopy(dict(each()))) for each in parts]


def _plain(value: object) -> object:
    if isinstance(value, Tensor):
        return value.detach().numpy().tobytes()
    if is_mapping(value):
        return {str(key): _plain(each) for key, each in value.items() if key != "n_skipped"}
    if is_list(value) or is_tuple(value):
        return [_plain(each) for each in value]
    return value


def halving(optimizer: optim.Optimizer) -> Schedule:
    return per_step(optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5))


def step_of(model: Net, **options: object) -> OptimizerStep[Rows, Out]:
    given: dict[str, object] = {"optimizer": ADAM, "schedule": halving, "device": "cpu"}
    return untyped(OptimizerStep[Rows, Out], model, **(given | options))


@pytest.mark.parametrize("clip_norm", [None, 1.0])
@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("fault", FAULTS)
def test_all_is_as_before_the_window_that_fails(
    fault: Callable[[Tensor], Tensor], accumulate: int, clip_norm: float | None
) -> None:
    model = Net()
    step = step_of(model, accumulate=accumulate, clip_norm=clip_norm)
    for seed in range(accumulate * 2):
        step.update(rows(seed))
    before = kept(model.state_dict, step.state_dict)
    for seed in range(accumulate - 1):
        step.update(rows(seed))
    model.fails = fault
    with pytest.raises(LossError, match="not finite at step 3"):
        step.update(rows())
    assert kept(model.state_dict, step.state_dict) == before
    model.fails = lambda loss: loss
    twin = Net()
    other = step_of(twin, accumulate=accumulate, clip_norm=clip_norm)
    for seed in (*range(accumulate * 2), *range(accumulate)):
        other.update(rows(seed))
    for seed in range(accumulate):  # the window begins again
        step.update(rows(seed))
    assert kept(model.state_dict, step.state_dict) == kept(twin.state_dict, other.state_dict)


def test_the_last_window_of_an_epoch_too() -> None:
    model = Net()
    step = step_of(model, accumulate=2)
    step.update(rows())
    step.update(rows())
    before = kept(model.state_dict, step.state_dict)
    model.fails = of_nan_gradient
    step.update(rows())  # nobody has looked yet
    with pytest.raises(
        LossError, match=r"gradient: that of norm\.weight, norm\.bias, layer\.weight"
    ):
        step.end_epoch()
    assert kept(model.state_dict, step.state_dict) == before


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("fault", FAULTS)
def test_skipped_it_is_counted_and_nothing_has_moved_but_the_clock(
    fault: Callable[[Tensor], Tensor], accumulate: int, caplog: pytest.LogCaptureFixture
) -> None:
    model = Net()
    step = step_of(model, accumulate=accumulate, nonfinite="skip")
    for seed in range(accumulate):
        step.update(rows(seed))
    weights, optimizer = kept(model.state_dict, step.state_dict)
    for _ in range(2):
        for seed in range(accumulate):
            model.fails = fault if seed == 0 else lambda loss: loss
            out = step.update(rows(seed))
            assert seed or not math.isfinite(out["loss"].item()) or fault is of_nan_gradient
    assert step.n_steps == 3
    assert step.n_skipped == 2
    assert step.learning_rates == {"lr": pytest.approx(0.1 / 8)}
    after, of_step = kept(model.state_dict, step.state_dict)
    assert after == weights
    assert isinstance(of_step, dict)
    assert isinstance(optimizer, dict)
    assert of_step["optimizer"]["state"] == optimizer["optimizer"]["state"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "Adam: a loss or gradient is not finite, and its update is left out" in caplog.text
    model.fails = lambda loss: loss
    for seed in range(accumulate):
        step.update(rows(seed))
    step.end_epoch()
    assert step.n_skipped == 2
    assert kept(model.state_dict) != [weights]
    again = step_of(Net(), accumulate=accumulate, nonfinite="skip")
    again.load_state_dict(deepcopy(step.state_dict()))
    assert again.n_skipped == 2
    assert caplog.records[1:] == []


def test_a_wrapped_step_tells_what_was_skipped() -> None:
    model = Net()
    step = averaged(step_of(model, nonfinite="skip"), ema(0.9))
    model.fails = of_nan
    step.update(rows())
    assert step.n_skipped == 1


def test_under_a_loss_scale_infinity_is_its_own_affair(caplog: pytest.LogCaptureFixture) -> None:
    model = Net()
    step = step_of(model, autocast=torch.float16)
    before = kept(lambda: dict(model.named_parameters()))
    model.fails = lambda loss: loss.float() * 1e36  # finite; scaled by 65536 it is not
    step.update(rows())
    assert (step.n_steps, step.n_skipped) == (1, 1)
    assert step.learning_rates == {"lr": 0.1}
    assert kept(lambda: dict(model.named_parameters())) == before
    assert caplog.records == []
    model.fails = lambda loss: loss
    step.update(rows())
    assert (step.n_steps, step.n_skipped) == (2, 1)
    assert step.learning_rates == {"lr": 0.05}


def of_parts(model: Net, **options: object) -> AlternatingStep[Rows, Out]:
    def play(batch: Rows, turn: Turn) -> Out:
        turn("norm", lambda: model.layer(model.norm(batch["x"])).square().mean())
        return Out(loss=turn("layer", lambda: model(batch)["loss"]))

    parts = {
        name: Part(module, optimizer=ADAM, schedule=halving)
        for name, module in (("norm", model.norm), ("layer", model.layer))
    }
    given: dict[str, object] = {"play": play, "parts": parts, "device": "cpu"}
    return untyped(AlternatingStep[Rows, Out], model, **(given | options))


def raising(_loss: Tensor) -> Tensor:
    raise RuntimeError("of the user's own")


@pytest.mark.parametrize("n_before", [0, 2])
@pytest.mark.parametrize("fault", [*FAULTS, raising])
def test_a_part_that_fails_takes_back_what_others_have_done(
    fault: Callable[[Tensor], Tensor], n_before: int
) -> None:
    model, twin = Net(), Net()
    step, other = of_parts(model), of_parts(twin)
    for seed in range(n_before):
        step.update(rows(seed))
        other.update(rows(seed))
    before = kept(model.state_dict, step.state_dict)
    model.fails = fault
    with pytest.raises((LossError, RuntimeError)):
        step.update(rows())
    assert kept(model.state_dict, step.state_dict) == before
    model.fails = lambda loss: loss
    for seed in range(3):
        step.update(rows(seed))
        other.update(rows(seed))
    assert kept(model.state_dict, step.state_dict) == kept(twin.state_dict, other.state_dict)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_part_that_is_skipped_stays_while_the_others_move(
    fault: Callable[[Tensor], Tensor],
) -> None:
    model = Net()
    step = of_parts(model, nonfinite="skip")
    step.update(rows())
    weights = kept(model.norm.state_dict, model.layer.state_dict)
    model.fails = fault
    step.update(rows(1))
    after = kept(model.norm.state_dict, model.layer.state_dict)
    assert after[1] == weights[1]
    assert after[0] != weights[0]
    assert (step.n_steps, step.n_skipped) == (2, 1)
    assert step.learning_rates == {"norm": 0.025, "layer": 0.025}


OF_CLOSURES: list[Callable[[Iterable[Parameter]], optim.Optimizer]] = [
    partial(optim.LBFGS, lr=0.5, max_iter=4, history_size=2),
    partial(optim.LBFGS, lr=0.5, max_iter=4, line_search_fn="strong_wolfe"),
]


@pytest.mark.parametrize("optimizer", OF_CLOSURES)
@pytest.mark.parametrize("skips", [False, True])
@pytest.mark.parametrize("at_call", [1, 3])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_update_by_closure_is_undone_in_its_middle(
    fault: Callable[[Tensor], Tensor], at_call: int, skips: bool, optimizer: Callable[..., object]
) -> None:
    model, twin = Net().eval(), Net().eval()
    nonfinite: NonFinite = "skip" if skips else "raise"
    step, other = (
        untyped(ClosureStep[Rows, Out], each, optimizer=optimizer, nonfinite=nonfinite)
        for each in (model, twin)
    )
    for each in (step, other):
        for seed in range(4):
            each.update(rows(seed))
    before = kept(model.state_dict, step.state_dict)
    calls: list[None] = []

    def failing(loss: Tensor) -> Tensor:
        calls.append(None)
        return fault(loss) if len(calls) == at_call else loss

    model.fails = failing
    if skips:
        step.update(rows())
        assert (step.n_steps, step.n_skipped) == (5, 1)
        assert kept(model.state_dict) == before[:1]
    else:
        with pytest.raises(LossError):
            step.update(rows())
        assert kept(model.state_dict, step.state_dict) == before
    assert len(calls) == at_call
    model.fails = lambda loss: loss
    step.update(rows(9))
    other.update(rows(9))
    assert kept(model.state_dict) == kept(twin.state_dict)


class Foreign:
    """An optimizer that is not torch's."""

    def __init__(self, parameter: Parameter) -> None:
        self.param_groups: list[dict[str, object]] = [{"params": [parameter]}]
        self.n, self.parameter = 0, parameter

    def zero_grad(self, set_to_none: bool = True) -> None: ...

    def step(self) -> None:
        self.n += 1
        with torch.no_grad():
            self.parameter.add_(1.0)

    def state_dict(self) -> Mapping[str, object]:
        return {"n": self.n}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        assert isinstance(state_dict["n"], int)
        self.n = state_dict["n"]


def test_an_optimizer_that_is_not_torchs_is_undone_by_its_state() -> None:
    weight = Parameter(torch.zeros(2))
    optimizer = Foreign(weight)
    undo = Undo(optimizer)
    for n in range(3):
        undo.keep([weight])
        optimizer.step()
        undo.give_back()
        assert (optimizer.n, weight[0].item(), weight[1].item()) == (n, n, n)
        advance(optimizer)


BAD: list[Tensor] = [
    torch.tensor([1.0, math.nan]),
    torch.tensor([[-math.inf]]),
    torch.tensor(math.inf, dtype=torch.bfloat16),
    torch.tensor([math.nan], dtype=torch.float64),
    torch.tensor([complex(0, math.inf)]),
    torch.tensor([[0.0, math.inf]]).to_sparse(),
    torch.full((2, 3, 4, 5), math.nan).to(memory_format=torch.channels_last),
]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("bad", BAD)
def test_every_form_of_gradient_is_looked_at(bad: Tensor, large: bool) -> None:
    watch = GradientWatch(torch.device("cpu"))
    good = torch.full((2**16 if large else 3,), 1e38)  # whose sum overflows, and which is finite
    watch.expect([good, good])
    for gradients in ([good, bad], [bad, good], [bad]):
        assert watch.sees([good, torch.zeros(0), torch.tensor(-0.0)])
        assert not watch.sees(gradients)
    assert watch.sees([good])
    assert torch.equal(good, torch.full_like(good, 1e38))


def test_the_policy_is_one_of_two() -> None:
    for make in (step_of, of_parts):
        with pytest.raises(ConfigurationError, match='nonfinite must be "raise" or "skip", got'):
            make(Net(), nonfinite="ignore")


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on an accelerator, whose numbers cost a sync: nothing looks at once."""
    make = GradientWatch.__init__

    def made(self: GradientWatch, device: torch.device) -> None:
        make(self, device)
        self.is_near = False

    monkeypatch.setattr(GradientWatch, "__init__", made)


FUSED = [partial(optim.Adam, lr=0.1, fused=True), partial(optim.SGD, lr=0.1, fused=True)]
PLAIN = [ADAM, partial(optim.SGD, lr=0.1, momentum=0.9)]


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("optimizer", FUSED)
@pytest.mark.parametrize("clip_norm", [None, 1.0])
def test_found_late_a_fused_optimizer_has_moved_nothing_since(
    optimizer: Callable[..., object], clip_norm: float | None
) -> None:
    model = Net().eval()
    step = step_of(model, optimizer=optimizer, clip_norm=clip_norm, schedule=None)
    for seed in range(2):
        step.update(rows(seed))
    before, of_step = kept(model.state_dict, step.state_dict)
    model.fails = of_nan_gradient
    step.update(rows())
    model.fails = lambda loss: loss
    step.update(rows())
    with pytest.raises(
        LossError, match="gradient: not finite at step 3|gradient: that of .* step 3"
    ):
        step.end_epoch()
    after, now = kept(model.state_dict, step.state_dict)
    assert after == before
    assert is_mapping(now)
    assert is_mapping(of_step)
    assert now["optimizer"] == of_step["optimizer"]
    step.update(rows(5))
    step.end_epoch()
    assert kept(model.state_dict) != [before]


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("optimizer", FUSED + PLAIN)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("accumulate", [1, 3])
def test_skipped_late_it_is_the_same(
    fault: Callable[[Tensor], Tensor],
    optimizer: Callable[..., object],
    accumulate: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = Net()
    step = step_of(model, optimizer=optimizer, accumulate=accumulate, nonfinite="skip")
    for seed in range(accumulate):
        step.update(rows(seed))
    before, of_step = kept(model.state_dict, step.state_dict)
    for seed in range(accumulate):
        model.fails = fault if seed == 0 else lambda loss: loss
        step.update(rows(seed))
    after, now = kept(model.state_dict, step.state_dict)
    assert after == before
    assert is_mapping(now)
    assert is_mapping(of_step)
    assert is_mapping(now["optimizer"])
    assert is_mapping(of_step["optimizer"])
    assert now["optimizer"]["state"] == of_step["optimizer"]["state"]
    assert (step.n_steps, step.n_skipped, step.learning_rates["lr"]) == (2, 1, 0.025)
    model.fails = lambda loss: loss
    for seed in range(accumulate):
        step.update(rows(seed))
    step.end_epoch()
    assert step.n_skipped == 1
    assert [each.levelname for each in caplog.records] == ["WARNING"]
    assert kept(model.state_dict) != [before]


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_part_that_is_skipped_late_is_the_same(fault: Callable[[Tensor], Tensor]) -> None:
    model = Net()
    step = of_parts(model, nonfinite="skip")
    step.update(rows())
    weights = kept(model.layer.state_dict)
    model.fails = fault
    step.update(rows(1))
    assert kept(model.layer.state_dict) == weights
    assert (step.n_steps, step.n_skipped) == (2, 1)


@pytest.mark.parametrize("bad", BAD)
def test_what_the_fused_look_does_not_take_is_found_too(bad: Tensor, late: None) -> None:
    watch = GradientWatch(torch.device("cpu"))
    for _ in range(2):
        assert watch.sees([torch.ones(2), bad])  # it is not known yet
        watch.tally(forget=False)
        assert not watch.all_finite()
        assert watch.sees([torch.ones(2)])
        watch.tally(forget=False)
        assert watch.all_finite()
    assert watch.count.item() == 2
