"""What is seen, against a computation by hand; and that nothing else is different for it."""

import gc
import math
import weakref
from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn
from torch.utils import checkpoint as checkpointing

from artifact_torch import (
    ConfigurationError,
    ContractError,
    ParameterGradients,
    ValidationError,
    WatchActivations,
    WatchGradients,
    steps,
)
from artifact_torch.contracts import Failure, Result, ResultKind, StepCallback
from artifact_torch.inside import DeadUnits, Density, Histogram, Mean, Norm, each, mean_of
from artifact_torch.internal.narrowing import is_mapping
from tests.inside.nets import (
    Net,
    at,
    backward,
    batch_of,
    copied,
    data,
    n_hooks,
    net,
    sgd_step,
    trained,
    updated_step,
)
from tests.toys import same_weights


def watches(model: nn.Module) -> list[StepCallback]:
    every = steps(3)
    return [
        WatchActivations("means", each(Mean), model, every=every),
        WatchActivations("dead", DeadUnits, model, at=nn.ReLU, every=every),
        WatchActivations("density", Density, model, every=every),
        WatchActivations("counts", lambda: Histogram([-1, 0, 1]), model, every=every),
        WatchGradients("gradients", each(Norm), model, every=every),
        ParameterGradients("parameters", each(Norm), model, every=every),
    ]


@pytest.mark.parametrize("autocast", [None, torch.bfloat16])
def test_training_has_the_same_bits_with_and_without_a_look(autocast: torch.dtype | None) -> None:
    states: list[tuple[Mapping[str, object], Tensor]] = []
    for looks in (False, True):
        model = net()
        torch.default_generator.manual_seed(7)
        seen = trained(
            sgd_step(model, autocast=autocast), watches(model) if looks else [], range(1, 8)
        )
        assert len(seen) == (2 * 6 if looks else 0)
        assert all(isinstance(result, Result) for result in seen)
        states.append((model.state_dict(), torch.get_rng_state()))
        assert n_hooks(model) == 0
    assert same_weights(states[0][0], states[1][0])
    assert torch.equal(states[0][1], states[1][1])


def test_only_the_batches_of_the_due_steps_are_seen() -> None:
    model, n_rows = net(), list[int]()

    def counted(seen: Tensor) -> Tensor:
        n_rows.append(len(seen))
        return seen.double().mean()

    watch = WatchActivations("mean", mean_of(counted), model, at=model.head, every=steps(5))
    step = sgd_step(model)
    found, expected = list[object](), list[float]()
    for number in range(1, 13):
        before, generator = copied(model).train(), torch.get_rng_state()
        found += [
            result.value
            for result in trained(step, [watch], [number])
            if isinstance(result, Result)
        ]
        if number % 5 == 0:
            torch.set_rng_state(generator)  # the same dropout
            predicted = before(batch_of(number))["residual"] + batch_of(number)["y"]
            expected.append(predicted.double().mean().item())
    assert n_rows == [6, 6]
    assert found == pytest.approx(expected, rel=1e-5)


def test_two_layers_of_a_class_are_two_keys() -> None:
    model = net()
    watch = WatchActivations("norms", each(Norm), model, at=nn.Linear)
    with watch.watching():
        model(batch_of(1))
    hidden = nn.functional.linear(batch_of(1)["x"], *model.encoder[0].parameters())
    norms = value_of(watch)
    assert list(norms) == ["encoder.0", "head"]
    assert norms["encoder.0"] == pytest.approx(norm_of(hidden))


def test_what_was_seen_is_told_once() -> None:
    model = net()
    watch = WatchActivations("mean", Mean, model)
    assert asked(watch) == []
    with watch.watching():
        model(batch_of(1))
    assert len(asked(watch)) == 1
    assert asked(watch) == []


class Several(nn.Module):
    """Returns a mapping and a tuple, calls a layer twice, and another under a second name."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 2, batch_first=True)
        self.linear = nn.Linear(2, 2)
        self.tied = self.linear
        self.never = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> dict[str, object]:
        states, _ = self.lstm(x)
        return {"mean": self.tied(self.linear(states)).mean(), "index": torch.arange(3), "no": None}


def test_each_tensor_of_an_output_is_seen_at_every_call() -> None:
    torch.default_generator.manual_seed(0)
    model, x, n_calls = Several(), torch.ones(4, 5, 3), list[float]()

    def size(seen: Tensor) -> Tensor:
        n_calls.append(seen.numel())
        return seen.sum()

    watch = WatchActivations("sums", each(mean_of(size)), model, at=["*", model])
    with watch.watching():
        output = model(x)
    with torch.no_grad():
        states, (hidden, cell) = model.lstm(x)
        once = model.linear(states)
        twice = model.linear(once)
    assert value_of(watch) == {
        "lstm[0]": pytest.approx(float(states.sum())),
        "lstm[1][0]": pytest.approx(float(hidden.sum())),
        "lstm[1][1]": pytest.approx(float(cell.sum())),
        "linear": pytest.approx(float(once.sum() + twice.sum()) / 2),
        "Several[mean]": pytest.approx(float(output["mean"].detach())),
    }
    assert n_calls == [40, 8, 8, 40, 40, 1]


def test_gradients_are_those_of_autograd_before_what_works_in_place() -> None:
    model = net().eval()
    watch = WatchGradients("norms", each(Norm), model, at=["encoder.*", model.head])
    with watch.watching():
        backward(model(batch_of(1))["loss"])
    hidden = model.encoder[0](batch_of(1)["x"])
    active = hidden.relu()  # not in place
    predicted = model.head(active)
    loss = (predicted.squeeze(1) - batch_of(1)["y"]).square().mean()
    gradients = torch.autograd.grad(loss, (hidden, active, active, predicted))
    names = ("encoder.0", "encoder.1", "encoder.2", "head")
    assert value_of(watch) == {
        name: pytest.approx(norm_of(gradient))
        for name, gradient in zip(names, gradients, strict=True)
    }
    assert n_hooks(model) == 0


def test_a_hook_on_an_output_is_gone_after_the_update_it_was_for() -> None:
    model = net()
    watch = WatchGradients("norm", each(Norm), model, at=model.head)
    with watch.watching():
        loss: Tensor = model(batch_of(1))["loss"]
        backward_kept(loss)
    assert value_of(watch).keys() == {"head"}
    backward_kept(loss)
    assert asked(watch) == []


def test_gradients_of_parameters_are_those_the_optimizer_had() -> None:
    model = net()
    watch = ParameterGradients(
        "norms", each(Norm), model, at=["head", "*.0.weight"], every=steps(2)
    )
    found = trained(sgd_step(model), [watch], [1, 2])
    assert [result.value for result in found if isinstance(result, Result)] == [
        {
            name: pytest.approx(norm_of(parameter.grad))
            for name, parameter in model.named_parameters()
            if name != "encoder.0.bias" and parameter.grad is not None
        }
    ]
    assert watch.result_names == [(ResultKind.SCORE_COLLECTION, "norms")]


def test_before_the_first_update_no_parameter_has_a_gradient_and_after_it_one_is_missed() -> None:
    model = net()
    model.head.requires_grad_(requires_grad=False)
    watch = ParameterGradients("norm", Norm, model, at=model.head, every=steps(1))
    step = sgd_step(model)
    assert data(watch.on_moment(step, at(0))) == []
    (found,) = trained(step, [watch], [1])
    assert why(found) == (
        "saw nothing; no gradient is left at head.weight, head.bias after the update; are "
        "they trained, and does the step keep gradients until the next update?"
    )


def test_sparse_gradients_count_with_their_zeros() -> None:
    model = nn.Embedding(4, 2, sparse=True)
    watch = ParameterGradients("mean", each(Mean), model)
    backward(model(torch.tensor([1, 1])).sum())
    assert data(watch.on_moment(updated_step(), at(1))) == [
        Result(ResultKind.SCORE_COLLECTION, "mean", {"weight": 0.5})
    ]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("kind", [WatchActivations, WatchGradients])
def test_an_update_that_fails_leaves_no_hook_and_nothing_seen(
    error: type[BaseException], kind: type[WatchActivations[float]] | type[WatchGradients[float]]
) -> None:
    model = net().eval()
    watch = kind("norm", Norm, model)
    with pytest.raises(error), watch.watching():
        fail_after(model(batch_of(1))["loss"], error)
    assert n_hooks(model) == 0
    assert asked(watch) == []
    with watch.watching():
        backward(model(batch_of(2))["loss"])
    alone = kind("norm", Norm, model)
    with alone.watching():
        backward(model(batch_of(2))["loss"])
    assert asked(watch) == asked(alone)


def test_a_summary_that_fails_ends_no_update() -> None:
    model = net()

    def wrong(seen: Tensor) -> Tensor:
        raise ArithmeticError("no")

    watch = WatchActivations("x", mean_of(wrong), model, every=steps(1))
    found = trained(sgd_step(model), [watch], [1, 2])
    assert [why(result) for result in found] == ["the summary failed with ArithmeticError: no"] * 2
    assert model.head.weight.grad is not None


def test_what_was_never_called_is_told() -> None:
    model = Several()
    watch = WatchActivations("mean", Mean, model, at="never")
    with watch.watching():
        model(torch.ones(1, 2, 3))
    assert "saw nothing; none of never was called" in why(asked(watch)[0])


@pytest.mark.parametrize("reentrant", [False, True])
def test_what_is_computed_again_to_save_memory_is_seen_once(reentrant: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh())
    x, n_computed = torch.ones(2, 3, requires_grad=True), list[int]()

    def computed(*_: object) -> None:
        n_computed.append(1)

    model[0].register_forward_hook(computed)
    seen: list[list[object]] = []
    for saves_memory in (False, True):
        watches: list[
            WatchActivations[Mapping[str, float]] | WatchGradients[Mapping[str, float]]
        ] = [
            WatchActivations("norms", each(Norm), model),
            WatchGradients("norms", each(Norm), model),
        ]
        with watches[0].watching(), watches[1].watching():
            given = {"use_reentrant": reentrant}
            output: object = (
                vars(checkpointing)["checkpoint"](model, x, **given) if saves_memory else model(x)
            )
            assert isinstance(output, Tensor)
            backward(output.square().sum())
        seen.append([value_of(watch) for watch in watches])
    assert seen[0] == seen[1]
    assert len(n_computed) == 3


def test_no_layers_output_is_kept_alive() -> None:
    model, outputs = net(), list[weakref.ref[object]]()

    def remember(_module: nn.Module, _given: object, output: object) -> None:
        outputs.append(weakref.ref(output))

    model.head.register_forward_hook(remember)
    activations, gradients = WatchActivations("a", Density, model), WatchGradients("g", Norm, model)
    with activations.watching(), gradients.watching():
        backward(model(batch_of(1))["loss"])
        gc.collect()
        assert [output() for output in outputs] == [None]


def test_a_pass_over_a_loader_is_summed_up_alone() -> None:
    model = net().eval()
    watch = WatchActivations("dead", DeadUnits, model, at=nn.ReLU)
    for numbers in ([1, 2], [3]):
        watch.start()
        with torch.no_grad(), watch.watching():
            for number in numbers:
                watch.update(batch_of(number), model(batch_of(number)))
        rows = torch.cat([batch_of(number)["x"] for number in numbers])
        dead = (nn.functional.linear(rows, *model.encoder[0].parameters()) <= 0).all(dim=0)
        assert watch.finish() == pytest.approx(float(dead.double().mean()))
    assert n_hooks(model) == 0


def test_a_pass_that_sees_nothing_is_an_error() -> None:
    watch = WatchActivations("dead", DeadUnits, net())
    watch.start()
    with watch.watching():
        pass
    with pytest.raises(
        ValidationError, match=r"callback \"dead\": saw nothing; none of encoder.0, .* called"
    ):
        watch.finish()


@pytest.mark.parametrize(
    ("watch", "kind"),
    [
        (WatchActivations("x", Mean, net()), ResultKind.SCORE),
        (WatchActivations("x", lambda: Histogram([0, 1]), net()), ResultKind.ARRAY),
        (WatchActivations("x", Density, net()), ResultKind.PLOT),
        (WatchGradients("x", each(Mean), net()), ResultKind.SCORE_COLLECTION),
        (WatchGradients("x", each(lambda: Histogram([0, 1])), net()), ResultKind.ARRAY_COLLECTION),
        (ParameterGradients("x", each(Density), net()), ResultKind.PLOT_COLLECTION),
    ],
)
def test_all_six_kinds_are_announced(watch: StepCallback, kind: ResultKind) -> None:
    assert watch.result_names == [(kind, "x")]


def test_a_summary_itself_and_the_class_of_a_model_are_told_what_they_are() -> None:
    with pytest.raises(ConfigurationError, match=r"\"x\": .* got a summary itself, a Mean; leave"):
        untyped(WatchActivations, "x", Mean(), net())
    with pytest.raises(ConfigurationError, match=r"makes a summary .*, got 0 from it"):
        untyped(WatchGradients, "x", int, net())
    with pytest.raises(ContractError, match=r"model: got the class Net, .* call it"):
        untyped(ParameterGradients, "x", Mean, Net)
    with pytest.raises(ConfigurationError, match=r"name must .*\n.*every must be at least 1"):
        untyped(WatchActivations, "", Mean, net(), every=0)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def fail_after(loss: Tensor, error: type[BaseException]) -> None:
    backward(loss)
    raise error


def norm_of(tensor: Tensor) -> float:
    return math.sqrt(float(tensor.detach().double().square().sum()))


def asked(watch: StepCallback) -> list[Result | Failure]:
    return data(watch.on_moment(updated_step(), at(1)))


def value_of(watch: StepCallback) -> dict[object, object]:
    (value,) = (result.value for result in asked(watch) if isinstance(result, Result))
    assert is_mapping(value)
    return dict(value)


def why(result: Result | Failure) -> str:
    assert isinstance(result, Failure)
    return result.reason


def backward_kept(loss: Tensor) -> None:
    torch.autograd.backward(loss, retain_graph=True)
