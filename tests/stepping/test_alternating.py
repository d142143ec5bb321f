"""Several optimizers over one model: a GAN against loops written by hand, bit for bit."""

import math
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from typing import Any, TypedDict

import pytest
import torch
from torch import Tensor, nn, optim
from torch.autograd import backward, grad
from torch.nn.functional import softplus
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau, StepLR

from artifact_torch import (
    AlternatingStep,
    DataLoaderRoutine,
    EpochBoundStopper,
    Part,
    Trainer,
    averaged,
    by_score,
    ema,
    per_epoch,
    per_step,
    planned,
)
from artifact_torch.contracts import Moment, Turn
from artifact_torch.errors import CheckpointError, ConfigurationError, ContractError, LossError
from artifact_torch.stopping.stoppers import StepBoundStopper
from tests.toys import Batches, Points, advance, points, same_weights

ADAM = partial(optim.Adam, lr=0.01, betas=(0.5, 0.9))


class Played(TypedDict):
    loss: Tensor
    critic_loss: Tensor


class Gan(nn.Module):
    """Points of three coordinates from noise, and a critic of them."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
        self.critic = nn.Sequential(nn.Linear(3, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
        self.penalty = 0.0

    def sample(self, n: int) -> Tensor:
        made: Tensor = self.generator(torch.randn(n, 2))
        return made

    def critic_loss(self, batch: Points) -> Tensor:
        fake = self.sample(len(batch["x"]))  # its graph reaches the generator
        real = batch["x"].clone().requires_grad_(self.penalty > 0)
        judged: Tensor = self.critic(real)
        loss = softplus(self.critic(fake)).mean() + softplus(-judged).mean()
        if self.penalty:
            (slope,) = grad(judged.sum(), real, create_graph=True)
            loss = loss + self.penalty * slope.square().sum(dim=1).mean()
        return loss

    def generator_loss(self, batch: Points) -> Tensor:
        return softplus(-self.critic(self.sample(len(batch["x"])))).mean()

    def play(self, batch: Points, turn: Turn) -> Played:
        critic = turn("critic", lambda: self.critic_loss(batch))
        generator = turn("generator", lambda: self.generator_loss(batch))
        return Played(loss=generator, critic_loss=critic)


def a_gan(seed: int = 0) -> Gan:
    torch.default_generator.manual_seed(seed)
    return Gan()


def a_step(
    gan: Gan,
    every: int = 2,
    *,
    parts: Mapping[str, Part] | None = None,
    autocast: torch.dtype | None = None,
) -> AlternatingStep[Points, Played]:
    two = {
        "critic": Part(gan.critic, optimizer=ADAM, clip_norm=0.3),
        "generator": Part(gan.generator, optimizer=ADAM, every=every),
    }
    return AlternatingStep(gan, play=gan.play, parts=parts or two, autocast=autocast, device="cpu")


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def batches() -> list[Points]:
    return list(Batches(points(40), 8).batches(1))


@pytest.mark.parametrize("penalty", [0.0, 0.5])
def test_a_few_steps_are_those_of_a_loop_by_hand(penalty: float) -> None:
    gan, by_hand = a_gan(), a_gan()
    gan.penalty = by_hand.penalty = penalty
    critic = ADAM(by_hand.critic.parameters())
    generator = ADAM(by_hand.generator.parameters())
    torch.default_generator.manual_seed(7)
    losses: list[tuple[float, float]] = []
    g_loss = torch.zeros(())
    for index, batch in enumerate(batches()):
        by_hand.zero_grad()
        c_loss = by_hand.critic_loss(batch)
        backward(c_loss)
        nn.utils.clip_grad_norm_(by_hand.critic.parameters(), 0.3)
        advance(critic)
        if index % 2 == 0:
            by_hand.zero_grad()
            g_loss = by_hand.generator_loss(batch)
            backward(g_loss)
            advance(generator)
        losses.append((g_loss.item(), c_loss.item()))
    torch.default_generator.manual_seed(7)
    step = a_step(gan)
    played = [step.update(batch) for batch in batches()]
    step.end_epoch()
    assert [(p["loss"].item(), p["critic_loss"].item()) for p in played] == losses
    assert same_weights(gan.state_dict(), by_hand.state_dict())
    assert step.n_steps == 5
    assert not played[0]["loss"].requires_grad


def test_the_gradient_of_one_part_never_reaches_another() -> None:
    gan = a_gan()
    for parameter in gan.generator[0].parameters():
        parameter.requires_grad_(False)
    prepared = [p.requires_grad for p in gan.parameters()]
    step = a_step(gan, every=3)
    step.update(batches()[0])
    kept = [None if p.grad is None else p.grad.clone() for p in gan.generator.parameters()]
    step.update(batches()[1])  # the critic alone: its loss has the generator in its graph
    for parameter, gradient in zip(gan.generator.parameters(), kept, strict=True):
        assert (parameter.grad is None) == (gradient is None)
        assert gradient is None or parameter.grad is None or torch.equal(parameter.grad, gradient)
    assert kept[0] is None
    assert [p.requires_grad for p in gan.parameters()] == prepared


def test_a_part_that_is_frozen_for_a_while_stays_as_it_is() -> None:
    gan = a_gan()
    step = a_step(gan, every=1)
    gan.critic.requires_grad_(False)
    before = deepcopy(gan.state_dict())
    step.update(batches()[0])
    moved = {name.split(".")[0] for name, p in gan.named_parameters() if not p.equal(before[name])}
    assert moved == {"generator"}
    gan.critic.requires_grad_(True)
    step.update(batches()[1])
    moved = {name.split(".")[0] for name, p in gan.named_parameters() if not p.equal(before[name])}
    assert moved == {"critic", "generator"}


def test_it_learns_mean_and_covariance_of_points() -> None:
    generator = torch.Generator().manual_seed(3)
    mixing = torch.tensor([[1.0, 0.6, 0.0], [0.0, 0.5, 0.3], [0.0, 0.0, 0.2]])
    x = torch.randn(512, 3, generator=generator) @ mixing + torch.tensor([1.0, -2.0, 0.5])
    table = Points(x=x, y=x.sum(dim=1))
    gan = a_gan()
    gan.penalty = 1.0
    adam = partial(optim.Adam, lr=4e-3, betas=(0.0, 0.9))
    step = AlternatingStep(
        gan,
        play=gan.play,
        parts={
            "critic": Part(gan.critic, optimizer=adam),
            "generator": Part(gan.generator, optimizer=adam),
        },
        device="cpu",
    )
    smooth = averaged(step, ema(0.995))
    torch.default_generator.manual_seed(1)
    Trainer(
        smooth,
        train_loader=Batches(table, 128),
        stop=[EpochBoundStopper(max_n_epochs=400)],
        progress=False,
    ).train()
    with torch.no_grad(), smooth.averaged():
        made = gan.sample(4000)
    # three seeds came to 0.013 and 0.053
    assert (made.mean(dim=0) - x.mean(dim=0)).abs().max() < 0.15
    assert (torch.cov(made.T) - torch.cov(x.T)).abs().max() < 0.25
    assert x.mean(dim=0).abs().max() > 1.5  # where it began is far away


def test_validation_sees_the_losses_and_moves_nothing() -> None:
    class Means:
        def __init__(self, name: str) -> None:
            self.name, self.values = name, list[float]()

        def start(self) -> None:
            self.values = []

        def update(self, batch: object, output: Played) -> None:
            self.values.append(output["critic_loss"].item())

        def finish(self) -> float:
            return sum(self.values) / len(self.values)

    gan = a_gan()
    gan.penalty = 0.5  # asks for a gradient, which validation switches off
    step = a_step(gan)
    result = Trainer(
        step,
        train_loader=Batches(points(40), 8),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        routines=[DataLoaderRoutine(Batches(points(), 10), scores=[Means("critic")])],
        progress=False,
    ).train()
    assert result.epoch_scores["critic"].notna().all()
    before = deepcopy(gan.state_dict())
    with torch.no_grad():
        played = step.evaluate(batches()[0])
    assert same_weights(gan.state_dict(), before)
    assert not played["critic_loss"].requires_grad
    assert step.n_steps == 10


@pytest.mark.parametrize("autocast", [None, torch.float16, torch.bfloat16])
def test_it_continues_from_its_state(autocast: torch.dtype | None) -> None:
    """After an odd step, so that the generator's last loss is part of it."""
    through, first, second = a_gan(), a_gan(), a_gan(5)
    steps = [a_step(gan, autocast=autocast) for gan in (through, first, second)]
    parts = batches()

    def run(step: AlternatingStep[Points, Played], part: list[Points]) -> list[float]:
        return [step.update(batch)["loss"].item() for batch in part]

    torch.default_generator.manual_seed(2)
    whole = run(steps[0], parts)
    torch.default_generator.manual_seed(2)
    begun = run(steps[1], parts[:3])
    second.load_state_dict(first.state_dict())
    steps[2].load_state_dict(deepcopy(steps[1].state_dict()))
    assert begun + run(steps[2], parts[3:]) == whole
    assert same_weights(second.state_dict(), through.state_dict())
    assert steps[2].n_steps == steps[0].n_steps == 5


def test_each_part_has_its_schedule_and_its_rate() -> None:
    gan = a_gan()
    step = AlternatingStep(
        gan,
        play=gan.play,
        parts={
            "critic": Part(
                gan.critic,
                optimizer=partial(optim.SGD, lr=1.0),
                schedule=lambda o: by_score(ReduceLROnPlateau(o, factor=0.5, patience=0), "loss"),
            ),
            "generator": Part(
                gan.generator,
                optimizer=partial(optim.SGD, lr=0.1),
                schedule=planned(lambda o, n: per_step(OneCycleLR(o, max_lr=0.2, total_steps=n))),
                every=2,
            ),
        },
    )
    step.plan(5, 2, 9)
    told = step.state_dict()["parts"]
    assert isinstance(told, dict)
    assert told["generator"]["n_planned"] == 5  # at steps 1, 3, 5, 7, 9
    reference = partial(optim.SGD, lr=0.1)([nn.Parameter(torch.ones(1))])
    cycle = OneCycleLR(reference, max_lr=0.2, total_steps=5)
    for batch in batches()[:3]:
        step.update(batch)
    for _ in range(2):
        advance(reference)
        cycle.step()
    assert step.learning_rates == {"critic": 1.0, "generator": reference.param_groups[0]["lr"]}
    for _ in range(2):
        step.after_scores({"loss": 1.0}, Moment(epoch=0, step=3, ends_epoch=False))
    assert step.learning_rates["critic"] == 0.5
    assert list(step.monitored) == ["loss"]


def test_a_per_epoch_schedule_waits_for_the_end_of_an_epoch() -> None:
    gan = a_gan()
    halved = Part(
        gan.critic,
        optimizer=partial(optim.SGD, lr=1.0),
        schedule=lambda o: per_epoch(StepLR(o, 1, gamma=0.5)),
    )
    step = a_step(gan, parts={"critic": halved, "generator": Part(gan.generator, optimizer=ADAM)})
    step.update(batches()[0])
    step.after_scores({}, Moment(epoch=0, step=1, ends_epoch=False))
    assert step.learning_rates["critic"] == 1.0
    step.after_scores({}, Moment(epoch=1, step=1))
    assert step.learning_rates["critic"] == 0.5


def test_the_gradient_norm_is_that_of_all_parts() -> None:
    gan = a_gan()
    nets = {"critic": gan.critic, "generator": gan.generator}
    step = a_step(
        gan, parts={n: Part(net, optimizer=ADAM, clip_norm=1e6) for n, net in nets.items()}
    )
    step.update(batches()[0])
    squares = sum(p.grad.square().sum() for p in gan.parameters() if p.grad is not None)
    assert step.gradient_norm is not None
    assert step.gradient_norm.item() == pytest.approx(math.sqrt(squares), rel=1e-6)


# -- what cannot work ---------------------------------------------------------------------------


def only_critic(gan: Gan) -> Callable[[Points, Turn], Played]:
    def play(batch: Points, turn: Turn) -> Played:
        critic = turn("critic", lambda: gan.critic_loss(batch))
        return Played(loss=critic, critic_loss=critic)

    return play


def twice(gan: Gan) -> Callable[[Points, Turn], Played]:
    def play(batch: Points, turn: Turn) -> Played:
        turn("critic", lambda: gan.critic_loss(batch))
        return gan.play(batch, turn)

    return play


def misnamed(gan: Gan) -> Callable[[Points, Turn], Played]:
    def play(batch: Points, turn: Turn) -> Played:
        return Played(loss=turn("gen", lambda: gan.generator_loss(batch)), critic_loss=batch["x"])

    return play


@pytest.mark.parametrize(
    ("play", "said"),
    [
        (only_critic, "play: gave no turn to ['generator'] at step 1; call turn(name, loss) once"),
        (twice, "play: gave 'critic' a second turn at step 1; give each part one, and every= to"),
        (misnamed, "play: gave a turn to 'gen', which is none of the parts ['critic', 'gener"),
    ],
)
def test_turns_that_do_not_fit_the_parts(
    play: Callable[[Gan], Callable[[Points, Turn], Played]], said: str
) -> None:
    gan = a_gan()
    step = AlternatingStep(
        gan,
        play=play(gan),
        parts={
            "critic": Part(gan.critic, optimizer=ADAM),
            "generator": Part(gan.generator, optimizer=ADAM),
        },
    )
    with pytest.raises(ConfigurationError) as refused:
        step.update(batches()[0])
    assert said in str(refused.value)


def test_options_that_cannot_work_are_refused_together() -> None:
    make = partial(untyped, AlternatingStep)
    gan = a_gan()
    with pytest.raises(ConfigurationError) as refused:
        make(gan, play=3, parts={}, autocast="float16")
    assert str(refused.value) == (
        "AlternatingStep: autocast must be one of (torch.float16, torch.bfloat16), or None, got "
        "'float16'; play must be a function, got 3; parts must be a dict of names and parts, such "
        'as {"critic": Part(...)}, got a dict'
    )
    with pytest.raises(ConfigurationError, match="one part must have every=1: a step is a batch"):
        make(gan, play=gan.play, parts={"critic": Part(gan.critic, optimizer=ADAM, every=2)})
    with pytest.raises(ConfigurationError, match="parts: 'critic' is a Sequential, expected a na"):
        make(gan, play=gan.play, parts={"critic": gan.critic})
    parts = {name: Part(gan.critic, optimizer=ADAM) for name in "ab"}
    with pytest.raises(ConfigurationError, match="'a' and 'b' both train critic.0.weight; give"):
        make(gan, play=gan.play, parts=parts)


def test_an_option_of_a_part_is_told_where_it_goes() -> None:
    gan = a_gan()
    with pytest.raises(ConfigurationError) as refused:
        untyped(AlternatingStep, gan, play=gan.play, optimizer=ADAM, accumulate=2)
    assert str(refused.value) == (
        "AlternatingStep: optimizer= is an argument of each Part, optimizer=..., here; "
        "accumulate= is a larger batch_size of the loader here"
    )


def test_an_error_of_a_part_names_it() -> None:
    gan, other = a_gan(), a_gan()
    parts = {"critic": Part(other.critic, optimizer=ADAM)}
    with pytest.raises(ConfigurationError, match="none of them the model's") as refused:
        AlternatingStep(gan, play=gan.play, parts=parts)
    assert refused.value.__notes__ == ["in part 'critic'"]


def as_loss(value: object) -> Tensor:
    """Whatever it is, for the checkers a tensor."""
    held: dict[str, Any] = {"value": value}
    loss: Tensor = held["value"]
    return loss


LOSSES: list[tuple[Callable[[Tensor], object], str]] = [
    (lambda loss: loss * math.nan, "loss: not finite in the turn of critic at step 1: nan; lower"),
    (lambda loss: loss.detach(), "loss of critic: has no gradient, so no parameter can move"),
    (lambda loss: {"loss": loss}, "loss of critic: got dict, expected a scalar tensor"),
]


@pytest.mark.parametrize(("wrong", "said"), LOSSES)
def test_a_loss_of_a_turn_is_checked_like_any(wrong: Callable[[Tensor], object], said: str) -> None:
    gan = a_gan()
    before = deepcopy(gan.state_dict())

    def play(batch: Points, turn: Turn) -> Played:
        critic = turn("critic", lambda: as_loss(wrong(gan.critic_loss(batch))))
        return Played(loss=critic, critic_loss=critic)

    step = AlternatingStep(gan, play=play, parts={"critic": Part(gan.critic, optimizer=ADAM)})
    with pytest.raises(LossError) as refused:
        step.update(batches()[0])
    assert said in str(refused.value)
    assert same_weights(gan.state_dict(), before)


def test_a_loader_of_other_batches_is_refused_by_the_trainer() -> None:
    class Images(TypedDict):
        pixels: Tensor

    class Loader:
        def batches(self, epoch: int) -> Iterator[Images]:
            raise NotImplementedError

        def __len__(self) -> int:
            return 1

    with pytest.raises(ContractError) as refused:
        untyped(
            Trainer,
            a_step(a_gan()),
            train_loader=Loader(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
        )
    assert "Images" in str(refused.value)
    assert "play= " in str(refused.value)


def test_a_state_of_other_parts_is_refused() -> None:
    gan = a_gan()
    step = a_step(gan)
    state = dict(step.state_dict())
    state["parts"] = {"critic": {}}
    with pytest.raises(CheckpointError, match="has the parts .'critic'., this one .'critic', 'gen"):
        step.load_state_dict(state)


def test_a_run_that_is_restored_within_an_epoch_ends_like_one_that_was_not_stopped() -> None:
    def a_trainer(n_steps: int) -> tuple[Trainer[Points, Played], Gan]:
        gan = a_gan()
        trainer = Trainer(
            averaged(a_step(gan, every=3), ema(0.9)),
            train_loader=Batches(points(40), 8),
            stop=[StepBoundStopper(max_n_steps=n_steps)],
            progress=False,
        )
        return trainer, gan

    through, expected = a_trainer(13)
    through.train()
    first, _ = a_trainer(7)
    first.train()
    state = deepcopy(dict(first.state_dict()))  # random numbers too, before another is built
    second, gan = a_trainer(13)
    second.load_state_dict(state)
    result = second.train()
    assert result.n_steps == 13
    assert same_weights(gan.state_dict(), expected.state_dict())
    average, other = result.averaged_weights, through.result.averaged_weights
    assert average is not None
    assert other is not None
    assert same_weights(average, other)
    assert not same_weights(average, expected.state_dict())
