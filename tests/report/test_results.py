"""`result.report`: with a run folder what is there, without one what the result knows."""

from pathlib import Path

import pytest
from torch import nn

from artifact_torch import (
    EpochBoundStopper,
    OptimizerStep,
    Trainer,
    TrainingResult,
    TrainLoss,
    bind,
)
from artifact_torch.contracts import ArtifactResults, Moment, ResultKind, ResultName
from tests.report.made import Page
from tests.report.test_keeping import trainer_in
from tests.toys import Batches, points, seeded_regression
from tests.trainer.composed import SGD


def read(result: TrainingResult, path: Path) -> Page:
    written = result.report(path)
    assert written == path
    return Page(path.read_text(encoding="utf-8"))


def test_without_a_folder_it_says_the_same_but_for_what_only_a_folder_has(tmp_path: Path) -> None:
    kept = read(trainer_in(tmp_path / "run").train(), tmp_path / "kept.html")
    alone = read(trainer_in(None).train(), tmp_path / "run.html")
    for identity in ("scores", "parts", "settings"):
        assert alone.text_of(identity) == kept.text_of(identity), identity
    assert [each.words for each in kept.all("h3")] == ["loss", "steps per second"]
    assert [each.words for each in alone.all("h3")] == ["loss"]  # seconds of moments
    charts = [
        [
            each.attributes["aria-label"]
            for each in page.all("svg")
            if "chart" in str(each.attributes)
        ]
        for page in (kept, alone)
    ]
    assert charts[0][0] == charts[1][0]
    assert "run ✓ finished 3 epochs completed Epochs 3 Steps 15" in alone.all("header")[0].words


class Draws:
    """Artifacts: figures, one of which cannot be drawn."""

    def __init__(self) -> None:
        self.result_names: list[ResultName] = [
            (ResultKind.PLOT, "fit"),
            (ResultKind.PLOT_COLLECTION, "columns"),
        ]

    def due(self, moment: Moment) -> list[ResultName]:
        return self.result_names

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        from matplotlib.artist import Artist
        from matplotlib.backend_bases import RendererBase
        from matplotlib.figure import Figure

        class Undrawable(Artist):
            def draw(self, renderer: RendererBase) -> None:
                raise ValueError("no such symbol")

        figures = [Figure(figsize=(2, 1)) for _ in range(3)]
        figures[2].add_artist(Undrawable())
        columns = {"age": figures[1], "broken": figures[2]}
        return ArtifactResults(plots={"fit": figures[0]}, plot_collections={"columns": columns})


def test_pictures_in_memory_are_drawn_and_one_that_cannot_be_is_left_out(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=Batches(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=[TrainLoss()],
        routines=[bind(Draws(), model)],
        progress=False,
    )
    page = read(trainer.train(), tmp_path / "drawn.html")
    pictures = [each.attributes["alt"] for each in page.all("img")]
    assert pictures == ["fit after epoch 2, step 10", "columns/age after epoch 2, step 10"]


def test_a_run_that_was_interrupted_says_so(tmp_path: Path) -> None:
    class Fails:
        def on_epoch_end(self, state: object) -> None:
            raise ValueError("no rows")

    trainer = trainer_in(None, Fails())
    with pytest.raises(ValueError, match="no rows"):
        trainer.train()
    page = read(trainer.result, tmp_path / "report.html")
    assert "failed interrupted by ValueError: no rows" in page.all("header")[0].words


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), "stopped"), (SystemExit(3), "stopped"), (OSError("full"), "✕ failed")],
)
def test_it_stands_as_the_folder_of_the_same_run(
    tmp_path: Path, error: BaseException, status: str
) -> None:
    class Ends:
        def on_epoch_end(self, state: object) -> None:
            raise error

    headers: list[str] = []
    for folder in (None, tmp_path / "vae"):
        trainer = trainer_in(folder, Ends())
        with pytest.raises(type(error)):
            trainer.train()
        headers.append(read(trainer.result, tmp_path / "vae.html").all("header")[0].words)
    assert all(each.startswith(f"vae {status} interrupted by") for each in headers)


def test_one_that_has_not_ended_is_not_said_to_be_finished(tmp_path: Path) -> None:
    headers: list[str] = []

    class Looks:
        def on_epoch_end(self, state: object) -> None:
            headers.append(read(trainer.result, tmp_path / "vae.html").all("header")[0].words)

    trainer = trainer_in(None, Looks())
    trainer.train()
    assert len(headers) == 3
    assert all(each.startswith("vae running") for each in headers)
