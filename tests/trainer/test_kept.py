"""A run with a folder: what is in it, how it goes on, and what is refused."""

import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Literal

import pytest
from torch import Tensor, nn, optim

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    RunFolder,
    StepBoundStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    steps,
)
from artifact_torch.contracts import Every, RunState
from artifact_torch.errors import CheckpointError, RunFolderError
from artifact_torch.internal.agreement import is_agreed
from artifact_torch.run_folder import history, read_status
from tests.run_folder.moments import loaded
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression

N_BATCHES = 5


def trainer_of(
    folder: Path | RunFolder | None,
    *,
    n_epochs: int,
    every: Every | Sequence[Every] = 1,
    progress: Literal["lines", False] = False,
) -> Trainer[Points, Fit]:
    """With dropout and a shuffled loader: a run whose random numbers show."""
    own = seeded_regression()
    step = OptimizerStep(own, optimizer=partial(optim.Adam, lr=0.01))
    return Trainer(
        step,
        train_loader=DataLoader(TensorTable(points(20)), batch_size=4, shuffle=True, seed=3),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        best=BestScoreTracker("v"),
        routines=[DataLoaderRoutine(Batches(points(6), 6), scores=[LossCallback("v")])],
        run_folder=folder,
        checkpoint_every=every,
        settings={"lr": 0.01},
        progress=progress,
    )


def same(one: TrainingResult, two: TrainingResult) -> bool:
    return same_weights(one.last_weights, two.last_weights) and one.scores.equals(two.scores)


def test_the_folder_explains_itself(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "toy"
    result = trainer_of(folder, n_epochs=3).train()
    assert result.run_folder == str(folder)
    names = {each.name for each in folder.iterdir()}
    expected = {"record.jsonl", "scores.csv", "settings.json", "status.json", "checkpoints", "best"}
    assert expected <= names
    assert [each["value"] for each in history(folder)] == list(result.scores["v"])
    status = read_status(folder)
    assert status is not None
    assert (status.status, status.epoch, status.step) == ("finished", 3, 3 * N_BATCHES)
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["settings"] == {"lr": 0.01}
    best = loaded(folder / "best" / "weights.safetensors")
    assert result.best_weights is not None
    assert same_weights(best, result.best_weights)
    seeded_regression().load_state_dict(best)  # by anyone


def test_a_folder_is_continued_bit_for_bit(tmp_path: Path) -> None:
    whole = trainer_of(None, n_epochs=4).train()
    trainer_of(tmp_path, n_epochs=1).train()
    trainer_of(tmp_path, n_epochs=3).train()
    result = trainer_of(tmp_path, n_epochs=4).train()
    assert same(result, whole)
    assert [each["value"] for each in history(tmp_path)] == list(whole.scores["v"])


def test_it_says_from_where_it_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer_of(tmp_path, n_epochs=2).train()
    trainer_of(tmp_path, n_epochs=3, progress="lines").train()
    said = f"{tmp_path}: goes on after epoch 2, step 10"
    assert capsys.readouterr().err.splitlines()[0] == said
    caplog.set_level("INFO", "artifact_torch")
    trainer_of(tmp_path, n_epochs=4).train()
    assert f"{tmp_path}: goes on after epoch 3, step 15" in caplog.messages


class Wider(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        output: Tensor = self.layers(points["x"])
        residual = output.flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def test_the_folder_of_another_model_is_refused(tmp_path: Path) -> None:
    trainer_of(tmp_path, n_epochs=2).train()
    before = (tmp_path / "record.jsonl").read_bytes()
    model = Wider()
    weights = {name: each.clone() for name, each in model.state_dict().items()}
    other = Trainer(
        OptimizerStep(model, optimizer=partial(optim.Adam, lr=0.01)),
        train_loader=Batches(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        run_folder=tmp_path,
        progress=False,
    )
    with pytest.raises(CheckpointError, match=r"layers\.0\.weight") as caught:
        other.train()
    assert f"{tmp_path}: holds a run that this trainer cannot go on with; name another" in str(
        caught.value
    )
    assert is_agreed(caught.value)  # on several processes none tells another of it
    assert same_weights(model.state_dict(), weights)
    assert (tmp_path / "record.jsonl").read_bytes() == before


def test_a_folder_in_use_is_refused_with_who_uses_it(tmp_path: Path) -> None:
    second = trainer_of(tmp_path, n_epochs=1)

    class Meanwhile:
        def on_start(self, step: object, state: RunState) -> None:
            with pytest.raises(RunFolderError, match=f"{os.getpid()}"):
                second.train()

    Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(optim.Adam, lr=0.01)),
        train_loader=Batches(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        hooks=[Meanwhile()],
        run_folder=tmp_path,
        progress=False,
    ).train()


def test_a_rewind_stays_one_where_the_process_dies_before_the_next_save(tmp_path: Path) -> None:
    trainer_of(RunFolder(tmp_path, keep=None), n_epochs=4).train()

    class Dies:
        def on_start(self, step: object, state: RunState) -> None:
            raise RuntimeError

    rewound = Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(optim.Adam, lr=0.01)),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=4, shuffle=True, seed=3),
        stop=[EpochBoundStopper(max_n_epochs=4)],
        hooks=[Dies()],
        run_folder=tmp_path,
        progress=False,
    )
    rewound.restore(epoch=2)
    with pytest.raises(RuntimeError):
        rewound.train()
    again = trainer_of(tmp_path, n_epochs=4)
    assert again.restore().n_epochs_elapsed == 2
    assert [int(str(each["epoch"])) for each in history(tmp_path)] == [1, 2]


def test_what_restore_is_asked_for(tmp_path: Path) -> None:
    first = trainer_of(RunFolder(tmp_path / "a", keep=None), n_epochs=4).train()
    trainer = trainer_of(tmp_path / "b", n_epochs=4)
    assert trainer.restore(tmp_path / "a", epoch=3).n_steps == 3 * N_BATCHES
    assert trainer.restore(tmp_path / "a" / "checkpoints", step=10).n_epochs_elapsed == 2
    own = trainer_of(tmp_path / "a", n_epochs=4)
    assert own.restore("best").n_steps == first.best_step
    assert own.restore(epoch=1).n_epochs_elapsed == 1
    with pytest.raises(CheckpointError, match="epoch 9"):
        own.restore(epoch=9)


def test_the_newest_whole_checkpoint_wins(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole = trainer_of(None, n_epochs=4).train()
    trainer_of(tmp_path, n_epochs=3).train()
    newest = max((tmp_path / "checkpoints").glob("epoch_*"))
    file = newest / "tensors.safetensors"
    damaged = bytearray(file.read_bytes())
    damaged[-3] ^= 4
    file.write_bytes(damaged)
    result = trainer_of(tmp_path, n_epochs=4).train()
    assert same(result, whole)
    assert any(newest.name in each for each in caplog.messages)


def test_where_no_checkpoint_is_whole_nothing_begins_anew(tmp_path: Path) -> None:
    trainer_of(tmp_path, n_epochs=2).train()
    manifests = [*(tmp_path / "checkpoints").glob("epoch_*/manifest.json")]
    assert len(manifests) == 2
    for manifest in manifests:
        manifest.write_text("{")
    with pytest.raises(CheckpointError, match="move the folder away to begin anew") as raised:
        trainer_of(tmp_path, n_epochs=2).train()
    assert str(raised.value).count("manifest.json is damaged") == 2
    assert len([*(tmp_path / "checkpoints").glob("epoch_*")]) == 2


def test_a_run_whose_checkpoints_are_gone_says_that_it_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = trainer_of(tmp_path, n_epochs=2).train()
    rmtree(tmp_path / "checkpoints")
    caplog.clear()
    assert same(trainer_of(tmp_path, n_epochs=2).train(), expected)
    told = f"{tmp_path}: holds a run that was at epoch 2, step 10, and no checkpoint to go on from"
    assert caplog.messages[0].startswith(told)


def test_without_a_folder_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    trainer_of(None, n_epochs=2, every=steps(2)).train()
    assert list(tmp_path.iterdir()) == []


def test_a_relative_folder_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    trainer = trainer_of(Path("run"), n_epochs=2)
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert trainer.train().run_folder == str(tmp_path / "run")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_finished_run_that_is_begun_again_saves_nothing(tmp_path: Path) -> None:
    trainer_of(tmp_path, n_epochs=2).train()
    before = sorted(each.name for each in (tmp_path / "checkpoints").iterdir())
    trainer_of(tmp_path, n_epochs=2).train()
    assert sorted(each.name for each in (tmp_path / "checkpoints").iterdir()) == before


def gone_on(folder: Path, *, batch_size: int, n_steps: int) -> None:
    Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(optim.Adam, lr=0.01)),
        train_loader=Batches(points(20), batch_size),
        stop=[StepBoundStopper(max_n_steps=n_steps)],
        run_folder=folder,
        checkpoint_every=steps(1),
        progress=False,
    ).train()


def test_another_loader_within_an_epoch_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone_on(tmp_path, batch_size=4, n_steps=2)
    caplog.clear()
    gone_on(tmp_path, batch_size=4, n_steps=3)
    assert "batches an epoch" not in caplog.text
    gone_on(tmp_path, batch_size=5, n_steps=4)
    assert "train_loader has 4 batches an epoch, the checkpoint was written after batch 3 of 5" in (
        caplog.text
    )


def test_another_loader_after_an_epoch_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone_on(tmp_path, batch_size=4, n_steps=5)
    gone_on(tmp_path, batch_size=4, n_steps=10)
    assert "batches an epoch" not in caplog.text
    gone_on(tmp_path, batch_size=5, n_steps=11)
    assert "train_loader has 4 batches an epoch, the checkpoint was written with 5" in caplog.text
