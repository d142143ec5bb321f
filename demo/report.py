"""What the demo shows and keeps at the end of a run."""

import json
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifact_torch import TrainingResult
from artifact_torch.contracts import Result
from artifact_torch.table_comparison import TableComparisonPlan, TableComparisonResources, TableSpec
from demo.trainer.validation import PLAN

_PACKAGES = ("torch", "pandas", "artifact-core")

_CONTENTS = {
    "distributions.png": "each column, real beside generated",
    "generated.csv": "the generated rows",
    "summary.json": "the scores of these rows, and how the run ended",
    "scores.csv": "every score by epoch and step",
    "plots": "the artifacts that are pictures",
    "arrays": "the artifacts that are arrays",
    "settings.json": "configuration, versions, revision of the source",
    "status.json": "how the run stands",
    "record.jsonl": "all results in their order; the other files are made of it",
    "best": "the weights of the best epoch",
    "checkpoints": "what a run goes on from",
}


def final_scores(spec: TableSpec, real: pd.DataFrame, generated: pd.DataFrame) -> dict[str, float]:
    """artifact-core's scores of exactly this generated table."""
    resources = TableComparisonResources(spec=spec, df_real=real, generated=generated)
    plan = TableComparisonPlan(scores=PLAN.scores)
    computed = plan.execute(resources, plan.result_names)
    return {
        one.name: one.value
        for one in computed
        if isinstance(one, Result) and isinstance(one.value, float)
    }


def share_of_copies(real: pd.DataFrame, generated: pd.DataFrame) -> float:
    """The share of generated rows that are equal to a real row in every column, in [0, 1]."""
    known = set(real.itertuples(index=False, name=None))
    rows = list(generated[list(real.columns)].itertuples(index=False, name=None))
    return sum(row in known for row in rows) / len(rows)


def comparison_table(spec: TableSpec, real: pd.DataFrame, generated: pd.DataFrame) -> pd.DataFrame:
    """One row per column: mean and deviation, or the commonest category and its share."""
    rows: dict[str, dict[str, str]] = {}
    for name in spec.cts_features:
        rows[name] = {"real": _moments(real[name]), "generated": _moments(generated[name])}
    for name in spec.cat_features:
        common = str(real[name].astype(str).mode().iloc[0])
        rows[name] = {
            "real": _share(real[name], common),
            "generated": _share(generated[name], common),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def draw_distributions(
    path: Path, spec: TableSpec, real: pd.DataFrame, generated: pd.DataFrame
) -> None:
    """Write a picture (PNG) with one panel per column, real beside generated."""
    from matplotlib.figure import Figure  # when it is drawn, not before

    names = [*spec.cts_features, *spec.cat_features]
    n_rows = math.ceil(len(names) / 4)
    height = 3 * n_rows
    figure = Figure(figsize=(16, height))
    # a layout that matplotlib finds takes half of the drawing
    figure.subplots_adjust(
        left=0.03, right=0.99, bottom=0.4 / height, top=1 - 0.4 / height, hspace=0.35, wspace=0.18
    )
    for position, name in enumerate(names, start=1):
        axes = figure.add_subplot(n_rows, 4, position)
        if name in spec.cts_features:
            _draw_column(axes, name, _numbers(real[name]), _numbers(generated[name]))
        else:
            _draw_categories(axes, name, _texts(real[name]), _texts(generated[name]))
    _save(figure, path)


def write_summary(
    path: Path,
    result: TrainingResult,
    scores: Mapping[str, float],
    copies: float,
    source: str,
) -> None:
    """`summary.json`: the table, final score per name, epochs, seconds, versions."""
    seconds = {name: round(value, 3) for name, value in asdict(result.seconds).items()}
    summary = {
        "table": source,
        "final_scores": dict(scores),
        "share_of_copied_rows": copies,
        "epochs": result.n_epochs_elapsed,
        "steps": result.n_steps,
        "best_epoch": result.best_epoch,
        "stop_reason": result.stop_reason,
        "seconds": seconds,
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in _PACKAGES},
    }
    path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def contents(folder: Path) -> str:
    """What is in the run folder, a line each."""
    there = {name: words for name, words in _CONTENTS.items() if (folder / name).exists()}
    return "\n".join(f"  {name:18} {words}" for name, words in there.items())


def _moments(column: "pd.Series[float]") -> str:
    return f"{column.mean():.2f} ± {column.std():.2f}"


def _share(column: "pd.Series[str]", category: str) -> str:
    return f"{category}: {(column.astype(str) == category).mean():.1%}"


def _numbers(column: "pd.Series[float]") -> list[float]:
    return [float(value) for value in column]


def _texts(column: "pd.Series[str]") -> list[str]:
    return [str(value) for value in column]


class _Panel(Protocol):
    """The part of matplotlib's `Axes` that is used; its own `**kwargs` are untyped."""

    def stairs(
        self,
        values: NDArray[np.float64],
        edges: NDArray[np.float64],
        /,
        *,
        fill: bool,
        alpha: float,
        label: str,
    ) -> object: ...
    def bar(
        self, x: list[float], height: list[float], width: float, /, *, alpha: float, label: str
    ) -> object: ...
    def set_title(self, label: str, /) -> object: ...
    def set_xticks(self, ticks: list[float], labels: list[str], /) -> object: ...
    def legend(self, *, loc: str) -> object: ...


def _draw_column(panel: _Panel, name: str, real: list[float], generated: list[float]) -> None:
    edges = np.histogram_bin_edges(real, bins=30)
    for values, label in ((real, "real"), (generated, "generated")):
        density: NDArray[np.float64] = np.histogram(values, edges, density=True)[0]
        panel.stairs(density, edges, fill=True, alpha=0.5, label=label)  # one part, not 30 bars
    panel.set_title(name)
    panel.legend(loc="upper right")  # the best place takes a second to find


def _draw_categories(panel: _Panel, name: str, real: list[str], generated: list[str]) -> None:
    categories = sorted({*real, *generated})
    for shift, values, label in ((-0.2, real, "real"), (0.2, generated, "generated")):
        shares = [values.count(category) / len(values) for category in categories]
        centres = [position + shift for position in range(len(categories))]
        panel.bar(centres, shares, 0.4, alpha=0.7, label=label)
    panel.set_xticks([float(position) for position in range(len(categories))], categories)
    panel.set_title(name)


class _Picture(Protocol):
    def savefig(self, fname: Path, /, *, dpi: int) -> None: ...


def _save(picture: _Picture, path: Path) -> None:
    picture.savefig(path, dpi=100)
