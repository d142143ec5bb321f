"""Modules that others wrote, joined with a typed function."""

import copy
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypedDict

import pytest
import torch
from torch import Tensor, nn
from torch.optim.sgd import SGD

from artifact_torch import (
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    TensorTable,
    Trainer,
    models,
    with_forward,
)
from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import BatchSource, Model
from artifact_torch.data import mapped
from artifact_torch.errors import ContractError
from artifact_torch.internal.modules import as_module
from tests.toys import advance, same, same_weights


class Digits(TypedDict):
    pixels: Tensor  # [batch, 1, 8, 8]
    label: Tensor  # [batch]


class Classified(TypedDict):
    loss: Tensor
    logits: Tensor


class Block(nn.Module):
    """As in torchvision: two convolutions and what went in."""

    def __init__(self, n_in: int, n_out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.downsample = nn.Sequential(
            nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out)
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        shortcut: Tensor = self.downsample(x)
        return torch.relu(out + shortcut)


class ResNet(nn.Module):
    """Takes images, gives logits, knows nothing of losses."""

    def __init__(self, n_classes: int = 3) -> None:
        super().__init__()
        self.layer1 = nn.Sequential(Block(1, 4), Block(4, 8, 2))
        self.dropout = nn.Dropout(0.25)
        self.fc = nn.Linear(8, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.layer1(x)
        logits: Tensor = self.fc(self.dropout(features.mean(dim=(2, 3))))
        return logits


def classify(net: ResNet, batch: Digits) -> Classified:
    logits: Tensor = net(batch["pixels"])
    return Classified(loss=nn.functional.cross_entropy(logits, batch["label"]), logits=logits)


def resnet(seed: int = 0) -> ResNet:
    torch.default_generator.manual_seed(seed)
    return ResNet()


def digits(n_rows: int = 12) -> Digits:
    generator = torch.Generator().manual_seed(3)
    return Digits(
        pixels=torch.randn(n_rows, 1, 8, 8, generator=generator), label=torch.arange(n_rows) % 3
    )


sgd = partial(SGD, lr=0.1, momentum=0.9)


def by_hand(net: ResNet, batch: Digits, n_steps: int) -> list[float]:
    """The plain loop: what others' code does with the plain net."""
    net.train()
    optimizer = sgd(net.parameters())
    losses: list[float] = []
    torch.default_generator.manual_seed(7)
    for _ in range(n_steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(batch["pixels"]), batch["label"])
        torch.autograd.backward(loss)
        advance(optimizer)
        losses.append(loss.item())
    return losses


def by_step(step: OptimizerStep[Digits, Classified], batch: Digits, n_steps: int) -> list[float]:
    step.model.train()
    torch.default_generator.manual_seed(7)
    return [step.update(batch)["loss"].item() for _ in range(n_steps)]


def test_a_network_for_images_trains_as_in_a_loop_by_hand() -> None:
    plain, joined = resnet(), resnet()
    step = OptimizerStep(with_forward(joined, classify), optimizer=sgd, device="cpu")
    assert by_step(step, digits(), 4) == by_hand(plain, digits(), 4)
    assert same_weights(joined.state_dict(), plain.state_dict())


def test_everything_is_named_as_in_the_net() -> None:
    net = resnet()
    model = as_module(with_forward(net, classify))
    assert list(model.state_dict()) == list(net.state_dict())
    assert "layer1.0.conv1.weight" in model.state_dict()
    assert by_name(model.named_parameters()) == by_name(net.named_parameters())
    assert by_name(model.named_buffers()) == by_name(net.named_buffers())
    assert by_name(modules_of(model)) == by_name(modules_of(net))
    assert [*map(id, model.parameters())] == [*map(id, net.parameters())]
    assert [*map(id, model.buffers())] == [*map(id, net.buffers())]
    assert [*map(id, model.modules())] == [*map(id, net.modules())]
    assert model.get_submodule("layer1.0") is net.layer1[0]


def by_name(named: Iterable[tuple[str, object]]) -> list[tuple[str, int]]:
    return [(name, id(part)) for name, part in named]


class _Named(Protocol):
    """Torch leaves the items of `named_modules` open."""

    def named_modules(self) -> Iterable[tuple[str, nn.Module]]: ...


def modules_of(module: _Named) -> Iterable[tuple[str, nn.Module]]:
    return module.named_modules()


def test_weights_go_into_the_plain_net_and_back() -> None:
    model = as_module(with_forward(resnet(0), classify))
    plain = resnet(1)
    assert not same_weights(plain.state_dict(), model.state_dict())
    plain.load_state_dict(model.state_dict())
    assert same_weights(plain.state_dict(), model.state_dict())
    other = resnet(2)
    model.load_state_dict(other.state_dict())
    assert same_weights(model.state_dict(), other.state_dict())


def test_mode_and_type_are_those_of_the_net() -> None:
    net = resnet()
    model = as_module(with_forward(net, classify))
    model.eval()
    assert not any(part.training for part in net.modules())
    model.train()
    assert all(part.training for part in net.modules())
    model.to(torch.float64)
    assert {each.dtype for each in net.parameters()} == {torch.float64}
    model.requires_grad_(requires_grad=False)
    assert not any(each.requires_grad for each in net.parameters())


def test_hooks_on_the_net_run() -> None:
    net = resnet()
    seen: list[tuple[int, ...]] = []

    def look(module: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
        seen.append(tuple(output.shape))

    net.register_forward_hook(look)
    step = OptimizerStep(with_forward(net, classify), optimizer=sgd, device="cpu")
    step.evaluate(digits(5))
    assert seen == [(5, 3)]


def test_a_copy_has_a_net_of_its_own() -> None:
    model = with_forward(resnet(), classify)
    pickled: Model[Digits, Classified] = pickle.loads(pickle.dumps(model))  # noqa: S301
    before = {name: same_as(weights) for name, weights in model.state_dict().items()}
    for twin in (copy.deepcopy(model), pickled):
        assert same_weights(twin.state_dict(), before)
        OptimizerStep(twin, optimizer=sgd, device="cpu").update(digits())
        assert same_weights(model.state_dict(), before)
        assert not same_weights(twin.state_dict(), before)


def same_as(weights: object) -> Tensor:
    assert isinstance(weights, Tensor)
    return weights.clone()


class _Compiling(Protocol):
    """Torch leaves the parameters of `compile` open."""

    def compile(self, *, backend: str) -> None: ...


def compile_in_place(module: _Compiling) -> None:
    module.compile(backend="eager")


@pytest.mark.parametrize("inside", [True, False])
def test_a_compiled_net_gives_the_same_and_keeps_its_names(inside: bool) -> None:
    plain, net = resnet(), resnet()
    model = with_forward(net, classify)
    compile_in_place(net if inside else as_module(model))
    step = OptimizerStep(model, optimizer=sgd, device="cpu")
    assert by_step(step, digits(), 2) == pytest.approx(by_hand(plain, digits(), 2))
    assert list(step.model.state_dict()) == list(plain.state_dict())


@dataclass
class LanguageModelOutput:
    """What models of Hugging Face return: an object, not a dict."""

    loss: Tensor | None
    logits: Tensor


class LanguageModel(nn.Module):
    """Called as models of Hugging Face are; labels of -100 are left out of the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.wte = nn.Embedding(11, 6)
        self.lm_head = nn.Linear(6, 11, bias=False)
        self.lm_head.weight = self.wte.weight  # tied

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
    ) -> LanguageModelOutput:
        hidden: Tensor = self.wte(input_ids)
        if attention_mask is not None:
            hidden = hidden * attention_mask[..., None]
        logits: Tensor = self.lm_head(hidden)
        loss = None
        if labels is not None:
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        return LanguageModelOutput(loss, logits)


class Tokens(TypedDict):
    input_ids: Tensor
    attention_mask: Tensor
    labels: Tensor


def predict_next(net: LanguageModel, batch: Tokens) -> Classified:
    output: LanguageModelOutput = net(**batch)
    assert output.loss is not None
    return Classified(loss=output.loss, logits=output.logits)


def test_a_model_that_returns_an_object_trains() -> None:
    torch.default_generator.manual_seed(0)
    net = LanguageModel()
    ids = torch.arange(8).reshape(2, 4)
    batch = Tokens(
        input_ids=ids,
        attention_mask=torch.ones(2, 4),
        labels=torch.tensor([[1, 2, 3, -100], [5, 6, -100, -100]]),
    )
    scores = net.wte.weight[ids].detach() @ net.wte.weight.detach().T
    rows = [(0, 0, 1), (0, 1, 2), (0, 2, 3), (1, 0, 5), (1, 1, 6)]
    expected = torch.stack([-torch.log_softmax(scores[a, b], 0)[c] for a, b, c in rows]).mean()
    step = OptimizerStep(with_forward(net, predict_next), optimizer=sgd, device="cpu")
    first = step.update(batch)
    assert first["loss"].item() == pytest.approx(expected.item(), rel=1e-6)
    assert step.update(batch)["loss"] < first["loss"]
    assert list(step.model.state_dict()) == ["wte.weight", "lm_head.weight"]
    assert same(net.wte.weight, net.lm_head.weight)
    assert [name for name, _ in step.model.named_parameters()] == ["wte.weight"]


def of_pixels(pair: list[Tensor]) -> Digits:
    return Digits(pixels=pair[0], label=pair[1])


def of_tokens(pair: list[Tensor]) -> Tokens:
    return Tokens(input_ids=pair[0], attention_mask=pair[0], labels=pair[1])


def pairs() -> "torch.utils.data.DataLoader[tuple[Tensor, ...]]":
    data = torch.utils.data.TensorDataset(torch.zeros(4, 1, 8, 8), torch.zeros(4))
    return torch.utils.data.DataLoader(data, batch_size=2)


def no_loss(net: ResNet, batch: Digits) -> Digits:
    return batch


def test_the_function_is_compared_with_the_other_parts() -> None:
    place = ("model", with_forward(resnet(), classify), Model[Digits, Classified])
    check_contracts(place, ("train_loader", mapped(pairs(), of_pixels), BatchSource[Digits]))
    with pytest.raises(ContractError, match='Tokens has no key "pixels"'):
        check_contracts(place, ("train_loader", mapped(pairs(), of_tokens), BatchSource[Digits]))


def unchecked(net: object, function: object) -> object:
    """As code calls it that no checker has read."""
    call: Callable[..., object] = vars(models)["with_forward"]
    return call(net, function)


def test_a_function_without_a_loss_is_refused() -> None:
    model = unchecked(resnet(), no_loss)
    with pytest.raises(ContractError, match='function= no_loss .*\n.*has no key "loss"'):
        check_contracts(("model", model, Model[Digits, Classified]))


@pytest.mark.parametrize(
    ("net", "function", "expected"),
    [
        (classify, resnet(), "net must be a torch.nn.Module, got a function; the module comes"),
        (ResNet, classify, "got the class ResNet; call it: ResNet(...)"),
        (resnet(), 3, "must be called with the module and one batch, got 3"),
        (resnet(), digits, "got one that cannot be called so (too many positional"),
    ],
)
def test_what_is_no_pair_is_told(net: object, function: object, expected: str) -> None:
    with pytest.raises(ContractError) as caught:
        unchecked(net, function)
    assert str(caught.value).startswith("with_forward: ")
    assert expected in str(caught.value)


def test_messages_name_the_net_and_not_what_is_around_it() -> None:
    def fails(net: nn.Linear, digits: Digits) -> Classified:
        raise RuntimeError(f"{type(net).__name__} of {len(digits['label'])}")

    batch = Digits(pixels=torch.ones(2, 1, 8, 8), label=torch.ones(2))
    trainer = Trainer(
        OptimizerStep(with_forward(nn.Linear(2, 2), fails), optimizer=SGD),
        train_loader=DataLoader(TensorTable(batch), batch_size=2),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
    )
    with pytest.raises(RuntimeError, match="Linear of 2") as caught:
        trainer.train()
    assert "of the training of Linear, whose" in caught.value.__notes__[-1]
