"""Names with any character through a whole run: its record, its files."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer, bind
from artifact_torch.contracts import ResultKind
from artifact_torch.table_comparison import (
    Split,
    TableComparisonPlan,
    TableComparisonResources,
    TableComparisonRoutine,
    table_spec,
)
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.contracts import Kept
from tests.toys import Batches, Fit, Points, Regression, points

NAMES = ["$x_{1$ $", "a/b\\c", "../up", "CON", "a\nb", "A/B\\C", "%s {}", "_"]


def strange(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    numbers = {name: rng.normal(size=20) for name in NAMES[:4]}
    return pd.DataFrame(numbers | {name: rng.choice(NAMES, 20) for name in NAMES[4:]})


class Generates(Regression):
    def generate(self, params: int) -> pd.DataFrame:
        return strange(1).head(params)


def test_a_run_whose_columns_have_strange_names(tmp_path: Path) -> None:
    real = strange(0)
    spec = table_spec(real, cts_features=NAMES[:4], cat_features=NAMES[4:])
    plan = TableComparisonPlan(
        scores=["MEAN_JS_DISTANCE"],
        score_collections=["JS_DISTANCE"],
        array_collections=["MEAN_JUXTAPOSITION"],
        plot_collections=["DISTRIBUTIONS"],
        plots=["CORRELATION_DIFFERENCE"],
    )
    routine = TableComparisonRoutine(spec=spec, plan=plan, params=20, train=Split(real, every=1))
    model = Generates()
    trainer = Trainer[Points, Fit](
        OptimizerStep(model, optimizer=partial(torch.optim.SGD, lr=0.01)),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[bind(routine, model)],
        run_folder=tmp_path / "run",
        progress=False,
    )
    result = trainer.train()
    assert dict(result.failures) == {}
    assert {*result.plot_collections["DISTRIBUTIONS_TRAIN"]} == {*NAMES}
    assert {*result.score_collections["JS_DISTANCE_TRAIN"].columns} == {*NAMES}
    pictures = [*(tmp_path / "run").rglob("*.png")]
    assert len(pictures) == len(NAMES) + 1
    assert len({str(path).casefold() for path in pictures}) == len(pictures)
    assert all(tmp_path / "run" in path.resolve().parents for path in pictures)


def test_rounds_of_pictures_keep_no_more_than_the_first() -> None:
    """A real table with its names escaped was kept for each round."""
    real = pd.DataFrame({"a $b": [0.5, 1.5, 2.5, 4.0], "c": ["$x", "y", "$x", "y"]})
    spec = table_spec(real, cts_features=["a $b"], cat_features=["c"])
    kept = Kept()
    n_kept: list[int] = []
    for at in range(3):
        generated = real.assign(**{"a $b": real["a $b"] + at})
        resources = TableComparisonResources(
            spec=spec, df_real=real, generated=generated, of_real=kept
        )
        comparison = Comparison(resources)
        for plot in ("MEAN_ALIGNMENT", "CORRELATION_HEATMAP_JUXTAPOSITION"):
            comparison.compute(ResultKind.PLOT, plot)
        n_kept.append(len(kept.made))
    assert n_kept == n_kept[:1] * 3
