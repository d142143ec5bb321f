"""Runs that keep a ledger: what it holds, and that every planted difference is found in it."""

import math
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from operator import methodcaller
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn, optim

from artifact_torch import (
    AlternatingStep,
    AveragedStep,
    ClosureStep,
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    Part,
    TensorTable,
    Trainer,
    ema,
)
from artifact_torch.contracts import TrainingStep, Turn
from artifact_torch.errors import ConfigurationError
from artifact_torch.run_folder.apart import difference
from artifact_torch.run_folder.differing import Difference
from artifact_torch.run_folder.ledger import (
    LEDGER,
    WHATS,
    Ledger,
    LedgerFile,
    What,
    read_ledger,
)
from artifact_torch.trainer import digesting
from artifact_torch.trainer.digests import Sums, feed, hashing
from tests.toys import (
    Batches,
    Fit,
    Points,
    Regression,
    advance,
    points,
    same_weights,
    seeded_regression,
)
from tests.trainer.composed import untyped

N_ROWS, BATCH = 40, 5
Made = Callable[[Regression], TrainingStep[Points, Fit]]


def one_optimizer(model: Regression, **options: object) -> TrainingStep[Points, Fit]:
    adam = partial(optim.Adam, lr=0.01)
    return untyped(OptimizerStep[Points, Fit], model, optimizer=adam, device="cpu", **options)


def in_turn(model: Regression) -> TrainingStep[Points, Fit]:
    """Its layers by two optimizers, one of which moves at every second batch."""

    def play(batch: Points, turn: Turn) -> Fit:
        fit = model(batch)
        turn("first", lambda: model(batch)["loss"])
        loss = turn("last", lambda: model(batch)["loss"])
        return Fit(loss=loss, residual=fit["residual"].detach())

    sgd = partial(optim.SGD, lr=0.1)
    parts = {
        "first": Part(model.layers[0].parameters(), optimizer=sgd, every=2),
        "last": Part(model.layers[3].parameters(), optimizer=sgd),
    }
    return AlternatingStep(model, play=play, parts=parts, device="cpu")


def by_closure(model: Regression) -> TrainingStep[Points, Fit]:
    return ClosureStep(model, optimizer=partial(optim.LBFGS, lr=0.5, max_iter=3), device="cpu")


def averaged(model: Regression) -> TrainingStep[Points, Fit]:
    return AveragedStep(one_optimizer(model), ema(0.9))


KINDS: list[Made] = [
    one_optimizer,
    partial(one_optimizer, clip_norm=0.1),
    partial(one_optimizer, accumulate=3),
    partial(one_optimizer, autocast=torch.bfloat16),
    in_turn,
    by_closure,
    averaged,
]


class Raises:
    """After the last batch of an update, once."""

    def __init__(self, step: TrainingStep[Points, Fit], at: int) -> None:
        self._step, self._at = step, at

    def on_batch(self, step: int, batch: object, output: object) -> None:
        if step == self._at == self._step.n_steps:
            self._at = 0
            raise RuntimeError("planted")


class Nudges:
    """Moves one element of one parameter by one unit in the last place, after the update of a step."""

    def __init__(self, of: TrainingStep[Points, Fit], at: int, tensor: int, element: int) -> None:
        self._step = of
        self._parameters = [*of.model.parameters()]
        self._at, self._tensor, self._element = at, tensor, element

    def on_batch(self, step: int, batch: object, output: object) -> None:
        if step == self._at == self._step.n_steps:
            nudge(self._parameters[self._tensor].detach(), self._element)


def nudge(tensor: Tensor, element: int) -> None:
    flat = tensor.view(-1)
    at = element % len(flat)
    flat[at] = torch.nextafter(flat[at], torch.tensor(math.inf))


def trained(
    folder: Path, kind: Made = one_optimizer, *, seed: int = 3, n_epochs: int = 2, **options: object
) -> Trainer[Points, Fit]:
    trainer = trainer_of(folder, kind(seeded_regression()), seed, n_epochs, **options)
    trainer.train()
    return trainer


def trainer_of(
    folder: Path | None,
    step: TrainingStep[Points, Fit],
    seed: int = 3,
    n_epochs: int = 2,
    **options: object,
) -> Trainer[Points, Fit]:
    table = TensorTable(points(N_ROWS))
    given: dict[str, object] = {
        "train_loader": DataLoader(table, batch_size=BATCH, shuffle=True, seed=seed),
        "stop": [EpochBoundStopper(max_n_epochs=n_epochs)],
        "run_folder": folder,
        "ledger": True,
        "progress": False,
    }
    return untyped(Trainer[Points, Fit], step, **(given | options))


def ledger(folder: Path) -> Ledger:
    found = read_ledger(folder)
    assert found is not None
    assert found.n_damaged == 0
    return found


def parted(folder: Path, other: Path) -> tuple[int, What] | None:
    found = difference(folder, other)
    return None if found.parting is None else (found.parting.step, found.parting.what[0])


def equal(folder: Path, other: Path) -> bool:
    found = difference(folder, other)
    assert "are equal\n" in str(found) or not found.is_equal
    assert found.remarks == []
    return found.is_equal


def digest(*tensors: Tensor) -> bytes:
    made = hashing()[1]()
    feed(made, tensors)
    return made.digest()


def test_it_holds_what_a_hand_written_loop_computes(tmp_path: Path) -> None:
    trained(tmp_path, partial(one_optimizer, clip_norm=0.5))
    model = seeded_regression()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    loader = DataLoader(TensorTable(points(N_ROWS)), batch_size=BATCH, shuffle=True, seed=3)
    rows = iter(ledger(tmp_path).updates)
    for epoch in (1, 2):
        for batch in loader.batches(epoch):
            optimizer.zero_grad()
            loss: Tensor = model(batch)["loss"]
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            advance(optimizer)
            row = next(rows)
            gradients = [each.grad for each in model.parameters() if each.grad is not None]
            assert row["data"].tobytes() == digest(batch["x"], batch["y"])
            assert struct.unpack("<2d", row["loss"].tobytes()) == (loss.item(), loss.item())
            assert row["gradient"].tobytes() == digest(*gradients)
            assert row["parameters"].tobytes() == digest(*[p.detach() for p in model.parameters()])
    assert [*rows] == []


@pytest.mark.parametrize("kind", KINDS)
def test_equal_runs_are_equal_and_train_as_without(kind: Made, tmp_path: Path) -> None:
    one = trained(tmp_path / "one", kind)
    trained(tmp_path / "other", kind)
    bare = trained(tmp_path / "bare", kind, ledger=False)
    assert equal(tmp_path / "one", tmp_path / "other")
    assert ledger(tmp_path / "one").updates["step"].tolist() == [*range(1, one.result.n_steps + 1)]
    assert not (tmp_path / "bare" / LEDGER).exists()
    assert same_weights(dict(one.result.last_weights), dict(bare.result.last_weights))


@pytest.mark.parametrize("kind", KINDS)
def test_another_order_of_batches_is_another_data(kind: Made, tmp_path: Path) -> None:
    trained(tmp_path / "one", kind)
    trained(tmp_path / "other", kind, seed=4)
    assert parted(tmp_path / "one", tmp_path / "other") == (1, "data")


def test_other_first_weights_are_seen_before_the_first_update(tmp_path: Path) -> None:
    trained(tmp_path / "one")
    trainer_of(tmp_path / "other", one_optimizer(seeded_regression(1))).train()
    found = difference(tmp_path / "one", tmp_path / "other")
    assert found.parting is not None
    assert (found.parting.step, found.parting.what) == (0, ["parameters"])
    assert [(each.topic, each.name, each.values) for each in found.begun] == [
        ("seeds", "torch", ("0", "1"))
    ]
    assert "they part before the first update, in the parameters" in str(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [3, 8, 9, 12])
def test_an_interrupted_run_is_equal_to_one_that_was_not(
    kind: Made, at: int, tmp_path: Path
) -> None:
    trained(tmp_path / "one", kind)
    step = kind(seeded_regression())
    trainer = trainer_of(tmp_path / "other", step, callbacks=[Raises(step, at)])
    try:
        trainer.train()
    except RuntimeError:
        trainer.train()
    assert equal(tmp_path / "one", tmp_path / "other")
    assert [each.topic for each in difference(tmp_path / "one", tmp_path / "other").begun] == [
        "parts"
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_that_failed_leaves_nothing_in_the_next(kind: Made, tmp_path: Path) -> None:
    """Its batch was seen, and is seen again by the call that goes on."""
    trained(tmp_path / "one", kind)
    model, n_calls = seeded_regression(), 0

    def fails_once(*_: object) -> None:
        nonlocal n_calls
        n_calls += 1
        if n_calls == 4:
            raise RuntimeError("planted")

    model.register_forward_pre_hook(fails_once)
    trainer = trainer_of(tmp_path / "other", kind(model))
    with pytest.raises(RuntimeError):
        trainer.train()
    trainer.train()
    assert equal(tmp_path / "one", tmp_path / "other")


def test_a_batch_is_as_it_was_loaded(tmp_path: Path) -> None:
    """Whatever the model makes of it in its place."""
    model = seeded_regression()

    def moves(_: nn.Module, inputs: tuple[Points]) -> None:
        inputs[0]["x"].add_(1)

    model.register_forward_pre_hook(moves)
    trainer_of(tmp_path, one_optimizer(model), n_epochs=1).train()
    loader = DataLoader(TensorTable(points(N_ROWS)), batch_size=BATCH, shuffle=True, seed=3)
    expected = [digest(batch["x"], batch["y"]) for batch in loader.batches(1)]
    assert [row["data"].tobytes() for row in ledger(tmp_path).updates] == expected


def test_a_run_that_goes_back_leaves_nothing_of_its_future(tmp_path: Path) -> None:
    trained(tmp_path / "one")
    trainer = trained(tmp_path / "other", n_epochs=3)
    trainer.restore(epoch=1)
    trainer.train(stop=[EpochBoundStopper(max_n_epochs=2)])
    assert equal(tmp_path / "one", tmp_path / "other")


def test_a_shorter_run_is_equal_as_far_as_it_goes(tmp_path: Path) -> None:
    trained(tmp_path / "one", n_epochs=1)
    trained(tmp_path / "other")
    found = difference(tmp_path / "one", tmp_path / "other")
    assert (found.is_equal, found.parting, found.n_compared) == (False, None, 8)
    assert f"{tmp_path / 'one'} ends at step 8, {tmp_path / 'other'} at step 16" in str(found)


def test_what_is_rehearsed_or_made_again_is_not_in_it(tmp_path: Path) -> None:
    trained(tmp_path / "one")
    trainer = trainer_of(tmp_path / "other", one_optimizer(seeded_regression()))
    trainer.rehearse()
    trainer.train()
    trainer.rehearse()
    trainer.replay(9, folder=tmp_path / "one")
    assert equal(tmp_path / "one", tmp_path / "other")


PLACES = st.tuples(st.integers(1, 16), st.integers(0, 3), st.integers(0, 23))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=PLACES)
def test_one_unit_in_the_last_place_of_a_parameter_is_found(
    place: tuple[int, int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    step = one_optimizer(seeded_regression())
    trainer = trainer_of(folder / "other", step, callbacks=[Nudges(step, *place)])
    trainer.train()
    trained(folder / "one")
    assert parted(folder / "one", folder / "other") == (place[0], "parameters")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=PLACES)
def test_one_unit_in_the_last_place_of_a_gradient_is_found(
    place: tuple[int, int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    at, tensor, element = place
    model = seeded_regression()
    step = one_optimizer(model)

    def nudged(gradient: Tensor) -> Tensor:
        other = gradient.clone()
        if step.n_steps == at - 1:
            nudge(other, element)
        return other

    methodcaller("register_hook", nudged)([*model.parameters()][tensor])  # untyped
    trainer_of(folder / "other", step).train()
    trained(folder / "one")
    assert parted(folder / "one", folder / "other") == (at, "gradient")


class Changed:
    """A source one of whose batches has another element."""

    def __init__(self, at: int, element: int) -> None:
        self._inner = Batches(points(N_ROWS), BATCH)
        self._at, self._element = at, element

    def batches(self, epoch: int) -> Iterator[Points]:
        for n, batch in enumerate(self._inner.batches(epoch), start=len(self) * (epoch - 1) + 1):
            x = batch["x"].clone()
            if n == self._at:
                nudge(x, self._element)
            yield Points(x=x, y=batch["y"])

    def __len__(self) -> int:
        return len(self._inner)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(at=st.integers(1, 16), element=st.integers(0, 14), accumulate=st.integers(1, 3))
def test_one_unit_in_the_last_place_of_a_batch_is_found(
    at: int, element: int, accumulate: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    kind = partial(one_optimizer, accumulate=accumulate)
    trained(folder / "one", kind, train_loader=Changed(0, 0))
    trained(folder / "other", kind, train_loader=Changed(at, element))
    epoch, batch = divmod(at - 1, 8)
    step = epoch * -(-8 // accumulate) + batch // accumulate + 1
    assert parted(folder / "one", folder / "other") == (step, "data")


@pytest.mark.parametrize("kind", KINDS)
def test_digests_that_stay_on_the_device_find_the_same(
    kind: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_device(
        step: TrainingStep[Points, Fit], out: digesting.DigestsOut
    ) -> tuple[str, digesting.Digesting]:
        return Sums.NAME, digesting.OnDevice(step.model, step.device, out)

    trained(tmp_path / "on the host", kind)
    monkeypatch.setattr("artifact_torch.trainer.loop.ledger_updates.digesting", on_device)
    monkeypatch.setattr("artifact_torch.trainer.loop.ledger_updates.N_AT_ONCE", 5)
    trained(tmp_path / "one", kind)
    trained(tmp_path / "other", kind)
    step = kind(seeded_regression())
    trainer_of(tmp_path / "nudged", step, callbacks=[Nudges(step, 2, 1, 3)]).train()
    assert ledger(tmp_path / "one").digest == "sums_64"
    assert equal(tmp_path / "one", tmp_path / "other")
    assert parted(tmp_path / "one", tmp_path / "nudged") == (2, "parameters")
    of_kinds = difference(tmp_path / "one", tmp_path / "on the host")
    assert (of_kinds.is_equal, of_kinds.parting, of_kinds.compared) == (False, None, ("loss",))
    assert of_kinds.n_compared == len(ledger(tmp_path / "one").updates)
    assert "only the losses are compared" in of_kinds.remarks[0]


KILLED = """
import os, signal, sys
from pathlib import Path
from artifact_torch import steps
from tests.toys import seeded_regression
from tests.trainer.test_ledger import one_optimizer, trainer_of

class Kills:
    def __init__(self, step):
        self.step = step

    def on_batch(self, step, batch, output):
        if step == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

step = one_optimizer(seeded_regression())
trainer_of(
    Path(sys.argv[1]), step, checkpoint_every=steps(5), callbacks=[Kills(step)]
).train()
"""


def test_a_run_that_is_killed_and_goes_on_is_equal(tmp_path: Path) -> None:
    trained(tmp_path / "one")
    command = [sys.executable, "-c", KILLED, str(tmp_path / "other"), "14"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)  # noqa: S603
    assert done.returncode == -9
    before = ledger(tmp_path / "other").updates["step"].tolist()
    assert before == [*range(1, len(before) + 1)]
    assert len(before) >= 10  # those of the newest checkpoint
    assert parted(tmp_path / "one", tmp_path / "other") is None
    trained(tmp_path / "other")
    assert equal(tmp_path / "one", tmp_path / "other")


def test_what_each_run_was_begun_with_is_compared(tmp_path: Path) -> None:
    trained(tmp_path / "one", settings={"lr": 0.01, "layers": [8, 1]})
    trained(tmp_path / "other", settings={"lr": 0.02, "depth": 2}, validation_seed=7)
    path = tmp_path / "other" / "settings.json"
    text = path.read_text(encoding="utf-8")
    version = f'"torch": "{torch.__version__}"'
    assert version in text
    path.write_text(text.replace(version, '"torch": "1.0.0"'), encoding="utf-8")
    found = difference(tmp_path / "one", tmp_path / "other")
    assert [(each.topic, each.name, *each.values) for each in found.begun] == [
        ("settings", "lr", "0.01", "0.02"),
        ("settings", "layers", "8 1", "-"),
        ("settings", "depth", "-", "2"),
        ("seeds", "validation_seed", "0", "7"),
        ("versions", "torch", torch.__version__, "1.0.0"),
    ]
    assert found.is_equal  # which is of the updates


def test_a_run_without_a_ledger_says_what_to_do(tmp_path: Path) -> None:
    trained(tmp_path / "one")
    trained(tmp_path / "other", ledger=False)
    found: Difference = difference(tmp_path / "one", tmp_path / "other")
    assert not found.is_equal
    assert "nothing is known of single updates" in str(found)
    (remark,) = found.remarks
    assert remark.startswith(
        f"{tmp_path / 'other'} kept no ledger; Trainer(..., ledger=True) keeps"
    )


def test_one_that_began_later_is_compared_from_there(tmp_path: Path) -> None:
    trained(tmp_path / "one")
    trained(tmp_path / "late", ledger=False, n_epochs=1)
    trained(tmp_path / "late")
    found = difference(tmp_path / "one", tmp_path / "late")
    assert (found.parting, found.n_compared, found.is_equal) == (None, 8, False)
    assert "has 8 of its 16 updates" in found.remarks[0]


def test_digests_that_changed_during_a_run_are_not_compared(tmp_path: Path) -> None:
    for name, digests in {"one": ["a", "b"], "other": ["a", "b"]}.items():
        trained(tmp_path / name, n_epochs=1)
        (tmp_path / name / LEDGER).unlink()
        file = LedgerFile(tmp_path / name)
        for step, each in enumerate(digests):
            file.begin(step, each)
            file.add(step + 1, (name if step else "same").ljust(64).encode())
        file.flush()
    found = difference(tmp_path / "one", tmp_path / "other")
    assert found.compared == ("loss",)
    assert "digests of two kinds (a, b and a, b)" in found.remarks[0]


WRONG: list[tuple[Mapping[str, object], str]] = [
    ({"run_folder": None}, "ledger: it is a file of the run folder, and run_folder is None"),
    ({"ledger": "yes"}, "ledger must be True or False, got 'yes'"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_what_cannot_be_meant(options: Mapping[str, object], said: str, tmp_path: Path) -> None:
    step = one_optimizer(seeded_regression())
    with pytest.raises(ConfigurationError) as raised:
        untyped(trainer_of, tmp_path, step, **options)
    assert said in str(raised.value)


def test_its_fields_are_in_the_order_of_an_update() -> None:
    assert WHATS == ("data", "loss", "gradient", "parameters")
    assert np.dtype([(what, "<u8", (2,)) for what in WHATS]).itemsize == 64
